"""Crafted text of any length costs no more than its length (LOAD-12; CWE-400, 1333): four times the text, four times the work.

Compared is the processor's time for one text with that for four times as much, so a slow or busy machine changes nothing: a
pattern that tries again at every place takes sixteen times as long, and is far above LINEAR. Filters have further cases in
test_list_hostile.py, whole newsletters in test_reader_properties.py, sheets in test_sheet_guard.py.
"""

import gc
import re
import time

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from certifications.forms import code_and_edition
from certifications.sheets import cells, heads
from policies.models import DOCUMENT_NUMBER
from tanxun.digest.passages import difference, sentences
from tanxun.digest.sources import SourceError, text_of
from tanxun.listing.export import guarded
from tanxun.listing.page import OWN_PARAMETERS, InvalidParametersError, find, page_slugs
from tanxun.listing.trees import branches_named
from tanxun.regions.names import load
from tanxun.search import fold, lit, question, tokens
from tests.effort import IS_NIGHTLY

BYTES = 5_000
LINEAR = 9  # times as long for four times as much, with room for what a processor keeps at hand
TRIFLE = 0.03  # seconds that are not compared: in so little time nothing tried again at every place of 20 kB is over
TURNS = 4

UNITS = ["碳", "a", "1", "A1", "1,", "a-1/", " ", "\t", "\u3000 ", "。", "碳。", "a\n", " \n", ";", '"', "-", "- ", '-"a" ']
UNITS += [
    "(",
    "（a",
    "〔2026〕",
    "〔",
    "2026年",
    "1月",
    "<",
    "<p>",
    "&amp;",
    "data:a/a;base64,",
    "#REF!",
    "江苏昆山",
    "裏",
    "\ufdfa",
]
END = "x\n"  # what a pattern anchored at its end does not take

FUNCTIONS = {
    "fold": fold.fold,
    "search text": fold.search_text,
    "bare": fold.bare,
    "name key": fold.match_key,
    "number key": fold.number_key,
    "pinyin": fold.syllables.__wrapped__,
    "words of the index": lambda text: tokens.words_of([fold.fold(text)]),
    "words asked for": tokens.needles_of,
    "lit sentence": lambda text: lit.lit([text], ["碳", "足迹", "abc"]),
    "lit name": lambda text: lit.named(text, ["碳", "abc", "hezj"]),
    "search box": question.parse,
    "place": lambda text: load().lookup_path(text),
    "begin of a place": lambda text: load().prefix(text),
    "cell": cells.text_of,
    "day": cells.day,
    "period": cells.period,
    "figure": cells.tonnes,
    "numbers": cells.numbers_to(6),
    "several": cells.several,
    "head": heads.head_key,
    "standard": code_and_edition,
    "document number": DOCUMENT_NUMBER.match,
    "guard of files": guarded,
    "HTML": lambda text: text_of("week.html", text.encode()),
    "plain text": lambda text: text_of("week.txt", text.encode()),
    "sentences": lambda text: sentences(text, 0, len(text), [("company", 1, 5)]),
    "what changed": lambda text: difference(text, f"{text[1:]}x"),
}


def seconds(work, text):
    """Of the processor, for one turn; what is refused has been read as well."""
    gc.disable()
    begin = time.process_time()
    try:
        work(text)
    except (ValidationError, SourceError, InvalidParametersError):
        pass
    finally:
        taken = time.process_time() - begin
        gc.enable()
    return taken


def grows(work, unit, size=BYTES):
    """How many times as long four times the text takes: the least of several turns; 1 where it takes next to nothing."""
    times = size // len(unit.encode())
    found = []
    for _turn in range(TURNS):
        much = seconds(work, unit * (4 * times) + END)
        if much < TRIFLE:
            return 1
        found.append(much / max(seconds(work, unit * times + END), TRIFLE / 4))
        if found[-1] <= LINEAR:
            break
    return min(found)


@pytest.mark.any_engine
@pytest.mark.parametrize("name", FUNCTIONS)
def test_four_times_the_text_takes_about_four_times_as_long(name):
    for unit in UNITS:
        assert grows(FUNCTIONS[name], unit) <= LINEAR, unit


LARGE = 200_000  # bytes
GOAL, CEILING = 0.2, 4.0  # seconds: what a quiet machine stays below, and what no machine of a test may need


@pytest.mark.any_engine
def test_two_hundred_kilobytes_of_anything_are_read_soon():
    """LOAD-12: 200 KB through each function, of some units by day, of all of them by night (HYPOTHESIS_PROFILE=nightly); the
    slowest are printed beside the goal of 200 ms."""
    found = []
    for number, (name, work) in enumerate(FUNCTIONS.items()):
        for unit in UNITS if IS_NIGHTLY else UNITS[number % 8 :: 8]:
            text = unit * (LARGE // len(unit.encode())) + END
            found.append((seconds(work, text), name, unit))
    found.sort(reverse=True)
    slow = [f"{name} of {unit!r} {taken * 1000:.0f} ms" for taken, name, unit in found[:5]]
    above = sum(taken > GOAL for taken, _name, _unit in found)
    print(f"\n200 KB, {len(found)} cases, {above} above the goal of {GOAL * 1000:.0f} ms; the slowest: {'; '.join(slow)}")
    assert found[0][0] < CEILING, found[0]


def parameters():
    of_page = {slug: (*find(slug).filterset_class.base_filters, *OWN_PARAMETERS, "unknown") for slug in page_slugs()}
    return [(slug, name) for slug, names in of_page.items() for name in names]


@pytest.mark.any_engine  # refused before a database is asked
@pytest.mark.django_db
@pytest.mark.parametrize(("slug", "name"), parameters())
def test_every_parameter_refuses_a_long_text_in_time_that_grows_with_it(slug, name):
    page = find(slug)

    def ask(text):
        params = QueryDict(mutable=True)
        params[name] = text
        with pytest.raises(InvalidParametersError):
            page.rows(params)
        raise InvalidParametersError({}, None)

    for unit in ("碳", "1,", "company,", "a-", "%"):
        assert grows(ask, unit) <= LINEAR, unit


@pytest.mark.django_db
def test_a_place_of_any_length_is_looked_for_in_time_that_grows_with_it(client):
    for unit in ("江苏", "江苏昆山", "a", "市"):
        assert grows(lambda text: list(branches_named(text)), unit) <= LINEAR, unit


@pytest.mark.any_engine
def test_the_measure_tells_what_tries_again_at_every_place():
    """The patterns that this test once found: digits parted in every way, blanks before something that does not come."""
    parted = re.compile(r"[\d,]*\.?\d+(?:[^\d].*)?")
    waiting = re.compile(r"^(.+?)\s*[:-]\s*\d{4}$")
    assert grows(parted.fullmatch, "1", 1_200) > LINEAR
    assert grows(waiting.match, " ", 1_200) > LINEAR


def test_a_passage_that_lies_beyond_its_text_is_empty():
    """Of a text that somebody shortened in the database: it must not be looked for without end."""
    assert sentences("短。", 10, 20, []) == []
    assert [one.says for one in sentences("短。长。", 0, 50, [("a", 2, 60)])] == ["", "a"]
