"""Everything that takes bytes from strangers, fed with what its own branches ask for (atheris, group `fuzz`).

    python -m tests.fuzz [NAME …] [--seconds 10] [--kept FOLDER]

Each target of `targets.py` runs in a process of its own, all at once as far as there are cores. An input may take ten seconds
and 1 GB; one that breaks a promise is kept in the folder (`.fuzz/` unless said), as those that opened new branches, which the
next run begins with. Exit code 1 if any was found: mend the fault, and write it down as a plain test.
"""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parent.parent.parent
INPUT_SECONDS, INPUT_MEGABYTES, LONGEST = 10, 1024, 4_000


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(TARGETS)}; all unless said")
    parser.add_argument("--seconds", type=int, default=10, help="for each target")
    parser.add_argument("--kept", type=Path, default=ROOT / ".fuzz", help="where found and remembered inputs stand")
    given = parser.parse_args()
    if strange := set(given.names) - set(TARGETS):
        parser.error(f"there is no {', '.join(sorted(strange))}")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        ends = list(pool.map(lambda name: run(name, given.seconds, given.kept), given.names or TARGETS))
    return max(ends)


def run(name: str, seconds: int, kept: Path) -> int:
    """One target to its end; says in a line what came of it, and in full what broke."""
    remembered, found = kept / name, kept / f"found-{name}-"
    remembered.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.fuzz.inside", name, str(remembered), f"-max_total_time={seconds}"]
    command += [f"-timeout={INPUT_SECONDS}", f"-rss_limit_mb={INPUT_MEGABYTES}", f"-max_len={LONGEST}", "-len_control=20"]
    command += [f"-artifact_prefix={found}", "-print_final_stats=1", "-verbosity=0", "-use_value_profile=0"]
    with TemporaryDirectory(prefix="fuzz-") as folder:
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings", "DATA_DIR": folder, "DATABASE_URL": ""}
        environment["TMPDIR"] = folder  # the fuzzer leaves its process without clearing away
        if TARGETS[name].needs_database:
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"], cwd=ROOT, env=environment, check=True
            )
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, errors="replace", check=False)
    runs = next((line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed_units" in line), "no")
    print(f"{name}: {runs} inputs, {'nothing broke' if done.returncode == 0 else f'BROKE; the input is kept as {found}*'}")
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if not line.startswith(("INFO: ", "WARNING: Failed to find"))]
        print(done.stdout[-6000:], *said[-40:], sep="\n")
    return int(done.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
