"""Words of a search that name a place or an industry lead to lists filtered by them, with the numbers those lists hold."""

import datetime as dt

import pytest
from django.utils import timezone

from tanxun.records.models import Industry
from tests import factory as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    client.force_login(f.user("reader"))
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture(autouse=True)
def _records():
    textile = f.industry("C17", "纺织业")
    Industry.objects.filter(code="C17").update(name_en="Manufacture of Textile")
    for code, name in (("C36", "汽车制造业"), ("C38", "电气机械和器材制造业"), ("C14", "食品制造业")):
        f.industry(code, name)
    label, today = f.statement_type("carbon_label"), timezone.localdate()
    for number, days in enumerate((-5, 20, 80, 400)):
        company = f.company(f"样例{number}有限公司", region=f.region(), industry=textile)
        f.statement(company=company, statement_type=label, issued_on=dt.date(2024, 1, 5), valid_until=today + dt.timedelta(days))
    f.statement(company=f.company("杭州某纺织厂", region=f.region("330100"), industry=textile))
    f.statement(company=f.company("昆山某电子厂", region=f.region(), industry=f.industry()))


def offered(reader, text):
    found = reader.get("/search/", {"q": text}).context["shortcut"]
    return {link.key: link for link in found.links} if found else {}


@pytest.mark.parametrize("text", ["昆山 纺织", "纺织业 昆山市", "昆山纺织", "崑山 紡織", "textile 昆山"])
def test_place_and_industry_become_filters(reader, text):
    links = offered(reader, text)
    assert {key: str(link.count) for key, link in links.items()} == {"companies": "4", "due": "3", "statements": "4"}
    for link in links.values():
        assert str(reader.get(link.url).context["found"].count) == str(link.count)


@pytest.mark.parametrize("text", ["昆山", "崑山市", "江苏省苏州市昆山市"])
def test_a_place_alone_leads_to_what_lies_in_it(reader, text):
    links = offered(reader, text)
    assert {key: str(link.count) for key, link in links.items()} == {"companies": "5", "due": "3", "statements": "5"}
    for link in links.values():
        assert str(reader.get(link.url).context["found"].count) == str(link.count)


def test_the_rest_of_the_words_is_searched_for(reader):
    assert str(offered(reader, "昆山 电子厂")["companies"].count) == "1"
    assert str(offered(reader, "昆山 -电子厂")["companies"].count) == "4"
    assert str(offered(reader, "昆山 纺织 样例2")["companies"].count) == "1"


@pytest.mark.parametrize("text", ["样例2", '"昆山"', "-昆山", "制造", "业", "鼓楼", "昆"])
def test_what_names_neither_or_too_many_offers_nothing(reader, text):
    assert not offered(reader, text)


def test_the_companies_whose_statement_is_due_lead_to_their_statements(reader):
    page = reader.get(offered(reader, "昆山 纺织")["due"].url)
    follows = next(address for _title, address in page.context["follows"] if address.startswith("/statements/"))
    assert reader.get(follows).context["found"].count == 3
    assert "样例3" not in page.content.decode()
