"""The lists of targets and incentives: what each parameter asks for, how figures sort, what their files hold."""

import csv
import datetime as dt
import importlib
import io
from decimal import Decimal
from types import SimpleNamespace

import pytest
import time_machine
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.http import QueryDict
from python_calamine import CalamineWorkbook

from tanxun.digest import intake
from tanxun.listing.controls import chips
from tanxun.listing.page import find
from tanxun.records import sealing
from tanxun.site import reference
from tests import factory as f
from tests.reading import read, words

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 10)


@pytest.fixture(autouse=True)
def _today():
    with time_machine.travel("2026-03-10T12:00:00+08:00", tick=False):
        yield


def ids(slug, query):
    return {row[0] for row in find(slug).rows(QueryDict(query)).one_page().rows}


def in_order(slug, query):
    return [row[0] for row in find(slug).rows(QueryDict(query)).one_page().rows]


def made(slug, policy=None, topics=(), **kwargs):
    return {"targets": f.target, "incentives": f.incentive}[slug](policy, topics, **kwargs).pk


both = pytest.mark.parametrize("slug", ["targets", "incentives"])


@both
def test_the_place_is_that_of_the_policy_in_all_its_reaches(slug):
    national = made(slug, f.policy(level="national"))
    province = made(slug, f.policy(region=f.region("320000")))
    city = made(slug, f.policy(region=f.region("320500"), level="city"))
    county = made(slug, f.policy(region=f.region("320583"), level="county"))
    assert ids(slug, "region=320500") == ids(slug, "region=320500&scope=within") == {city, county}
    assert ids(slug, "region=320500&scope=exact") == {city}
    assert ids(slug, "region=320500&scope=applies") == {national, province, city}
    assert ids(slug, "region!=320500") == {national, province}
    assert ids(slug, "region=none") == ids(slug, "level=national") == {national}
    assert ids(slug, "level=city&level=county") == {city, county}


@both
def test_topics_are_its_own_else_those_of_its_policy(slug):
    market, factory, label = f.topic("carbon-market", "碳市场"), f.topic("zero-carbon-factory", "零碳工厂"), f.topic("l", "标识")
    policy = f.policy(topics=[market, label])
    own, inherited = made(slug, policy, [factory, label]), made(slug, policy)
    none = made(slug)
    assert ids(slug, "topic=zero-carbon-factory") == {own}
    assert ids(slug, "topic=carbon-market") == {inherited}
    assert ids(slug, "topic=l") == ids(slug, "topic=carbon-market&topic=zero-carbon-factory") == {own, inherited}
    assert ids(slug, "topic=none") == {none}
    assert ids(slug, "topic!=l") == {none}
    assert ids(slug, "topic!=none") == {own, inherited}


@both
def test_policy_and_its_dates(slug):
    old = f.policy("旧政策", issued_on=dt.date(2025, 12, 31))
    new = f.policy("新政策", issued_on=dt.date(2026, 3, 9))
    of_old, of_new = made(slug, old), made(slug, new)
    assert ids(slug, f"policy={old.pk}") == {of_old}
    assert ids(slug, f"policy!={old.pk}") == {of_new}
    assert ids(slug, "issued_after=2026-03-09") == ids(slug, "issued=this_week") == {of_new}
    assert ids(slug, "issued_before=2025-12-31") == {of_old}
    assert in_order(slug, "") == in_order(slug, "sort=-dated_on") == [of_new, of_old]
    assert [chip.words for chip in chips(find(slug).rows(QueryDict(f"policy={old.pk}")))] == ["旧政策"]


@both
def test_what_a_deleted_policy_says_is_in_no_list(slug, client):
    gone, kept = f.policy(), f.policy()
    lost, left = made(slug, gone), made(slug, kept)
    gone.remove("entered twice")
    assert ids(slug, "") == {left}
    assert ids(slug, f"id={lost},{left}") == {left}
    assert find(slug).rows(QueryDict("")).file_rows(typed=False).count() == 1
    gone.restore()
    assert ids(slug, "") == {lost, left}


def test_year_and_base_of_targets():
    near = made("targets", year=2027, base="new")
    far = made("targets", year=2060, base="total")
    open_ended = made("targets")
    assert ids("targets", "year=2027") == ids("targets", "base=new") == {near}
    assert ids("targets", "year=2027&year=2060") == {near, far}
    assert ids("targets", "year=none") == ids("targets", "base=none") == {open_ended}
    assert ids("targets", "year=none&year=2060") == {open_ended, far}
    assert ids("targets", "year!=2027") == {far, open_ended}
    assert ids("targets", "year!=none") == {near, far}
    assert ids("targets", "base!=new&base!=none") == {far}


