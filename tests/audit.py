"""What is known against the versions that we ship (group `release`): `python -m tests.audit [requirements.txt]`.

pip-audit asks an advisory source for each package. Where it is out of reach nothing is known, and that is said: exit code 3,
never "clean". 0: every package was asked about and nothing is known; 1: something is, a package was passed over, or pip-audit
failed for another reason than a connection.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLEAN, FAULTY, UNKNOWN = 0, 1, 3
OUT_OF_REACH = re.compile(
    r"connect|timed? ?out|name resolution|unreachable|no route|proxy|certificate|retries exceeded|\b(403|404|50\d)\b", re.I
)


def asked(requirements: Path) -> tuple[str, str]:
    """What pip-audit says (JSON, empty where it failed) and what it complains of."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--require-hashes", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", "20"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout, done.stderr


def verdict(report: str, complaint: str) -> tuple[int, list[str]]:
    """The exit code and the lines to be said."""
    try:
        packages = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = next((line for line in reversed(complaint.strip().splitlines()) if line.strip()), "no answer")
        return UNKNOWN if OUT_OF_REACH.search(complaint) else FAULTY, [f"NOT AUDITED: {reason[:200]}"]
    passed_over = [one for one in packages if "skip_reason" in one]
    if not packages or len(passed_over) == len(packages):
        reason = passed_over[0]["skip_reason"] if passed_over else "no package was looked at"
        return UNKNOWN, [f"NOT AUDITED: {reason[:200]}"]
    lines = [f"not audited: {one['name']} ({one['skip_reason'][:120]})" for one in passed_over]
    for one in packages:
        lines += [
            f"{one['name']} {one['version']}: {fault['id']}, mended in {fault['fix_versions']}" for fault in one.get("vulns", ())
        ]
    return (FAULTY, lines) if lines else (CLEAN, [f"{len(packages)} packages audited, nothing is known against them"])


if __name__ == "__main__":
    code, said = verdict(*asked(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "requirements.txt"))
    print(*said, sep="\n")
    sys.exit(code)
