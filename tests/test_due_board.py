"""The due board: three rules of validity, what was followed up is silent, every figure equals the list it leads to."""

import datetime as dt
import re
from itertools import product

import pytest
from django.http import QueryDict
from django.utils import timezone
from lxml import html

from certifications.due import duty_on
from tanxun.listing.page import find
from tests import factory
from tests.reading import listed, read, select, words

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 16)


@pytest.fixture(autouse=True)
def _monday(monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)


def certificate(days, **kwargs):
    """A certificate that ends so many days from today."""
    kwargs.setdefault("statement_type", factory.statement_type("carbon_label"))
    kwargs.setdefault("issued_on", dt.date(2024, 5, 1))
    return factory.statement(valid_until=TODAY + dt.timedelta(days=days), **kwargs)


def covering(year, **kwargs):
    """A verification of a calendar year, issued in the following March: the next one is due at the end of that year."""
    period = {"period_start": dt.date(year, 1, 1), "period_end": dt.date(year, 12, 31), "issued_on": dt.date(year + 1, 3, 1)}
    return factory.statement(**period | kwargs)


def listing(day, **kwargs):
    kwargs = {"statement_type": factory.statement_type("green_factory"), "verification_body": None} | kwargs
    return factory.statement(issued_on=day, **kwargs)


def band(name):
    """The statements that the list shows for `due=name`."""
    rows = find("statements").rows(QueryDict(f"due={name}")).found
    return set(rows.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("days", "name"),
    [(-1, "overdue"), (0, "30"), (1, "30"), (30, "30"), (31, "60"), (60, "60"), (61, "90"), (90, "90"), (91, None)],
)
def test_a_certificate_stands_in_exactly_one_band(days, name):
    made = certificate(days)
    for each in ("overdue", "30", "60", "90", "duty"):
        assert band(each) == ({made.pk} if each == name else set()), each


def test_a_period_falls_due_a_cycle_after_its_end():
    overdue = covering(2024)
    assert overdue.due_on == dt.date(2025, 12, 31)
    assert band("overdue") == {overdue.pk}
    covering(2025)  # due at the end of this year: far ahead
    assert band("overdue&due=30&due=60&due=90") == {overdue.pk}


def test_what_a_later_statement_follows_up_is_silent():
    company = factory.company()
    covering(2023, company=company)
    old = covering(2024, company=company)
    assert band("overdue") == {old.pk}
    covering(2025, company=company)
    assert band("overdue") == set()


def test_a_certificate_of_another_product_type_or_company_follows_nothing_up():
    company = factory.company()
    mine, other = factory.product(company, "路由器"), factory.product(company, "交换机")
    old = certificate(10, company=company, products=[mine])
    certificate(700, company=company, products=[other])
    certificate(700, company=company)
    certificate(700, company=company, products=[mine], statement_type=factory.statement_type("epd"))
    certificate(700)
    assert band("30") == {old.pk}
    renewed = certificate(700, company=company, products=[other, mine])
    assert band("30") == set()
    renewed.register_status = "revoked"
    renewed.save()
    assert band("30") == {old.pk}


def test_a_statement_that_is_said_to_be_replaced_is_silent():
    old = certificate(10)
    certificate(5, replaces=old, statement_type=factory.statement_type("epd"), register_status="suspended")
    assert old.pk in band("30")
    certificate(300, replaces=old, statement_type=factory.statement_type("epd"))
    assert old.pk not in band("30")


@pytest.mark.parametrize("ended", [{"register_status": "revoked"}, {"removed_on": TODAY}])
def test_what_was_ended_falls_due_no_more(ended):
    certificate(10, **ended)
    certificate(-10, **ended)
    listing(dt.date(2024, 4, 1), **ended)
    assert band("30&due=overdue&due=duty") == set()


def test_a_listed_company_has_a_duty_every_year():
    soon = [listing(dt.date(2020, 4, 1)), listing(dt.date(2024, 2, 29)), listing(dt.date(2025, 3, 16))]
    soon.pop(1)  # its day was in February
    listing(dt.date(2026, 3, 20) - dt.timedelta(days=30))  # listed this year: first due in the next
    listing(dt.date(2020, 9, 1))
    assert band("duty") == {one.pk for one in soon}