def test_a_year_that_no_target_names_is_an_empty_list_and_stays_in_the_form(client):
    made("targets", year=2027)
    assert ids("targets", "year=2031") == set()
    page = words(read(client, "/targets/?year=2031"))
    assert '<input type="checkbox" name="year" value="2031" checked>' in page
    assert '<input type="checkbox" name="year" value="2027">' in page
    for year in ("1989", "2101", "20270", "２０２７", "x"):
        assert client.get(f"/targets/?year={year}").status_code == 400


def test_the_indicator_contains_the_text_in_any_width_case_and_script():
    factories = made("targets", indicator="国家级绿色工厂（ＧＦ）")
    parks = made("targets", indicator="零碳园区")
    assert ids("targets", "indicator=绿色工厂") == ids("targets", "indicator=綠色工廠") == ids("targets", "indicator=(gf)")
    assert ids("targets", "indicator=绿色工厂") == {factories}
    assert ids("targets", "indicator=园") == {parks}
    assert ids("targets", "indicator=%25") == ids("targets", "indicator=绿%25厂") == set()
    late = made("targets", indicator="绿色工厂培育")
    assert ids("targets", "indicator=绿色工厂") == {factories, late}


def test_targets_sort_by_unit_and_figure_not_by_what_is_printed():
    large = made("targets", value=1, unit="吉瓦")
    small = made("targets", value=30, unit="万千瓦")
    same = made("targets", value="0.3", unit="GW")
    share = made("targets", value="4.5", unit="%")
    wordy = made("targets", indicator="明显提高")
    assert in_order("targets", "sort=value") == [wordy, share, small, same, large]
    assert in_order("targets", "sort=-value")[-1] == wordy


def test_incentives_sort_by_currency_and_amount():
    high, low = made("incentives", amount=200_000, currency="CNY"), made("incentives", amount=9_000, currency="CNY")
    share, wordy = made("incentives", amount=30, currency="%"), made("incentives")
    assert in_order("incentives", "sort=amount") == [wordy, share, low, high]


SORTED = [("targets", "year", (2026, 2030, 2030, None)), ("incentives", "apply_by", (dt.date(2026, 3, 1), TODAY, TODAY, None))]


@pytest.mark.parametrize(("slug", "key", "values"), SORTED)
def test_the_first_to_end_comes_first_and_what_names_no_end_last(client, slug, key, values):
    law = f.policy()
    first, then, too, none = (made(slug, law, **{key: value}) for value in values)
    shuffled = [made(slug, law, **{key: values[at]}) for at in (3, 0, 1)]
    rising = [first, shuffled[1], then, too, shuffled[2], none, shuffled[0]]
    assert in_order(slug, f"sort={key}") == rising
    assert in_order(slug, f"sort=-{key}") == rising[::-1]
    page = find(slug).rows(QueryDict(f"sort={key}"))
    assert f'href="?{page.query_string(sort=f"-{key}").replace("&", "&amp;")}"' in read(client, f"/{slug}/?sort={key}")


@pytest.mark.parametrize(("slug", "key", "values"), SORTED)
def test_an_end_that_is_changed_or_taken_away_moves_the_row(slug, key, values):
    one, other = made(slug, **{key: values[0]}), made(slug, **{key: values[1]})
    record = find(slug).queryset.get(pk=one)
    setattr(record, key, None)
    record.save()
    assert in_order(slug, f"sort={key}") == [other, one]


@pytest.mark.parametrize(("slug", "key", "values"), SORTED)
def test_pages_by_year_and_day_hold_every_row_once(slug, key, values):
    wanted = [made(slug, **{key: values[number % 4]}) for number in range(60)]
    seen, query = [], f"sort={key}"
    while query:
        rows = find(slug).rows(QueryDict(query))
        page = rows.one_page()
        seen += [row[0] for row in page.rows]
        query = page.next and f"sort={key}&cursor={rows.order.text(page.next)}"
    assert sorted(seen) == sorted(wanted)
    assert seen[-15:] == wanted[3::4]


