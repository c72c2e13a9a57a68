"""How far a target is, as far as we know: what it counts, since when, where; never more than what the linked list holds."""

import datetime as dt
import re

import pytest
from django.test import RequestFactory
from django.utils import timezone, translation

from certifications import panels
from certifications.matching import kind_named, recognitions, tiers_named
from certifications.models import StatementType
from policies.models import Target
from tanxun.site import reference
from tests import factory
from tests.reading import listed, read, words

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 11, 21)


@pytest.fixture
def kinds(monkeypatch):
    """The shipped types, on a fixed day."""
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)
    reference.load_topics()
    reference.load_statement_types()
    return list(StatementType.objects.all())


def target(indicator="新增绿色工厂", code="320583", **kwargs):
    level = {"region": factory.region(code), "level": "county"} if code else {}
    policy = kwargs.pop("policy", None) or factory.policy(issued_on=dt.date(2026, 2, 2), **level)
    values = {"comparator": ">=", "value": 100, "unit": "家", "base": "new", "year": 2026}
    return Target.objects.create(policy=policy, indicator=indicator, **values | kwargs)


def recognise(day, code="320583", slug="green_factory"):
    company = factory.company(region=factory.region(code))
    kind = StatementType.objects.get(slug=slug)
    return factory.statement(company=company, statement_type=kind, is_body_undisclosed=True, issued_on=day)


@pytest.mark.parametrize(
    ("indicator", "slug"),
    [
        ("新增国家级绿色工厂", "green_factory"),
        ("市级以上绿色工厂", "green_factory"),
        ("新增(近)零碳工厂", "zero_carbon_factory"),
        ("零碳（近零碳）工厂", "zero_carbon_factory"),
        ("绿色工厂数量", "green_factory"),
        ("产品碳足迹证书", "product_carbon_footprint"),
        ("碳足迹标识", "carbon_label"),
        ("EPD", "epd"),
        ("碳达峰试点", None),
        ("碳中和示范区", None),
        ("绿色工厂产值占比", None),
        ("绿色供应链", None),
        ("新增分布式光伏装机容量", None),
        ("", None),
    ],
)
def test_an_indicator_counts_what_its_last_words_name(kinds, indicator, slug):
    found = kind_named(indicator, kinds)
    assert (found.slug if found else None) == slug


def test_the_longest_word_wins_and_a_shared_one_names_nothing(kinds):
    longer = factory.statement_type("super", cue_words="超级绿色工厂", topic=factory.topic())
    assert kind_named("新增超级绿色工厂", [*kinds, longer]) == longer
    twin = factory.statement_type("twin", cue_words="绿色工厂", topic=factory.topic())
    assert kind_named("新增绿色工厂", [*kinds, twin]) is None


@pytest.mark.parametrize(
    ("values", "query"),
    [
        ({}, "type=green_factory&region=320583&issued_after=2026-01-01&issued_before=2026-12-31"),
        ({"year": 2025}, "type=green_factory&region=320583&issued_after=2025-01-01&issued_before=2025-12-31"),
        ({"year": 2028}, "type=green_factory&region=320583&issued_after=2026-02-02&issued_before=2028-12-31"),
        ({"year": None}, "type=green_factory&region=320583&issued_after=2026-02-02"),
        ({"base": "per_year", "year": None}, "type=green_factory&region=320583&issued_after=2026-01-01&issued_before=2026-12-31"),
        ({"base": "per_year", "year": 2028}, "type=green_factory&region=320583&issued_after=2026-01-01&issued_before=2026-12-31"),
        ({"base": "per_year", "year": 2025}, "type=green_factory&region=320583&issued_after=2025-01-01&issued_before=2025-12-31"),
        ({"base": "total", "year": 2030}, "type=green_factory&region=320583"),
        ({"base": "total", "code": None}, "type=green_factory"),
        ({"unit": "万家"}, "type=green_factory&region=320583&issued_after=2026-01-01&issued_before=2026-12-31"),
    ],
)
def test_what_counts_since_its_base(kinds, values, query):
    stands = "list_stage%21=cultivation&list_stage%21=construction&list_stage%21=publicised"
    stands += "&validity=valid&validity=expiring&validity=undated"
    assert recognitions(target(**values), kinds).url == f"/statements/?{query}&{stands}"


KUNSHAN, SHANGHAI, ANY = "昆山市2026年行动方案", "上海市三年行动方案(2026—2028年)", "样例意见"