def test_duties_stand_in_the_order_of_their_days(client, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: dt.date(2026, 12, 1))
    for day in (dt.date(2020, 1, 20), dt.date(2023, 12, 24), dt.date(2021, 2, 3), dt.date(2025, 12, 2)):
        listing(day)
    page = words(read(client, "/expiring/"))
    due = re.findall(r'data-label="Due on"><span class="dated"><time datetime="([\d-]+)"', page)
    assert due == ["2026-12-02", "2026-12-24", "2027-01-20", "2027-02-03"]


def test_the_duty_of_the_turn_of_the_year(monkeypatch):
    made = listing(dt.date(2021, 1, 15))
    monkeypatch.setattr(timezone, "localdate", lambda *args: dt.date(2026, 12, 1))
    assert band("duty") == {made.pk}
    assert duty_on(made.dated_on) == dt.date(2027, 1, 15)


@pytest.fixture
def many():
    """Statements of every band by several types, bodies and places, and policies with deadlines."""
    kunshan, hangzhou = factory.region("320583"), factory.region("330100")
    sgs, cti = factory.body("sgs"), factory.body("cti")
    for place, body in ((kunshan, sgs), (hangzhou, cti), (None, sgs)):
        company = factory.company(region=place)
        for days in (-400, -3, 5, 29, 45, 88):
            certificate(days, company=company, verification_body=body, products=[factory.product(company, f"产品{days}")])
        covering(2024, company=company, verification_body=body)
        covering(2025, company=factory.company(region=place), period_end=dt.date(2025, 4, 30), verification_body=body)
        listing(dt.date(2023, 5, 1), company=company)
    certificate(20, is_body_undisclosed=True, company=factory.company(region=kunshan))
    in_a_week = TODAY + dt.timedelta(days=7)
    factory.policy("国家征求意见样例", comment_by=in_a_week)
    paying = factory.policy("江苏补贴样例", region=factory.region("320000"))
    paying.incentives.create(apply_by=in_a_week + dt.timedelta(days=30), who_qualifies="企业")
    factory.policy("浙江征求意见样例", region=factory.region("330000"), comment_by=in_a_week)
    factory.policy("过期样例", comment_by=TODAY - dt.timedelta(days=1))


def figures(page):
    """{address: figure} of every tile, group head and part on the board."""
    page = re.sub(r' id="[\w-]+"', "", words(page))
    found = re.findall(r'href="([^"]+)"><strong>([\d,+]+)</strong>', page)
    found += re.findall(r'<a href="([^"]+)">(?:all )?(\d+) (?:statement|polic)', page)
    found += re.findall(r'<li><a href="([^"]+)">[^<]*</a> <span class="number">(\d+)<', page)
    return {url.replace("&amp;", "&"): int(count) for url, count in found}


@pytest.mark.parametrize(
    "query",
    [
        "",
        "within=30",
        "kind=expiry",
        "kind=period",
        "kind=duty",
        "region=320000",
        "region=none",
        "type=carbon_label&body=sgs",
        "body!=sgs",
        "region=330100&kind=period&within=60",
    ],
)
def test_every_figure_equals_the_list_it_leads_to(client, many, query):
    board = figures(read(client, f"/expiring/figures/?{query}"))
    quick = figures(read(client, f"/expiring/?{query}"))
    assert len(board) > len(quick) >= 3 or query == "kind=duty"
    assert quick.items() <= board.items()
    assert any(board.values())
    for url, count in board.items():
        assert listed(url) == count, url


def test_the_page_looks_no_further_than_a_glance_and_fetches_the_exact_counts(client, many, monkeypatch):
    monkeypatch.setattr("certifications.board.GLANCE", 2)
    page = read(client, "/expiring/?region=320000")
    assert re.search(r'id="due-30"[^>]*>2\+<', page)
    address = re.search(r'hx-get="(/expiring/figures/[^"]*)"', page)[1].replace("&amp;", "&")
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert "<tbody" not in part
    assert re.search(r'id="due-30" hx-swap-oob="true">3<', part)
    assert re.search(r'id="all-30" hx-swap-oob="true"[^>]*>[^<]*3', part)
    with_all = read(client, address)
    assert "hx-get" not in with_all.split("<main")[1]
    assert re.search(r'id="due-30"[^>]*>3<', with_all)


