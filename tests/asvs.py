"""OWASP ASVS 5.0 to level 2: tests/asvs.csv says of each requirement which test shows it, or why it is not met.

    python -m tests.asvs             # writes the table of SECURITY.md; tests/test_asvs.py holds it to what stands in the tests

The words are ours; the standard's text is at github.com/OWASP/ASVS. `shown_by` names tests (`test_x.py`, `test_x.py::test_name`),
rows of tests/catalogue.csv (`SEC-20`), and headings of the documentation (`doc:SECURITY.md#sessions`).
"""

import csv
from collections import Counter
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "SECURITY.md"
MARK = "<!-- made by python -m tests.asvs from tests/asvs.csv; do not edit below -->\n"
STATES = {
    "yes": "met",
    "part": "met in part",
    "no": "not met",
    "n/a": "does not apply",
}
CHAPTERS = (
    *("", "Encoding", "Validation and business rules", "Web front end", "API", "Files", "Signing in", "Sessions", "Rights"),
    *("Signed tokens", "OAuth and OpenID Connect", "Cryptography", "Communication", "Configuration", "Data", "Code"),
    *("Log and faults", "WebRTC"),
)


class Requirement(NamedTuple):
    """A requirement and how it stands; `reason` is written wherever it is not simply met."""

    number: str
    level: str
    about: str
    state: str
    shown_by: str
    reason: str

    @property
    def sources(self) -> list[str]:
        return self.shown_by.split(";") if self.shown_by else []


def requirements() -> list[Requirement]:
    with (HERE / "asvs.csv").open(encoding="utf-8", newline="") as file:
        return [Requirement(**line) for line in csv.DictReader(file)]


def table() -> str:
    """All of it as Markdown, with the counts above."""
    counts = Counter(one.state for one in requirements())
    lines = ["", ", ".join(f"{counts[state]} {words}" for state, words in STATES.items()) + "."]
    chapter = ""
    for one in requirements():
        if (number := one.number.partition(".")[0]) != chapter:
            chapter = number
            lines += ["", f"### {chapter}. {CHAPTERS[int(chapter)]}", "", "| no. | level | about | how it stands | shown by |"]
            lines += ["| --- | --- | --- | --- | --- |"]
        shown = "<br>".join(f"`{source.removeprefix('doc:')}`" for source in one.sources)
        stands = STATES[one.state] + (f": {one.reason}" if one.reason else "")
        lines.append(f"| {one.number} | {one.level} | {one.about} | {stands} | {shown} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(text.partition(MARK)[0] + MARK + table(), encoding="utf-8")
