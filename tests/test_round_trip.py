"""★ Row 95 for all inputs: whatever records a week has, its published text says them all again.

`ROUND_TRIP_WEEKS` weeks are drawn (a few in the ordinary suite, 1,000 by night). What was drawn is compared with what is read,
not with what the publisher thinks of it.
"""

import datetime as dt
import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tanxun.digest import publisher
from tanxun.digest.amendments import MODELS
from tanxun.digest.drafting import bare, policy_fields, statement_fields
from tanxun.digest.entry import is_said
from tanxun.digest.issue import Choices, Week
from tanxun.digest.models import NewsItem
from tanxun.digest.publisher import compose, misread, to_text
from tanxun.digest.reader import labels, read
from tanxun.digest.vocabulary import shipped
from tanxun.site import reference
from tests import factory, weeks, weeks_stored

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]
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
    return day.isoformat() if hasattr(day, "isoformat") else day


def loose(day, precision):
    return day and day.isoformat()[: {"day": 10, "month": 7, "year": 4}[precision]]


def sentence(text):
    return bare(weeks.kept(text)).rstrip("。！？；!?; ")


def read_policy(reading, item):
    fields = policy_fields(item, item.policy, reading.text)
    found = values(fields)
    found["targets"] = [target(row) for row in found.get("targets", [])]
    found["incentives"] = [incentive(row) for row in found.get("incentives", [])]
    found["documents"] = [(row["title"], row["number"]) for row in found.get("documents", [])]
    taken = zip(found.get("links", []), fields.get("links", {"each": []})["each"], strict=True)
    found["links"] = [link(row) for row, confidence in taken if is_said(row["kind"], confidence)]
    found["topics"] = set(found.get("topics", []))
    place = item.policy.lead_region
    found["region"] = place and not place.candidates and place.value.code
    found["park"] = place.value.name if place and found["level"] == "park" else ""
    return found


def wanted_policy(one):
    level, code = one["place"]
    plain = ("declared_issuer_count", "issuing_bodies", "stage", "form", "content_type")
    found = {name: loose(*one[name]) for name in weeks.LOOSE} | {name: one[name] for name in plain}
    found |= {"key_points": list(map(weeks.kept, one["key_points"]))}
    found = {name: value for name, value in found.items() if value not in (None, "", [])}
    return found | {
        "level": level,
        "region": code,
        "park": (one["park_name"] or factory.REGIONS[code][0]) if level == "park" else "",
        "topics": one["topics"],
        "documents": [(row["title"], row["number"]) for row in one["documents"]],
        "targets": [target(row) for row in one["targets"]],
        "incentives": [incentive(row) for row in one["incentives"]],
        "links": [link(row) for row in one["links"]],
    }


def target(row):
    plain = tuple(row[name] for name in ("indicator", "comparator", "unit", "base", "year"))
    return (*plain, figure(row["value"]), sentence(row["sentence"]))


def incentive(row):
    plain = tuple(row[name] for name in ("currency", "kind", "who_qualifies", "evidence_needed"))
    return (
        *plain,
        *map(figure, (row["amount"], row["cap"])),
        iso(row["apply_by"]),
        set(row["topics"]),
        sentence(row["sentence"]),
    )


def link(row):
    return row["kind"], row["title"], sentence(row["sentence"])


SETS = ("products", "standards", "categories", "scopes")


def read_statement(one):
    found = values(statement_fields(one))
    result = found.get("result")
    return {name: found.get(name) for name in (*weeks.PLAIN, *PRINTED)} | {
        "body": found.get("verification_body"),
        "is_hidden": bool(found.get("is_body_undisclosed") or not found.get("verification_body"))
        and found.get("statement_type") not in weeks.LISTS,  # as the desk has it
        "region": (found.get("region") or {}).get("code"),
        "result": result and (figure(result["value"]), result["unit"]),
        **{name: set(found.get(name, ())) for name in SETS},
    }


PRINTED = ("company", "statement_type", "certificate_number", "consultant", "programme")


