"""Counts beside the choices: equal to the lists they lead to, without the facet's own filter, right after every write."""

import datetime as dt
import json
import re

import pytest
from django.conf import settings
from django.db import connection
from django.http import QueryDict
from django.utils.module_loading import import_string

from certifications.models import Company, VerificationStatement
from tanxun.listing import question
from tanxun.listing.facets import figures
from tanxun.listing.page import find
from tanxun.regions.models import Region
from tests import factory as f

PAGES = import_string(settings.LIST_PAGES)


def fill():
    """Statements and policies of which every choice has some and none, in several combinations."""
    places = [f.region("320583"), f.region("320500"), f.region("330100"), None]
    kinds = ["ghg_verification", "product_carbon_footprint", "green_factory"]
    days = [dt.date(2024, 5, 1), dt.date(2025, 12, 31), dt.date.today()]
    chips, cloth = f.industry(), f.industry("C17", "纺织业")
    for number in range(24):
        company = f.company(region=places[number % 4], industry=(chips, cloth, None)[number % 3])
        named = {"verification_body": f.body(("sgs", "cti")[number % 2])}
        hidden = {"verification_body": None, "is_body_undisclosed": True}
        listed = {"verification_body": None}
        f.statement(
            company=company,
            statement_type=f.statement_type(kinds[number % 3], **({"topic": f.topic()} if number % 3 == 0 else {})),
            issued_on=days[number % 3],
            valid_until=dt.date(2099, 1, 1) if number % 2 else None,
            emissions_tco2e="10" if number % 5 == 0 else None,
            standards=[f.standard(), f.standard("ISO 14064-1", "2006"), f.standard("GB/T 24067", "2024")][: number % 4],
            **(named, hidden, listed)[number % 3],
        )
        policy = f.policy(
            region=places[number % 4],
            level=("province", "city")[number % 2],
            stage=("trial", "")[number % 2],
            issued_on=days[number % 3],
            topics=[f.topic(), f.topic("x", "样")][: number % 3],
        )
        own = [f.topic("x", "样")] if number % 4 == 1 else []
        f.target(policy, own, year=(None, 2030, 2031)[number % 3], base=("", "new", "total")[number % 3])
        ends = dt.date.today() + dt.timedelta(days=number - 12) if number % 3 else None
        f.incentive(policy, own, kind=("", "one_off")[number % 2], apply_by=ends)
        policy.industries.set([chips, cloth, chips.parent][: number % 4])
        f.digest(f"{2024 + number % 3}-W{number + 1:02}")


ASKED = {
    "statements": [
        "",
        "type=ghg_verification&body=sgs",
        "region=320000&issued=this_year",
        "body!=sgs&validity=valid",
        "q=样例",
        "q=样例&standard=none&standard=ISO 14064-1",
    ],
    "companies": ["", "type=green_factory", "region=320500&validity=valid", "body=undisclosed&type!=green_factory"],
    "bodies": ["", "kind=certification_body"],
    "policies": [
        "",
        "industry=C&industry=none",
        "level=city",
        "region=320500&scope=applies",
        "region=320000&scope=exact",
        "topic=x&region=320000",
    ],
    "targets": ["", "year=2030", "topic=x&base=new", "region=320500&scope=applies", "year!=2031&indicator=样例", "q=样例"],
    "digests": ["", "year=2025", "year!=2024", "year=2024&year=2026", "q=样例"],
    "incentives": [
        "",
        "open=1",
        "topic=x",
        "region=320000&scope=exact&kind=one_off",
        "open=0&issued=this_year",
        "apply_by_before=2099-01-01",
    ],
}


def listed(slug, params):
    return find(slug).rows(params).found.count()


