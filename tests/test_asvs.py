"""The table of SECURITY.md tells the truth: each requirement of ASVS 5.0 to level 2 has a line, and what shows it exists."""

import re
from collections import Counter

import pytest

from tests import asvs, catalogue

pytestmark = pytest.mark.any_engine
ALL, CARRIED = asvs.requirements(), catalogue.carried()
PLACES = {path.name: path for path in asvs.HERE.rglob("test_*.py")}
# How many requirements of levels 1 and 2 each chapter of the standard has (5.0.0, May 2025).
SIZES = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13, 16: 16, 17: 7}


def headings(name):
    """The anchors of a page, as its headings make them."""
    text = (asvs.HERE.parent / name).read_text(encoding="utf-8")
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def test_every_requirement_has_its_line():
    assert Counter(one.level for one in ALL) == {"1": 70, "2": 183}
    assert len({one.number for one in ALL}) == len(ALL)
    assert Counter(int(one.number.partition(".")[0]) for one in ALL) == SIZES


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.number)
def test_what_is_said_to_show_it_is_there(one):
    assert one.state in asvs.STATES
    assert one.about
    assert one.sources if one.state == "yes" else one.reason, "show it, or say why not"
    for source in one.sources:
        if source.startswith("doc:"):
            name, _hash, anchor = source.removeprefix("doc:").partition("#")
            assert anchor in headings(name), source
        elif catalogue.AN_ID.fullmatch(source):
            assert source in CARRIED, source
        else:
            name, _colons, test = source.partition("::")
            assert name in PLACES, source
            assert not test or f"def {test}(" in PLACES[name].read_text(encoding="utf-8"), source


def test_the_page_is_what_the_table_says():
    text = asvs.PAGE.read_text(encoding="utf-8")
    assert text.partition(asvs.MARK)[2] == asvs.table(), "run: python -m tests.asvs"