def wanted_statement(one, mark):
    programme = weeks_stored.programme_of(one)
    plain = {name: iso(one[name]) for name in weeks.PLAIN} | {"summary": weeks.kept(one["summary"])}
    return {name: value or None for name, value in plain.items()} | {
        "register_status": None if one["register_status"] == "unknown" else one["register_status"],
        "company": one["company"],
        "statement_type": one["type"],
        "certificate_number": f"{one['certificate_number']}{mark}" if one["certificate_number"] else None,
        "consultant": one["consultant"],
        "programme": programme and programme.name,
        "body": one["body"],
        "is_hidden": weeks_stored.is_hidden(one),
        "region": one["region"],
        "result": one["result"] and (figure(one["result"][0]), one["result"][1]),
        **{name: set(one[name]) for name in SETS},
        "products": set(map(weeks.called, one["products"])),
    }


def what_is_read(text):
    reading = read(text, weeks.SUNDAY, shipped())
    for item in reading.items:
        yield (
            item.section.value,
            "both" if item.policy and item.statements else item.kind.value,
            item.headline.value,
            item.policy and read_policy(reading, item),
            [read_statement(one) for one in item.statements],
            None if item.policy or item.statements else read_news(reading, item),
        )


def read_news(reading, item):
    body = labels.unlabelled(reading.text[item.span.start : item.span.end].partition("\n")[2])
    return [weeks.kept(row) for row in body.splitlines() if row.strip()], iso(item.announced_on and item.announced_on.value)


def what_was_drawn(items, reworded):
    numbered = sorted(enumerate(items, start=1), key=lambda pair: SECTIONS.index(pair[1]["section"]))
    for order, one in numbered:
        held = [wanted_statement(each, f"{order}{at}") for at, each in enumerate(one.get("statements", ()), start=1)]
        yield (
            one["section"],
            one["kind"],
            reworded.get(order) or one["headline"],
            wanted_policy(one) if "issuing_bodies" in one else None,
            held,
            (one["text"], iso(one["announced_on"])) if "text" in one else None,
        )


def test_every_drawn_week_is_read_back_as_it_was():
    reference.load()

    @drawn
    @given(weeks.weeks(), weeks.rewordings(), st.booleans())
    def holds(items, headlines, has_notes):
        with transaction.atomic():
            weeks_stored.store(items)
            issue = compose(Week.of(weeks.SUNDAY))
            reworded = dict(enumerate(headlines, start=1))
            keys = {order_of(entry): entry.key for entry in issue.entries}
            chosen = {keys[order]: text for order, text in reworded.items() if text and order in keys}
            notes = {entry.key: NOTE for entry in issue.entries} if has_notes else {}
            issue = compose(Week.of(weeks.SUNDAY), Choices(headlines=chosen, notes=notes))
            text = to_text(issue)
            assert list(what_is_read(text)) == list(what_was_drawn(items, reworded)), text
            assert misread(issue) == [], text
            transaction.set_rollback(True)

    holds()


# What the editor adds is no part of any record.
NOTE = "编者：获绿色工厂名单，印发《办法》"


def order_of(entry):
    """The place of the item that the entry was drawn as."""
    kind, _dash, key = entry.key.partition("-")
    return int(MODELS[kind].objects.values_list("source_order", flat=True).get(pk=key).split(".")[1])


def test_words_that_end_an_issue_end_no_issue():
    """A line that platforms put below an issue stands in a labelled line, and what follows is told in sentences as before."""
    policy = {"week_on": weeks.SUNDAY, "source_order": f"{1:010}.00002.00001", "section": "local"}
    made = factory.policy("样例市：推动零碳园区建设", region=factory.region("320500"), **policy)
    made.key_points.create(text="推动零碳园区建设")
    alone = to_text(compose(Week.of(weeks.SUNDAY))).partition("样例市：推动零碳园区建设\n\n")[2].partition("样例市")[2]
    NewsItem.objects.create(
        headline="样例指数",
        kind="other",
        text="往期推荐",
        week_on=weeks.SUNDAY,
        section="local",
        source_order=f"{1:010}.00001.00001",
    )
    issue = compose(Week.of(weeks.SUNDAY))
    assert issue.entries[0].paragraphs == ("【正文】往期推荐",)
    assert to_text(issue).endswith(alone)
    assert misread(issue) == []


