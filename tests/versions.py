"""SUP-09: tests with the lowest versions that pyproject.toml lets in, or the newest: `python -m tests.versions lowest-direct`.

`highest` takes what came out since the pins were made. An environment of its own, which goes again. Nightly.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# What asks the most of the packages, so that each of them is used by one at least: lists, files, sheets, the API, the weekly,
# mails, hooks, jobs, history, search, sign-in, the server itself.
ASKED = [
    "headers",
    "list_page",
    "list_filters",
    "export_files",
    "sheet_guard",
    "api_rows",
    "digest_formats",
    "calendars",
    "sign_in",
    "history",
    "import_statements",
    "jobs",
    "search",
    "start",
    "web_fetching",
]


def main(resolution: str) -> int:
    with tempfile.TemporaryDirectory(prefix="versions-") as place:
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        asked = Path(place) / "pyproject.toml"
        asked.write_text(re.sub(r"constraint-dependencies = \[.*?\n\]\n", "", text, flags=re.S), encoding="utf-8")
        python = f"{place}/venv/bin/python"
        subprocess.run(["uv", "venv", "--quiet", f"{place}/venv"], check=True)
        install = ["uv", "pip", "install", "--quiet", "--python", python, "--resolution", resolution]
        subprocess.run([*install, "-r", "pyproject.toml", "--extra", "postgres", "--group", "dev"], cwd=place, check=True)
        tests = [f"tests/test_{name}.py" for name in ASKED]
        return subprocess.run(
            [python, "-m", "pytest", "-n", "2", "-p", "no:cacheprovider", *tests], cwd=ROOT, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "lowest-direct"))
