"""What must never happen and how each case is tried: tests/catalogue.csv beside the tests that carry its ids.

    python -m tests.catalogue        # writes tests/catalogue.md; tests/test_catalogue.py holds it to what stands in the tests

A test carries a row by naming its id: in its docstring or a comment, in those of its module, or in the data that it draws from.
"""

import ast
import csv
import re
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
PAGE = HERE / "catalogue.md"
GROUPS = {
    "FLT": "Filters, search, ordering, paging",
    "NWS": "Newsletter text",
    "IMP": "Spreadsheets in",
    "ADM": "Admin and forms",
    "API": "API",
    "UPL": "Uploads and attachments",
    "EXP": "Files out",
    "ALR": "Saved filters, mail, feeds, calendars",
    "OPS": "Processes, jobs, time",
    "DB": "Database faults",
    "HA": "High availability",
    "LOAD": "Load",
    "SEC": "Security",
    "DATA": "Data keeping and upgrade",
    "SUP": "Supply chain",
}
AN_ID = re.compile(rf"\b({'|'.join(GROUPS)})-(\d\d)\b(?: (?:…|to) (?:\1-)?(\d\d)\b)?")
HEAD = """# What must never happen, and how it is tried

Made by `python -m tests.catalogue` from `tests/catalogue.csv` and the tests; do not edit.
"""


class Row(NamedTuple):
    """A case. `reason` tells why no test carries it, `lifted_by` what would change that; both empty for most."""

    id: str
    by: str
    case: str
    expected: str
    reason: str
    lifted_by: str


def rows() -> list[Row]:
    with (HERE / "catalogue.csv").open(encoding="utf-8", newline="") as file:
        return [Row(**line) for line in csv.DictReader(file)]


def ids_in(text: str) -> set[str]:
    """The ids that a text names: `API-02`, and every one of `API-02 … 07`."""
    found = set()
    for group, first, last in AN_ID.findall(text):
        found |= {f"{group}-{number:02}" for number in range(int(first), int(last or first) + 1)}
    return found


def carried() -> dict[str, list[str]]:
    """{id: where it is tried}: `test_x.py` or `test_x.py::test_name`, and the command of what is no test."""
    where = defaultdict(set)
    for path in sorted(set(HERE.rglob("test_*.py")) - {HERE / "test_catalogue.py"}):
        name, source = str(path.relative_to(HERE)), path.read_text(encoding="utf-8")
        rest = source.splitlines()
        for part in ast.parse(source).body:
            if isinstance(part, ast.FunctionDef) and part.name.startswith("test_"):
                first = min([part.lineno, *(each.lineno for each in part.decorator_list)]) - 1
                for one in ids_in("\n".join(rest[first : part.end_lineno])):
                    where[one].add(f"{name}::{part.name}")
                rest[first : part.end_lineno] = [""] * (part.end_lineno - first)
        for one in ids_in("\n".join(rest)):
            where[one].add(name)
    for path in sorted((HERE / "load").glob("*.py")):
        for one in ids_in(path.read_text(encoding="utf-8")):
            where[one].add(f"python -m tests.load --only {one}")
    for path in sorted(path for path in HERE.glob("*.py") if not path.name.startswith(("test_", "catalogue"))):
        source = path.read_text(encoding="utf-8")
        if "__main__" in source:  # the steps of a night
            for one in ids_in(ast.get_docstring(ast.parse(source)) or ""):
                where[one].add(f"python -m tests.{path.stem}")
    return {one: sorted(places) for one, places in where.items()}


def page() -> str:
    """The whole catalogue as Markdown."""
    where, lines = carried(), [HEAD]
    for group, title in GROUPS.items():
        lines += ["", f"## {title} ({group})", "", "| id | case | expected | tried by |", "| --- | --- | --- | --- |"]
        lines += [line(row, where.get(row.id, [])) for row in rows() if row.id.split("-")[0] == group]
    return "\n".join(lines) + "\n"


def line(row: Row, places: list[str]) -> str:
    shown = [f"`{place}`" for place in places[:4]] + [f"{len(places) - 4} more"] * (len(places) > 4)
    if row.reason:
        shown.append(f"no test: {row.reason} Lifted by: {row.lifted_by}")
    shown = shown or ["**not yet**"]
    cells = (row.id, row.case, row.expected, "<br>".join(shown))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    missing = [row.id for row in rows() if not row.reason and row.id not in carried()]
    print(f"{len(rows())} rows, {len(missing)} without a test: {' '.join(missing)}")
