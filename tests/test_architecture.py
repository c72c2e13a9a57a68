"""The walls of the house: sizes, names and templates, as README and design promise them."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.any_engine

ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = {"manage.py", "pyproject.toml", "README.md", "LICENSE", "requirements.txt"}
TOP_LEVEL |= {"SECURITY.md", "tanxun", "certifications", "policies", "templates", "tests", "deploy"}
FORBIDDEN_NAMES = {"services", "utils", "helpers", "common", "managers", "signals", "misc"}


def tracked(pattern: str = "*") -> list[Path]:
    listing = subprocess.run(["git", "ls-files", "--", pattern], cwd=ROOT, capture_output=True, text=True, check=True)
    names = listing.stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).exists()]


PYTHON = [path for path in tracked("*.py") if "migrations" not in path.parts]
TEMPLATES = tracked("*.html")


def test_nothing_else_stands_at_the_top():
    top = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


@pytest.mark.parametrize("path", PYTHON, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_stay_within_their_walls(path):
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 500
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 50, f"{node.name} is longer than 50 lines"


@pytest.mark.parametrize("kind", ["*.css", "*.js", "*.html"])
def test_what_browsers_get_stays_within_the_wall_too(kind):
    assert [path.name for path in tracked(kind) if path.read_text(encoding="utf-8").count("\n") > 500] == []


def test_no_attic():
    assert not [path for path in PYTHON if path.stem in FORBIDDEN_NAMES]


def test_modules_open_with_what_they_are_for():
    plain = {"__init__", "apps", "conftest"}
    spoken_for = [path for path in PYTHON if path.stem not in plain]
    assert not [path for path in spoken_for if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT)))
def test_templates_keep_the_strict_policy(path):  # SEC-25
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline script"
    assert not re.search(r"\sstyle=|\son[a-z]+=", text), "inline style or handler"
    assert "|safe" not in text, "prints markup out of a record as it stands: whoever enters a name could run a script"
    assert "autoescape off" not in text, "the same, for all that stands within"


def test_the_catalogue_is_made_of_names_that_its_maker_knows():
    """A string that is marked by another name is never collected, and so never translated."""
    strange = [
        (path, one.asname)
        for path in PYTHON
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for one in node.names
        if one.asname not in (None, "_")
    ]
    assert not strange


def test_no_star_imports():
    for path in PYTHON:
        assert not re.search(r"^from .* import \*", path.read_text(encoding="utf-8"), re.M), path


def test_no_tracked_file_names_a_package_index():
    hosts = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", r"registry\.npm" + "js", r"files\.python")))
    texts = [path for path in tracked() if path.suffix not in {".mo", ".png", ".docx"}]
    assert not [path.name for path in texts if hosts.search(path.read_text(encoding="utf-8"))]
    assert not [path for path in tracked() if path.name in {"uv.lock", "poetry.lock", "package-lock.json"}]
