"""★ Row 95 for all inputs: whatever records a week has, its published text says them all again.

`ROUND_TRIP_WEEKS` weeks are drawn (a few in the ordinary suite, 1,000 by night). What was drawn is compared with what is read,
not with what the publisher thinks of it.
"""

import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tanxun.digest.drafting import bare, policy_fields, statement_fields
from tanxun.digest.issue import Choices, Week
from tanxun.digest.publisher import compose, misread, to_text
from tanxun.digest.reader import labels, read
from tanxun.digest.vocabulary import shipped
from tanxun.site import reference
from tests import weeks

pytestmark = pytest.mark.django_db
WEEKS = int(os.environ.get("ROUND_TRIP_WEEKS", "40"))
SECTIONS = ("national", "local", "industry", "other")
drawn = settings(
    max_examples=WEEKS,
    deadline=None,
    derandomize=WEEKS <= 40,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # a week is read in parts of a second: to shrink one takes minutes
)


def values(fields):
    return {name: field["value"] for name, field in fields.items() if field["value"] not in (None, "", [])}


def figure(value):
    return None if value is None else float(value)


def iso(day):
    return day and day.isoformat()


def sentence(text):
    return bare(text).rstrip("。！？；!?; ")


def read_policy(reading, item):
    found = values(policy_fields(item, item.policy, reading.text))
    found["targets"] = [
        (row["indicator"], row["comparator"], figure(row["value"]), row["unit"], row["base"], row["year"])
        for row in found.get("targets", [])
    ]
    found["incentives"] = [
        (figure(row["amount"]), row["currency"], row["kind"], figure(row["cap"]), row["who_qualifies"],
         row["evidence_needed"], row["apply_by"], sentence(row["sentence"]))
        for row in found.get("incentives", [])
    ]  # fmt: skip
    found["documents"] = [(row["title"], row["number"]) for row in found.get("documents", [])]
    found["topics"] = set(found.get("topics", []))
    place = item.policy.lead_region
    found["region"] = place and not place.candidates and place.value.code
    found["park"] = place.value.name if place and found["level"] == "park" else ""
    found.pop("links", None)
    return found


def wanted_policy(one):
    level, code = one["place"]
    dates = ("issued_on", "signed_on", "comment_by", "in_force_on")
    plain = ("declared_issuer_count", "issuing_bodies", "key_points", "stage", "form", "content_type")
    found = {name: iso(one[name]) for name in dates} | {name: one[name] for name in plain}
    found = {name: value for name, value in found.items() if value not in (None, "", [])}
    return found | {
        "level": level,
        "region": code,
        "park": one["park_name"] if level == "park" else "",
        "topics": one["topics"],
        "documents": [(row["title"], row["number"]) for row in one["documents"]],
        "targets": [
            (row["indicator"], row["comparator"], figure(row["value"]), row["unit"], row["base"], row["year"])
            for row in one["targets"]
        ],
        "incentives": [
            (figure(row["amount"]), row["currency"], row["kind"], figure(row["cap"]), row["who_qualifies"],
             row["evidence_needed"], iso(row["apply_by"]), sentence(row["sentence"]))
            for row in one["incentives"]
        ],
    }  # fmt: skip


def read_statement(one):
    found = values(statement_fields(one))
    result = found.pop("result", None)
    kept = {name: found.get(name) for name in ("company", "statement_type", "certificate_number", "consultant", "announced_on")}
    return kept | {
        "body": found.get("verification_body"),
        "region": (found.get("region") or {}).get("code"),
        "result": result and (figure(result["value"]), result["unit"]),
        "valid_until": found.get("valid_until"),
        **{name: set(found.get(name, ())) for name in ("products", "standards", "categories", "scopes")},
    }


def wanted_statement(one, mark):
    return {
        "company": one["company"],
        "statement_type": one["type"],
        "certificate_number": f"{one['certificate_number']}{mark}" if one["certificate_number"] else None,
        "consultant": one["consultant"],
        "announced_on": iso(one["announced_on"]),
        "body": one["body"],
        "region": one["region"],
        "result": one["result"] and (figure(one["result"][0]), one["result"][1]),
        "valid_until": iso(one["valid_until"]),
        **{name: set(one[name]) for name in ("products", "standards", "categories", "scopes")},
    }


def what_is_read(text):
    reading = read(text, weeks.SUNDAY, shipped())
    for item in reading.items:
        head = (item.section.value, item.kind.value, item.headline.value)
        if item.kind.value == "policy":
            yield (*head, read_policy(reading, item), len(item.statements))
        elif item.kind.value == "statement":
            yield (*head, [read_statement(one) for one in item.statements], item.policy)
        else:
            body = labels.unlabelled(reading.text[item.span.start : item.span.end].partition("\n")[2])
            yield (*head, [weeks.kept(row) for row in body.splitlines() if row.strip()])


def what_was_drawn(items):
    numbered = sorted(enumerate(items, start=1), key=lambda pair: SECTIONS.index(pair[1]["section"]))
    for order, one in numbered:
        head = (one["section"], one["kind"], one["headline"])
        if one["kind"] == "policy":
            yield (*head, wanted_policy(one), 0)
        elif one["kind"] == "statement":
            yield (*head, [wanted_statement(each, f"{order}{at}") for at, each in enumerate(one["statements"], start=1)], None)
        else:
            yield (*head, one["text"])


def test_every_drawn_week_is_read_back_as_it_was():
    reference.load()

    @drawn
    @given(weeks.weeks(), st.booleans())
    def holds(items, has_notes):
        with transaction.atomic():
            weeks.store(items)
            issue = compose(Week.of(weeks.SUNDAY))
            if has_notes:  # what the editor adds is no part of any record
                notes = {entry.key: "编者：获绿色工厂名单，印发《办法》" for entry in issue.entries}
                issue = compose(Week.of(weeks.SUNDAY), Choices(notes=notes))
            assert list(what_is_read(to_text(issue))) == list(what_was_drawn(items))
            assert misread(issue) == []
            transaction.set_rollback(True)

    holds()
