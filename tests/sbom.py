"""The list of parts that goes with a release (CycloneDX, group `release`): `python -m tests.sbom FILE.json`.

Made of requirements.txt, so of exactly what is installed, and held against the schema of the format before it is kept.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VERSION = "1.6"


def made() -> str:
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", str(ROOT / "requirements.txt")]
    command += ["--pyproject", str(ROOT / "pyproject.toml"), "--output-format", "JSON", "--spec-version", VERSION]
    command += ["--output-reproducible", "--no-validate"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def faults(text: str) -> str:
    """What the schema has against it; empty where nothing."""
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    error = JsonStrictValidator(SchemaVersion.from_version(VERSION)).validate_str(text)
    return str(error or "")


if __name__ == "__main__":
    bill = made()
    if wrong := faults(bill):
        sys.exit(wrong)
    Path(sys.argv[1]).write_text(bill, encoding="utf-8")
    print(f"{sys.argv[1]}: {bill.count('bom-ref')} parts, as the schema of CycloneDX {VERSION} has them")