@pytest.mark.parametrize(("slug", "key", "values"), SORTED)
def test_rows_of_before_get_their_place(slug, key, values):
    one, other = made(slug, **{key: values[1]}), made(slug, **{key: values[0]})
    none = made(slug)
    model = find(slug).queryset.model
    rank = f"{key}_rank"
    model._base_manager.update(**{rank: model._meta.get_field(rank).default})
    assert in_order(slug, f"sort={key}") == [one, other, none]
    migration = "0006_order_by_year_and_day"
    sealing.unseal()  # as `migrate` does
    state = MigrationLoader(connection).project_state([("policies", migration)])
    importlib.import_module(f"policies.migrations.{migration}").fill(state.apps, SimpleNamespace(connection=connection))
    assert in_order(slug, f"sort={key}") == [other, one, none]


def test_the_days_to_apply_by(client):
    days = {left: made("incentives", apply_by=TODAY + dt.timedelta(days=left)) for left in (-1, 0, 5, 6, 30, 31, 90, 91)}
    none = made("incentives")
    assert ids("incentives", "apply_by=next_30_days") == {days[0], days[5], days[6], days[30]}
    assert ids("incentives", "apply_by=next_90_days") == {days[left] for left in days if 0 <= left <= 90}
    assert ids("incentives", "apply_by=this_week") == {days[-1], days[0], days[5]}  # a Tuesday
    assert ids("incentives", "apply_by=none") == {none}
    assert ids("incentives", "apply_by_after=2026-03-10&apply_by_before=2026-03-15") == {days[0], days[5]}
    assert ids("incentives", "apply_by_after=2026-06-08") == {days[90], days[91]}
    assert ids("incentives", "apply_by_before=2026-03-09") == {days[-1]}
    page = words(read(client, "/incentives/?apply_by=next_90_days"))
    assert '<option value="next_90_days" data-tally="apply_by:next_90_days" data-label="next 90 days" selected>' in page
    for query in (
        "apply_by=last_week",
        "apply_by=2026",
        "apply_by!=none",
        "apply_by_after=2026-04-02&apply_by_before=2026-04-01",
    ):
        assert client.get(f"/incentives/?{query}").status_code == 400, query
    assert client.get("/incentives/?issued=none").status_code == 400  # every policy has a date


@pytest.mark.parametrize(("days", "is_open"), [(-1, False), (0, True), (1, True)])
def test_an_incentive_is_open_until_its_day(days, is_open):
    one = made("incentives", apply_by=TODAY + dt.timedelta(days=days))
    assert ids("incentives", "open=1") == ({one} if is_open else set())
    assert ids("incentives", "open=0") == (set() if is_open else {one})


@pytest.mark.parametrize(("days", "is_open"), [(-1, False), (0, True), (1, True)])
def test_without_a_day_it_is_open_until_the_policy_ends(days, is_open):
    one = made("incentives", f.policy(expires_on=TODAY + dt.timedelta(days=days)))
    assert ids("incentives", f"open={int(is_open)}") == {one}


def test_it_is_open_unless_the_policy_was_repealed_or_is_a_draft():
    stages = {stage: made("incentives", f.policy(stage=stage)) for stage in ("", "consultation", "in_force", "repealed")}
    assert ids("incentives", "open=1") == {stages[""], stages["in_force"]}
    assert ids("incentives", "open=0") == {stages["repealed"], stages["consultation"]}
    ended = made("incentives", f.policy(expires_on=TODAY - dt.timedelta(days=9)), apply_by=TODAY)
    assert ended in ids("incentives", "open=0")  # whatever day it prints


def test_the_kind_of_an_incentive():
    once, unknown = made("incentives", kind="one_off"), made("incentives")
    assert ids("incentives", "kind=one_off") == ids("incentives", "kind!=none") == {once}
    assert ids("incentives", "kind=none") == {unknown}


def test_search_reads_indicator_sentence_policy_and_topics():
    policy = f.policy("昆山零碳方案", topics=[f.topic("zero", "零碳园区")])
    target = made("targets", policy, indicator="公交车电动化", sentence="到2030年公交车全部更新为新能源车")
    money = made("incentives", policy, who_qualifies="首次获评的企业", evidence_needed="绿色工厂公告")
    other = made("targets")
    assert ids("targets", "q=电动化") == ids("targets", "q=新能源") == ids("targets", "q=昆山") == {target}
    assert ids("incentives", "q=首次获评") == ids("incentives", "q=公告") == ids("incentives", "q=昆山零碳") == {money}
    assert other not in ids("targets", "q=昆山")