@pytest.mark.parametrize("headline", ["往期推荐", "本周双碳要闻目录", "国家动态", "发布时间：2026年1月1日", "碳讯", "阅读原文"])
def test_a_headline_in_words_of_the_platform_is_one(headline):
    factory.policy("样例市：推动零碳园区建设", week_on=weeks.SUNDAY)
    kept = NewsItem.objects.create(headline=headline, kind="other", text="指数为85。\n甲", week_on=weeks.SUNDAY, section="local")
    issue = compose(Week.of(weeks.SUNDAY))
    found = list(what_is_read(to_text(issue)))
    assert [one[2] for one in found] == ["样例市：推动零碳园区建设", headline]
    assert found[1][-1] == (kept.text.splitlines(), None)
    assert misread(issue) == []


@pytest.mark.parametrize("words", ["目录", "国家动态", "发布时间", "往期推荐"])
def test_the_only_entry_in_words_of_the_platform_is_one(words):
    NewsItem.objects.create(headline=words, kind="other", text=words, week_on=weeks.SUNDAY, section="other")
    issue = compose(Week.of(weeks.SUNDAY))
    assert [(one[2], one[5]) for one in what_is_read(to_text(issue))] == [(words, ([words], None))]
    assert misread(issue) == []


@pytest.mark.parametrize("line", ["「双碳」样例一", "01. 国家动态", "目录"])
def test_what_entries_do_to_each_other_loses_nothing(line):
    """Marks that an issue repeats become its bullets, and its titles look alike: each entry is tried alone, then among all."""
    for order in (1, 2, 3):
        place = {"week_on": weeks.SUNDAY, "source_order": f"{1:010}.{order:05}.00001", "section": "local"}
        made = factory.policy(f"样例市：发布第{order}号方案", region=factory.region("320500"), **place)
        made.key_points.create(text=line)
        made.key_points.create(text=f"{line}；{line}")
    issue = compose(Week.of(weeks.SUNDAY))
    found = [[point.value for point in item.policy.key_points] for item in read(to_text(issue), weeks.SUNDAY, shipped()).items]
    assert found == [[line, f"{line}；{line}"]] * 3
    assert misread(issue) == []


def test_labelled_lines_do_not_change_what_an_entry_is():
    """A company with the name of an authority: with its line 【声明】 alone the item would be half a policy."""
    reference.load()
    made = factory.statement(
        company=factory.company("江苏省苏州市昆山市人民政府", region=factory.region()),
        statement_type=factory.statement_type("green_supply_chain"),
        verification_body=factory.body("drawn", "碳讯丨甲"),
        consultant=factory.company("<b>甲</b>"),
        announced_on=dt.date(2025, 12, 7),
        standards=[factory.standard("GB/T 24067", "2024"), factory.standard("ISO 14064-1", "2018")],
        categories=[5],
        scopes=[1, 2, 3],
        list_stage="publicised",
        batch="：",
        week_on=weeks.SUNDAY,
        headline="编者注：无",
        section="local",
    )
    made.products.add(factory.product(made.company, "3M中国有限公司 Schneider Electric ("))
    issue = compose(Week.of(weeks.SUNDAY))
    assert [(one[1], one[3]) for one in what_is_read(to_text(issue))] == [("statement", None)]
    assert misread(issue) == []


def test_a_very_long_week_is_read_back_too(monkeypatch):
    """Beyond TRIED entries statements stand on a line each; all else is as ever."""
    reference.load()
    monkeypatch.setattr(publisher, "TRIED", 0)

    @settings(drawn, max_examples=max(WEEKS // 8, 5))
    @given(weeks.weeks())
    def holds(items):
        with transaction.atomic():
            weeks_stored.store(items)
            issue = compose(Week.of(weeks.SUNDAY))
            assert list(what_is_read(to_text(issue))) == list(what_was_drawn(items, {}))
            transaction.set_rollback(True)

    holds()