@pytest.mark.django_db
@pytest.mark.parametrize("are_few", [True, False], ids=["by keys", "too many for keys"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
def test_every_count_is_the_number_of_rows_that_the_choice_leads_to(page, are_few, monkeypatch):
    if not are_few:
        monkeypatch.setattr(question, "FEW", 0)
        monkeypatch.setattr(question, "FEW_LOOKED_UP", 0)
    fill()
    checked = 0
    for query in ASKED[page.slug]:
        counted = figures(find(page.slug).rows(QueryDict(query)), everything=True)
        assert counted.total == listed(page.slug, QueryDict(query)), query
        for name, tally in counted.tallies.items():
            for value, count in list(tally.items())[:25]:
                params = QueryDict(query, mutable=True)
                for own in (f"{name}!", f"{name}_after", f"{name}_before"):
                    params.pop(own, None)
                params[name] = value
                assert count == listed(page.slug, params), (query, name, value)
                checked += count > 0
    assert checked > 10 or page.slug == "bodies"


@pytest.mark.django_db
def test_every_facet_is_a_filter_and_counts_something():
    fill()
    for page in PAGES:
        assert page.facets
        counted = figures(page().rows(QueryDict()), everything=True)
        assert set(counted.tallies) == set(page.facets)
        assert all(sum(tally.values()) for tally in counted.tallies.values()) or page.slug == "bodies"


@pytest.mark.django_db(transaction=True)
def test_counts_are_kept_until_something_is_written_in_whatever_way(django_assert_num_queries):
    made = f.statement()

    def total(query=""):
        return figures(find("statements").rows(QueryDict(query))).total

    assert total() == 1
    with django_assert_num_queries(2):  # the options of the form, and the version of the data
        assert total() == 1
    f.statement(company=made.company)
    assert total() == 2
    made.remove("wrong")
    assert total() == 1
    with connection.cursor() as cursor:
        cursor.execute("UPDATE certifications_verificationstatement SET deleted_at = NULL")
    assert total() == 2
    VerificationStatement.objects.filter(pk=made.pk).update(tier="A")
    VerificationStatement.objects.filter(pk=made.pk).delete()
    assert total() == 1
    Company.objects.bulk_update([made.company], ["website"])
    assert total("q=没有") == 0
    made.company.name = "没有声明的企业"
    made.company.save()
    assert total("q=没有") == 1


@pytest.mark.django_db
def test_the_page_does_not_wait_for_its_counts_but_says_where_they_are(client):
    f.statement()
    client.force_login(f.user("reader"))
    html = client.get("/statements/?type=ghg_verification&sort=company&page=1").content.decode()
    address = re.search(r'hx-get="([^"]*overview[^"]*)"', html)[1].replace("&amp;", "&")
    assert f'<noscript><a href="{address}"'.replace("&", "&amp;") in html
    assert not re.search(r'class="tally"[^>]*>[^<]', html)
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    counts = json.loads(re.search(r'data-facet="type" data-counts="([^"]*)"', part)[1].replace("&quot;", '"'))
    assert counts["ghg_verification"] == 1
    whole = client.get(address).content.decode()
    assert re.search(r'data-tally="type:ghg_verification">1<', whole)
    assert "<tbody" in whole


@pytest.mark.django_db
def test_a_closed_facet_is_counted_when_it_is_opened_or_something_is_chosen_in_it(client):
    f.statement(standards=[f.standard()])
    client.force_login(f.user("reader"))
    part = client.get("/statements/overview/", headers={"HX-Request": "true"}).content.decode()
    assert 'data-facet="standard"' not in part
    html = client.get("/statements/?type=ghg_verification").content.decode()
    address = re.search(r'data-counts="([^"]*)" data-name="standard"', html)[1].replace("&amp;", "&")
    assert client.get(address).json() == {"ISO 14064-1": 1, "none": 0}
    chosen = client.get("/statements/overview/?standard=none", headers={"HX-Request": "true"}).content.decode()
    assert 'data-facet="standard"' in chosen
    assert client.get("/statements/overview/nonsense/").status_code == 404
    asked = re.findall(r'data-counts="(/[^"]*)"', html)
    assert {client.get(one.replace("&amp;", "&")).status_code for one in asked} == {200}  # none is asked for that is not counted
    client.logout()
    assert client.get(address).status_code == 401


@pytest.mark.django_db
def test_the_overview_is_as_closed_as_the_list(client):
    assert client.get("/statements/overview/").status_code == 302
    assert client.get("/places/?within=320000").status_code == 302
    assert client.get("/statements/overview/?nonsense=1").status_code == 400


@pytest.mark.django_db
def test_the_count_is_exact_on_arrival(client, monkeypatch):
    monkeypatch.setattr("tanxun.listing.paging.COUNT_LIMIT", 2)
    for _number in range(3):
        f.statement()
    client.force_login(f.user("reader"))
    html = client.get("/statements/?type=ghg_verification&page=1&sort=company").content.decode()
    address = re.search(r'<span hx-get="([^"]*)"[^>]*><strong>2\+<', html)[1].replace("&amp;", "&")
    assert address == "/statements/total/?type=ghg_verification&sort=company"
    assert "<strong>3</strong>" in client.get(address).content.decode()
    assert client.get("/statements/total/?type=green_factory").status_code == 400
    assert 'data-total="3"' in client.get("/statements/overview/", headers={"HX-Request": "true"}).content.decode()
    client.logout()
    assert client.get(address).status_code == 401


@pytest.mark.django_db
def test_only_divisions_are_counted():
    beijing = Region.objects.create(code="110000", name="北京市", short_name="北京", level="province")
    dongcheng = Region.objects.create(code="110101", name="东城区", short_name="东城", level="county", parent=beijing)
    retired = Region.objects.create(code="320599", name="旧区", short_name="旧区", level="county", parent=f.region("320500"))
    for place in (dongcheng, retired, None):
        f.statement(company=f.company(region=place))
    tally = figures(find("statements").rows(QueryDict()), everything=True).tallies["region"]
    assert tally == {"110000": 1, "110101": 1, "320000": 1, "320500": 1, "320599": 1, "none": 1}


@pytest.mark.django_db
def test_the_tree_opens_to_what_is_chosen_and_is_searched_by_name_and_pinyin(client):
    f.region("320583")
    Region.objects.filter(code="320583").update(pinyin="kunshanshi", pinyin_initials="kss")
    client.force_login(f.user("reader"))
    html = client.get("/statements/?region=320500").content.decode()
    assert 'value="320583"' in html
    assert 'value="330106"' not in html
    assert 'value="330106"' in client.get("/places/?within=330100").content.decode()
    for text in ("昆山", "崑山", "ｋｕｎｓｈａｎ", "Kun Shan", "江苏昆山", "江蘇省蘇州市崑山", "苏州 昆", "江苏苏州kss"):
        assert 'value="320583"' in client.get("/places/", {"named": text}).content.decode(), text
    for text in ("浙江昆山", "昆山江苏", "江苏昆山昆山"):
        assert 'value="320583"' not in client.get("/places/", {"named": text}).content.decode(), text


@pytest.mark.django_db
def test_the_filter_follows_to_the_other_lists(client):
    f.statement()
    client.force_login(f.user("reader"))
    client.cookies["django_language"] = "en"
    query = "region=320000&issued_after=2025-01-01&type=ghg_verification&q=x&sort=company"
    response = client.get(f"/statements/?{query}")
    assert [address for _title, address in response.context["follows"]] == [
        "/companies/?region=320000&issued_after=2025-01-01",
        "/policies/?region=320000&issued_after=2025-01-01",
        "/targets/?region=320000&issued_after=2025-01-01",
        "/incentives/?region=320000&issued_after=2025-01-01",
    ]
    for _title, address in response.context["follows"]:
        assert client.get(address).status_code == 200


@pytest.mark.django_db
def test_every_choice_can_be_left_out_or_asked_to_be_empty_in_the_form(client):
    f.statement()
    client.force_login(f.user("reader"))
    html = client.get("/statements/?type!=ghg_verification&body!=none").content.decode()
    assert '<select name="region!"' in html
    assert '<input type="checkbox" name="type!" value="ghg_verification" checked>' in html
    assert '<input type="checkbox" name="body!" value="none" checked>' in html
    assert '<input type="checkbox" name="body" value="none">' in html
    assert '<input type="checkbox" name="type" value="none">' not in html  # every statement has a type
