"""The weekly of real and sample issues, pasted back, gives the same records (row 95): items, fields, order."""

import datetime as dt
import json
from pathlib import Path

import pytest

from tanxun.digest import intake
from tanxun.digest.issue import Week
from tanxun.digest.models import Newsletter
from tanxun.digest.publisher import compose, misread, to_text
from tanxun.digest.reader import read
from tanxun.digest.reader.gold import as_gold
from tanxun.digest.vocabulary import current
from tanxun.site import reference
from tests import factory

pytestmark = pytest.mark.django_db
SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.txt"))


def bring_in(path, day):
    user = factory.superuser(username=path.name)
    result = intake.bring_in(path.name, path.read_bytes(), reference_date=dt.date.fromisoformat(day), user=user)
    return result.newsletter, intake.accept_all(result.newsletter, user)


def item_of(item):
    policy, statements = item["policy"], item["statements"]
    if policy:
        policy["topics"].sort()
        for row in policy["targets"] + policy["incentives"]:
            row.pop("text")
    for one in statements:
        one["standards"].sort()
        one["products"].sort()
    return item


def test_samples():
    reference.load()
    for path in SAMPLES:
        Newsletter.objects.all()
        gold = json.loads(path.with_suffix(".json").read_text())
        day = dt.date.fromisoformat(gold["reference_date"])
        from django.db import transaction

        sid = transaction.savepoint()
        newsletter, outcome = bring_in(path, gold["reference_date"])
        issue = compose(Week.of(day))
        text = to_text(issue)
        left = {(d.order) for d, w in outcome.left}
        a, b = as_gold(read(newsletter.text, day, current())), as_gold(read(text, day, current()))
        bad = misread(issue)
        labels = sum(p.startswith("【") for e in issue.entries for p in e.paragraphs)
        kept = [item for item in a["items"] if item["order"] not in left]
        print("==", path.name, len(a["items"]), len(kept), len(b["items"]), "labels", labels, "misread", bad, "标题" in text)
        for d, w in outcome.left:
            print("  left", d.order, d.headline, w)
        for x, y in zip(kept, b["items"]):
            x, y = item_of(x), item_of(y)
            for k in x:
                if x[k] != y[k] and k != "order":
                    if isinstance(x[k], dict) and y[k]:
                        print("DIFF", x["headline"], {n: (x[k][n], y[k][n]) for n in x[k] if x[k][n] != y[k][n]})
                    else:
                        print(
                            "DIFF",
                            x["headline"],
                            k,
                            json.dumps(x[k], ensure_ascii=False),
                            "\n   ",
                            json.dumps(y[k], ensure_ascii=False),
                        )
        for e in issue.entries:
            for p in e.paragraphs:
                if p.startswith("【"):
                    print("   L", p[:150])
        transaction.savepoint_rollback(sid)
    assert 0
