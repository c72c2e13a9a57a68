"""The reader against the whole corpus: two real issues and the team's sample issues, by the rules of `../shared/gold`.

What is read of each issue is scored as the gold's README says; and no body, company or region is ever invented.
"""

import datetime as dt
import importlib.util
import json
from functools import cache
from pathlib import Path

import pytest

from tanxun.digest.reader import read
from tanxun.digest.reader.cleaning import fold
from tanxun.digest.reader.gold import as_gold
from tanxun.digest.reader.vocabulary import key
from tanxun.digest.vocabulary import shipped
from tests.conftest import SHARED

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.txt"))
SCORER = SHARED / "tools" / "score_extraction.py"


@pytest.fixture(scope="module")
def scorer():
    if not SCORER.exists():
        pytest.skip("the scorer does not stand beside this checkout")
    spec = importlib.util.spec_from_file_location("score_extraction", SCORER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def reading(path, day):
    return read(path.read_bytes().decode("utf-8-sig"), dt.date.fromisoformat(day), shipped())


def gold_of(sample):
    return json.loads(sample.with_suffix(".json").read_text(encoding="utf-8"))


def score(scorer, pairs):
    """The scorer's summary over (gold, reading) pairs together."""
    total = scorer.Counts()
    for gold, found in pairs:
        total.merge(scorer.score(gold, as_gold(found))[0])
    return scorer.summary(total)


def told(summary):
    return json.dumps(summary["fields"], indent=1)


def test_core_score_of_the_real_issues(scorer, seeds):
    golds = [json.loads((SHARED / "gold" / f"seed-{at}.json").read_text(encoding="utf-8")) for at in (1, 2)]
    found = score(scorer, [(gold, reading(path, day)) for gold, (path, day) in zip(golds, seeds, strict=True)])
    assert found["core_micro"]["f1"] >= 0.98, told(found)


def test_nothing_in_the_real_issues_needs_a_person(seeds):
    assert [item.needs_person for path, day in seeds for item in reading(path, day).items if item.needs_person] == []


def test_core_score_of_the_sample_issues(scorer):
    golds = [(gold_of(sample), sample) for sample in SAMPLES]
    found = score(scorer, [(gold, reading(sample, gold["reference_date"])) for gold, sample in golds])
    assert found["core_micro"]["f1"] >= 0.96, told(found)
    assert found["core_mean_f1"] >= 0.94, told(found)
    assert {name: one["f1"] for name, one in found["fields"].items() if name in scorer.CORE and one["f1"] < 0.88} == {}


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.stem)
def test_no_body_company_or_region_is_invented(sample):
    """Each is printed in its own item: the company word for word, the body by one of its names, the region by a name of it
    or of a place in it."""
    vocabulary = shipped()
    found = reading(sample, gold_of(sample)["reference_date"])
    for item in found.items:
        printed = key(found.text[item.span.start : item.span.end])
        for one in item.statements:
            assert key(one.company.value) in printed
            if one.body:
                names = [alias for alias, name in vocabulary.bodies.items() if name == one.body.value]
                assert any(key(name) in printed for name in [one.body.value, *names]), one.body.value
            if one.region:
                assert is_printed(one.region, found.text)
        if item.policy and item.policy.lead_region:
            assert is_printed(item.policy.lead_region, found.text)


def is_printed(region, text):
    """Whether the words that the region was read from name it, or a place that it governs."""
    words = fold("".join(text[span.start : span.end] for span in region.spans))
    names = {region.value.name, *(division.short_name for division in shipped().places.chain(region.value.code))}
    parks = [park for park, code in shipped().places.parks.items() if code == region.value.code]
    return bool(words) and any(key(name) in key(words) or key(words) in key(name) for name in [*names, *parks])