@pytest.mark.parametrize(
    ("kind", "bands"),
    [
        ("", ["overdue", "30", "60", "90", "duty"]),
        ("expiry", ["overdue", "30", "60", "90"]),
        ("period", ["overdue", "30", "60", "90"]),
        ("duty", ["duty"]),
        ("deadline", []),
    ],
)
def test_only_the_bands_that_a_kind_can_fall_into_are_shown(client, many, kind, bands):
    assert re.findall(r'<strong id="due-(\w+)"', read(client, f"/expiring/?kind={kind}")) == bands


def test_overdue_comes_first_and_each_group_is_in_order(client, many):
    page = words(read(client, "/expiring/"))
    heads = ["<h2>Overdue", "<h2>Due within 30 days", "<h2>Due in 31 to 60 days", "<h2>Due in 61 to 90 days", "<h2>Yearly duty"]
    places = [page.index(head) for head in heads]
    assert places == sorted(places)
    overdue = re.findall(r'<time datetime="([\d-]+)">', page[places[0] : places[1]])[::2]
    assert overdue == sorted(overdue, reverse=True)
    assert len(overdue) == 9
    assert "computed</abbr>" in page[places[0] : places[1]]


def test_every_link_on_the_board_is_answered(client, many):
    links = set()
    for kind, further in product(
        ("", "expiry", "period", "duty", "deadline"), ("", "&region=320000", "&type=carbon_label", "&within=30")
    ):
        page = html.fromstring(read(client, f"/expiring/?kind={kind}{further}"))
        found = {link.get("href") for link in select(page, "main a[href]")}
        assert found, (kind, further)
        links |= found
    for link in links:
        address = f"/expiring/{link}" if link.startswith("?") else link
        assert client.get(address).status_code == 200, address


def test_deadlines_of_policies_that_apply_in_the_place(client, many):
    everywhere = read(client, "/expiring/")
    assert all(word in everywhere for word in ("国家征求意见样例", "江苏补贴样例", "浙江征求意见样例"))
    assert "过期样例" not in everywhere
    kunshan = read(client, "/expiring/?region=320583")
    assert "国家征求意见样例" in kunshan
    assert "江苏补贴样例" in kunshan
    assert "浙江征求意见样例" not in kunshan
    only = read(client, "/expiring/?kind=deadline&within=30")
    assert "国家征求意见样例" in only
    assert "江苏补贴样例" not in only
    assert "<h2>Overdue" not in only


@pytest.mark.parametrize("address", ["/expiring/figures/", "/statements/overview/?region=330100", "/places/?within=330000"])
def test_places_are_told_in_the_readers_language(client, many, address):
    page = read(client, address)
    named = {"330000": ("Zhejiang", "浙江省"), "330100": ("Hangzhou", "杭州市")}
    asked = re.findall(r'value="(330000|330100)"[^>]*>(?:<span>)?\s*([^<\s]+)', page)
    assert asked
    assert all(words == named[code][0] for code, words in asked), asked
    assert not any(f">{chinese}<" in page for _english, chinese in named.values())


def test_an_empty_board_says_what_to_do(client):
    page = read(client, "/expiring/")
    assert "Nothing falls due in the next 90 days" in page
    assert 'href="/statements/?validity=undated"' in page
    certificate(5)
    page = read(client, "/expiring/?kind=period")
    assert "Nothing falls due within these filters" in page
    assert 'href="/expiring/"' in page


def test_what_is_not_understood_is_refused_without_rows(client, many):
    for query in (
        "within=31", "within=", "kind=other", "type=nonsense", "region=999999", "region=%00", "body=a%00b", "page=2",
        "sort=due_on", "per_page=50", "nonsense=1", "within=30&within=60", "q=x", "kind=none",
    ):  # fmt: skip
        page = read(client, f"/expiring/?{query}", status=200 if query == "within=" else 400)
        assert ("<tbody" in page) is (query == "within="), query


def test_sign_in_is_asked_unless_reading_is_public(client, settings):
    assert client.get("/expiring/").url == "/accounts/login/?next=/expiring/"
    assert client.get("/expiring/?within=31").status_code == 400
    settings.PUBLIC_READ = True
    assert client.get("/expiring/").status_code == 200


def test_the_number_of_queries_is_fixed(client, many, django_assert_max_num_queries):
    client.force_login(factory.user("editor"))
    for query in ("", "region=320000", "type=carbon_label"):
        with django_assert_max_num_queries(9):
            assert client.get(f"/expiring/?{query}").status_code == 200