def test_a_figure_stands_with_its_unit_and_what_qualifies_it(client):
    made("targets", value=100, unit="家", comparator=">=", year=2028, base="new")
    made("incentives", amount=200_000, currency="CNY", cap="0.5")
    page = words(read(client, "/targets/"))
    assert '100 <span class="beside">家 or more</span>' in page
    assert 'data-label="Target year">2028</td>' in page
    assert "newly added" in page
    page = words(read(client, "/incentives/"))
    assert '200,000 <span class="beside">CNY</span>' in page


def test_an_incentive_that_does_not_say_who_goes_by_its_sentence(client):
    one = made("incentives", who_qualifies="", sentence="首次获评的,给予20万元一次性奖励。")
    assert f'<a href="/incentives/{one}/">首次获评的,给予20万元一次性奖励。</a>' in words(read(client, "/incentives/"))


def test_a_row_without_a_name_still_leads_to_its_page(client):
    one = made("incentives", who_qualifies="")
    assert f'<a href="/incentives/{one}/"><span class="unknown">not stated</span></a>' in words(read(client, "/incentives/"))


def test_files_hold_typed_numbers(client):
    policy = f.policy("昆山方案", region=f.region(), issued_on=dt.date(2026, 2, 3))
    made("targets", policy, indicator="装机", value="30.5000", unit="万千瓦", comparator="~", year=2030)
    made("incentives", policy, amount="1234567.50", currency="%", apply_by=dt.date(2026, 9, 30), cap=5)
    client.force_login(f.user("manager"))
    client.cookies["django_language"] = "en"
    head, row = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/targets.xlsx").content)).get_sheet_by_index(0).to_python()
    labels = {column.key: str(column.label) for column in find("targets").columns}
    cell = dict(zip(head, row, strict=True))
    found = {key: cell[labels[key]] for key in ("value", "unit", "normal_value", "normal_unit", "year", "dated_on", "policy")}
    assert found == {
        "value": 30.5,
        "unit": "万千瓦",
        "normal_value": 305_000,
        "normal_unit": "千瓦",
        "year": 2030,
        "dated_on": dt.date(2026, 2, 3),
        "policy": "昆山方案",
    }
    text = b"".join(client.get("/incentives.csv?columns=amount,currency,cap,apply_by").streaming_content).decode("utf-8-sig")
    _head, line = csv.reader(io.StringIO(text, newline=""))
    assert line[:4] == ["1234567.5", "%", "5", "2026-09-30"]


def test_a_saved_filter_of_targets_opens_and_its_list_is_kept(client):
    made("targets", year=2030)
    client.force_login(f.user("consultant"))
    answer = client.post("/saved/add/", {"list": "targets", "name": "2030 年", "query": "year=2030"}, follow=True)
    assert answer.status_code == 200
    saved = client.get("/saved/").content.decode()
    assert "2030 年" in saved
    assert client.get("/targets/?year=2030").status_code == 200


def test_the_figures_of_the_two_real_issues_stand_as_rows_with_year_base_and_sentence(seeds):
    reference.load()
    editor = f.user("editor")
    for path, day in seeds:
        result = intake.bring_in(path.name, path.read_bytes(), reference_date=dt.date.fromisoformat(day), user=editor)
        assert intake.accept_all(result.newsletter, editor).left == []

    def figures(slug, query, *paths):
        return list(find(slug).rows(QueryDict(query)).found.order_by("pk").values_list(*paths))

    of_kunshan = figures("targets", "region=320583&year=2026", "value", "unit", "comparator", "base", "sentence")
    wanted = [(20, "家", "="), (10, "家", "="), (25, "万千瓦", ">="), (20, "个", "="), (Decimal("4.5"), "%", "~")]
    assert [row[:3] for row in of_kunshan] == wanted
    assert [row[3] for row in of_kunshan[:3]] == ["new"] * 3
    assert all("2026年" in row[4] for row in of_kunshan)
    assert figures("targets", "region=310000&year=2028&base=new&indicator=绿色工厂", "value", "unit") == [(100, "家")]
    assert (100, "家") in figures("targets", "region=320400&base=per_year&year=none", "value", "unit")
    [(amount, currency, sentence)] = figures("incentives", "region=310000", "amount", "currency", "sentence")
    assert (amount, currency) == (200_000, "CNY")
    assert "20万" in sentence