@pytest.mark.parametrize(
    ("title", "values", "border", "is_first", "over"),
    [
        (KUNSHAN, {"year": 2026}, dt.date(2026, 1, 1), True, "in 2026"),
        (KUNSHAN, {"year": 2026}, dt.date(2026, 12, 31), False, "in 2026"),
        (SHANGHAI, {"year": 2028}, dt.date(2026, 1, 1), True, "2026–2028, the years of the plan"),
        (SHANGHAI, {"year": 2028}, dt.date(2028, 12, 31), False, "2026–2028, the years of the plan"),
        (SHANGHAI, {"year": None}, dt.date(2026, 1, 1), True, "2026–2028, the years of the plan"),
        (SHANGHAI, {"year": 2027}, dt.date(2027, 12, 31), False, "2026–2027, the years of the plan"),
        (SHANGHAI, {"year": 2030}, dt.date(2026, 2, 2), True, "since 2026-02-02, the day of the policy, until the end of 2030"),
        (SHANGHAI, {"base": "per_year", "year": None}, dt.date(2026, 1, 1), True, "in 2026"),
        (SHANGHAI, {"base": "per_year", "year": None}, dt.date(2026, 12, 31), False, "in 2026"),
        (ANY, {"year": 2028}, dt.date(2026, 2, 2), True, "since 2026-02-02, the day of the policy, until the end of 2028"),
        (ANY, {"year": 2028}, dt.date(2028, 12, 31), False, "since 2026-02-02, the day of the policy, until the end of 2028"),
        (ANY, {"year": None}, dt.date(2026, 2, 2), True, "since 2026-02-02, the day of the policy"),
    ],
)
def test_what_is_new_counts_from_its_first_day_to_its_last(client, kinds, title, values, border, is_first, over):
    """A day before, on and after each border; the meter says over which days it counts."""
    aim = target(**values)
    aim.policy.documents.create(title=title)
    known = []
    for offset in (-1, 0, 1):
        one = recognise(border + dt.timedelta(days=offset))
        page = words(read(client, aim.policy.get_absolute_url()))
        known += re.findall(r">known to us: (\d+) of ≥ 100 家<", page)
        assert f'<span class="muted small">{over}</span>' in page
        one.remove("for the next day")
    assert known == (["0", "1", "1"] if is_first else ["1", "1", "0"])


@pytest.mark.parametrize("values", [{"unit": "%"}, {"unit": "亿元"}, {"value": None}, {"base": ""}, {"indicator": "碳达峰试点"}])
def test_what_is_not_a_count_of_records_has_no_meter(kinds, values):
    assert recognitions(target(**values), kinds) is None


def test_a_park_has_no_meter(kinds):
    park = factory.policy(region=factory.region(), level="park", park_name="样例工业园区")
    assert recognitions(target(policy=park), kinds) is None


def test_the_meter_stands_beside_the_target_and_counts_its_list(client, kinds):
    aim = target()
    target("碳达峰试点", policy=aim.policy)
    for day in (dt.date(2025, 12, 31), dt.date(2026, 2, 2), dt.date(2026, 6, 1), dt.date(2027, 1, 1)):
        recognise(day)
    recognise(dt.date(2026, 6, 1), code="320500")
    recognise(dt.date(2026, 6, 1), slug="zero_carbon_factory")
    recognise(dt.date(2026, 6, 1)).remove("entered twice")
    page = words(read(client, aim.policy.get_absolute_url()))
    [url] = re.findall(r'<a href="([^"]+)">known to us: 2 of ≥ 100 家</a>', page)
    assert listed(url.replace("&amp;", "&")) == 2
    assert page.count("<meter") == 1
    assert re.search(r'<meter min="0" max="100[.0]*" value="2[.0]*"', page)


def test_a_target_that_is_more_than_reached_fills_the_meter(client, kinds):
    aim = target(value=1)
    for _each in range(3):
        recognise(dt.date(2026, 6, 1))
    page = words(read(client, aim.policy.get_absolute_url()))
    assert "known to us: 3 of ≥ 1 家" in page
    assert re.search(r'max="1[.0]*" value="1[.0]*"', page)


def test_the_panel_of_a_target_says_that_it_is_only_what_we_know(kinds):
    aim = target()
    with translation.override("en"):
        template, context = panels.progress(RequestFactory().get("/"), aim)
    assert template == "certifications/_progress_card.html"
    assert (context["known"].value, context["goal"]) == (0, "≥ 100 家")
    assert panels.progress(RequestFactory().get("/"), target("碳达峰试点")) is None


def test_the_number_of_queries_does_not_grow_with_the_targets(client, kinds, django_assert_num_queries):
    aim = target()
    request = RequestFactory().get("/")
    with django_assert_num_queries(3):
        assert panels.progress_of(request, [aim])
    for count in (1, 9):
        targets = [aim, *(target(policy=aim.policy) for _each in range(count))]
        with django_assert_num_queries(2):  # the titles of their policy are at hand now
            assert len(panels.progress_of(request, targets)) == count + 1


@pytest.mark.parametrize(
    ("indicator", "tiers"),
    [
        ("新增国家级绿色工厂", ("national",)),
        ("新增省级以上绿色工厂", ("national", "province")),
        ("市级及以上绿色工厂", ("national", "province", "city")),
        ("市级绿色工厂", ("city",)),
        ("绿色工厂", ()),
    ],
)
def test_an_indicator_names_its_tiers(indicator, tiers):
    assert tiers_named(indicator) == tiers


def test_only_who_is_accepted_and_still_listed_counts_and_in_the_tier_that_is_named(client, kinds):
    aim = target("新增省级以上绿色工厂")
    day = dt.date(2026, 6, 1)
    for tier, further in (
        ("national", {}),
        ("province", {"list_stage": "accepted"}),
        ("city", {}),
        ("", {}),
        ("national", {"list_stage": "construction"}),
        ("national", {"removed_on": TODAY}),
        ("province", {"register_status": "revoked"}),
    ):
        one = recognise(day)
        for name, value in ({"tier": tier} | further).items():
            setattr(one, name, value)
        one.save()
    page = words(read(client, aim.policy.get_absolute_url()))
    [url] = re.findall(r'<a href="([^"]+)">known to us: 2 of ≥ 100 家</a>', page)
    assert listed(url.replace("&amp;", "&")) == 2
