"""Six whole issues written by the team, in layouts of their own, against what a careful person read out of them."""

import datetime as dt
import json
from pathlib import Path

import pytest

from tanxun.digest.reader import read
from tanxun.digest.reader.gold import as_gold
from tanxun.digest.vocabulary import shipped

pytestmark = pytest.mark.any_engine

SAMPLES = Path(__file__).parent / "samples"
STATEMENT = ("company", "region_code", "type", "products", "body", "standards", "categories", "scopes", "announced_on")
POLICY = ("documents", "issuers", "level", "issued_on")


def read_sample(number):
    gold = json.loads((SAMPLES / f"{number}.json").read_text(encoding="utf-8"))
    text = (SAMPLES / f"{number}.txt").read_bytes().decode("utf-8")
    return gold, as_gold(read(text, dt.date.fromisoformat(gold["reference_date"]), shipped()))


def facts(issue):
    """What is compared value by value, one entry for each item."""
    return [
        {
            **{name: item[name] for name in ("section", "kind", "headline")},
            **({name: item["policy"][name] for name in POLICY} if item["policy"] else {}),
            "region": (item["policy"] or {}).get("lead_region"),
            "statements": [{name: one[name] for name in STATEMENT} for one in item["statements"]],
        }
        for item in issue["items"]
    ]


def numbers(item, kept=lambda one: True):
    """(value, unit) of the targets and (amount, unit) of the incentives."""
    policy = item["policy"] or {"targets": [], "incentives": []}
    return (
        [(one["value"], one["unit"]) for one in policy["targets"] if kept(one)],
        [(one["amount"], one["unit"]) for one in policy["incentives"] if kept(one)],
    )


@pytest.mark.parametrize("number", ["01", "02", "03", "04", "05", "06"])
def test_items_statements_and_policies_of_a_whole_issue(number):
    gold, found = read_sample(number)
    assert (found["title"], found["published_on"]) == (gold["title"], gold["published_on"])
    assert facts(found) == facts(gold)


@pytest.mark.parametrize("number", ["01", "02", "03", "04", "05", "06"])
def test_numbers_of_targets_and_incentives_of_a_whole_issue(number):
    gold, found = read_sample(number)
    for wanted, item in zip(gold["items"], found["items"], strict=True):
        assert numbers(item) == numbers(wanted, lambda one: not one.get("optional")), item["headline"]
