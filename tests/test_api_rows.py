"""The API tells what the lists tell: the same rows for the same question, page by page, one by one, and what each key means."""

import datetime as dt
import json
import re

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

from tanxun.listing.page import ALL
from tests import factory as f
from tests.tokens import bearing, some_of_everything, token

pytestmark = pytest.mark.django_db
PAGES = import_string(settings.LIST_PAGES)
SLUGS = [page.slug for page in PAGES]


@pytest.fixture
def ask(client):
    """Asks an address as a program does."""
    headers = bearing(token())

    def asked(address, **more):
        return client.get(address.removeprefix(settings.SITE_URL), headers=headers | more)

    return asked


@pytest.mark.parametrize("page", PAGES, ids=SLUGS)
def test_every_list_is_there_with_its_records(ask, page):
    some_of_everything()
    answer = ask(f"/api/v1/{page.slug}/?columns={ALL}").json()
    assert (answer["count"], answer["count_is_exact"]) == (len(answer["results"]), True)
    assert answer["results"]
    for row in answer["results"]:
        assert {column.key for column in page.columns} <= row.keys()
        assert ask(f"/api/v1/{page.slug}/{row['id']}/").json() == row
        assert row["url"] == f"{settings.SITE_URL}{page.queryset.get(pk=row['id']).get_absolute_url()}"


def test_words_codes_numbers_days_and_what_is_missing(ask):
    statement = some_of_everything()
    row = ask(f"/api/v1/statements/{statement.pk}/").json()
    assert row["company"] == "苏州样例科技"
    assert row["company_id"] == statement.company_id
    assert (row["type"], row["type_key"]) == ("GHG verification", "ghg_verification")
    assert (row["body"], row["body_key"], row["body_id"]) == ("SGS", "sgs", statement.verification_body_id)
    assert (row["validity"], row["validity_key"]) == ("undated", "undated")
    assert (row["region_code"], row["industry_key"]) == ("320583", "C39")
    assert row["emissions"] == "1200.5"
    assert row["dated_on"] == "2026-01-16"
    assert row["standards"] == ["ISO 14064-1:2018"]
    assert (row["footprint"], row["certificate_number"], row["valid_until"], row["categories"]) == (None, None, None, [])


def test_an_undisclosed_body_is_told_as_such_and_an_unknown_one_is_not(ask):
    hidden = f.statement(is_body_undisclosed=True)
    row = ask(f"/api/v1/statements/{hidden.pk}/").json()
    assert (row["body"], row["body_key"], row["body_id"]) == ("undisclosed", "undisclosed", None)
    listed = f.statement(statement_type=f.statement_type("green_factory"), verification_body=None)
    row = ask(f"/api/v1/statements/{listed.pk}/").json()
    assert (row["body"], row["body_key"], row["body_id"]) == (None, None, None)


def test_a_code_is_what_the_filter_takes(ask):
    some_of_everything()
    f.statement(is_body_undisclosed=True, statement_type=f.statement_type("product_carbon_footprint"))
    for row in ask("/api/v1/statements/?columns=type,body,validity").json()["results"]:
        for name in ("type", "body", "validity"):
            found = ask(f"/api/v1/statements/?{name}={row[f'{name}_key']}").json()["results"]
            assert row["id"] in [one["id"] for one in found], name


def test_a_day_that_is_known_to_the_month_only_is_told_so(ask):
    policy = f.policy(issued_on=dt.date(2026, 3, 1), precisions={"issued_on": "month"})
    assert ask(f"/api/v1/policies/{policy.pk}/").json()["issued_on"] == "2026-03"


@pytest.mark.parametrize("language", ["en", "zh-CN,zh;q=0.9", "zh;q=0.5, en-GB", "en;q=0, fr", "fr", "", "*", ",;q=x" * 999])
def test_words_are_in_the_language_asked_for_and_keys_in_none(client, language):
    statement, is_english = some_of_everything(), language in ("en", "zh;q=0.5, en-GB")
    client.cookies["django_language"] = "en"
    answer = client.get(f"/api/v1/statements/{statement.pk}/", headers=bearing(token(), language))
    row = answer.json()
    assert (row["type"], row["type_key"]) == ("GHG verification" if is_english else "温室气体核查", "ghg_verification")
    assert answer.headers["Content-Language"] == ("en" if is_english else "zh-hans")
    assert {"Authorization", "Accept-Language"} <= {name.strip() for name in answer.headers["Vary"].split(",")}


def test_the_same_question_has_the_same_rows_as_the_list(ask, client):
    for number in range(6):
        f.statement(
            company=f.company(f"昆山样例{number}", region=f.region("320583" if number % 2 else "330100")),
            statement_type=f.statement_type("product_carbon_footprint" if number % 3 else "ghg_verification"),
            issued_on=dt.date(2026, 1, number + 1),
        )
    client.force_login(f.user())
    for query in (
        "region=320000",
        "type=ghg_verification",
        "type!=ghg_verification",
        "q=样例3",
        "sort=company",
        "sort=-dated_on&issued_after=2026-01-02&issued_before=2026-01-04",
        "region=none",
        "id=1,2,3",
        "utm_source=x&q=",
    ):
        shown = client.get(f"/statements/?{query}").context["found"].rows
        told = ask(f"/api/v1/statements/?{query}").json()
        assert [row["id"] for row in told["results"]] == [row[0] for row in shown], query


def test_columns_are_chosen_in_their_order(ask):
    some_of_everything()
    (row,) = ask("/api/v1/statements/?columns=emissions,company").json()["results"]
    assert list(row) == ["id", "url", "emissions", "company", "company_id"]


def test_what_a_person_chose_for_the_page_changes_nothing(client):
    """Columns of a habit are for the eyes of one person; what a program gets stays as it was."""
    some_of_everything()
    user = f.user()
    headers = bearing(token(user))
    before = client.get("/api/v1/statements/", headers=headers).content
    client.force_login(user)
    client.post("/statements/columns/", {"columns": ["emissions"], "query": "", "keep": "1"})
    assert user.list_habits.get().columns == "emissions"
    client.logout()
    assert client.get("/api/v1/statements/", headers=headers).content == before


def walk(ask, address, rel="next"):
    """The keys of all rows from there on, page by page."""
    pages = []
    while address:
        answer = ask(address).json()
        pages.append([row["id"] for row in answer["results"]])
        address = answer[rel]
    return pages


def test_links_lead_through_the_whole_list_and_back(ask):
    company = f.company()
    keys = {f.statement(company=company, issued_on=dt.date(2026, 1, 1 + number % 5)).pk for number in range(60)}
    for query in ("", "&sort=company", "&sort=-type&columns=type", "&q=样例"):
        pages = walk(ask, f"/api/v1/statements/?per_page=25{query}")
        assert [len(page) for page in pages] == [25, 25, 10], query
        assert {key for page in pages for key in page} == keys
        last = ask(f"/api/v1/statements/?per_page=25&page=3{query}").json()
        assert [row["id"] for row in last["results"]] == pages[-1]
        assert walk(ask, last["previous"], "previous") == [pages[1], pages[0]], query


def test_rows_that_come_in_meanwhile_neither_repeat_nor_hide_others(ask):
    company = f.company()
    old = [f.statement(company=company, issued_on=dt.date(2026, 1, 1)).pk for _number in range(30)]
    first = ask("/api/v1/statements/").json()
    f.statement(company=company, issued_on=dt.date(2026, 2, 1))
    second = ask(first["next"]).json()
    assert sorted(row["id"] for row in (*first["results"], *second["results"])) == old
    assert second["next"] is None


def test_whoever_counts_pages_comes_to_an_end(ask):
    """People who ask for a page that is not there are shown the last one; a program would turn for ever."""
    company = f.company()
    for _number in range(30):
        f.statement(company=company)
    beyond = ask("/api/v1/statements/?page=3").json()
    assert (beyond["results"], beyond["next"], beyond["count"]) == ([], None, 30)
    assert len(ask(beyond["previous"]).json()["results"]) == 5
    empty = ask("/api/v1/statements/?page=9&region=330000").json()
    assert (empty["results"], empty["next"], empty["previous"], empty["count"]) == ([], None, None, 0)


def test_a_record_is_there_whatever_the_list_leaves_out(ask):
    """The list of companies shows those with a statement unless it is asked otherwise."""
    company = f.company("杭州无声明样例")
    assert ask("/api/v1/companies/").json()["results"] == []
    assert ask(f"/api/v1/companies/{company.pk}/").json()["name"] == "杭州无声明样例"


def test_deleted_records_are_gone(ask):
    statement = some_of_everything()
    statement.delete()
    assert ask(f"/api/v1/statements/{statement.pk}/").status_code == 404
    assert ask("/api/v1/statements/").json()["results"] == []


@pytest.mark.parametrize("page", PAGES, ids=SLUGS)
def test_the_codebook_names_every_key_of_a_row(ask, page):
    some_of_everything()
    (row, *_others) = ask(f"/api/v1/{page.slug}/?columns=all").json()["results"]
    book = ask(f"/api/v1/{page.slug}/codebook/").json()
    assert [entry["key"] for entry in book["columns"]] == list(row)
    for entry in book["columns"]:
        assert entry["label"], entry
        value = row[entry["key"]]
        kinds = {"whole number": int, "list of texts": list}
        assert value is None or isinstance(value, kinds.get(entry["type"], str)), entry
        if entry["type"] == "exact number, as text" and value:
            assert re.fullmatch(r"-?\d+(\.\d+)?", value)
        if entry["values"] and value:
            assert value in [one["key"] for one in entry["values"]], entry


def test_the_codebook_has_units_and_meanings(ask):
    book = {entry["key"]: entry for entry in ask("/api/v1/statements/codebook/").json()["columns"]}
    assert book["emissions"]["unit"] == "tCO₂e"
    assert "Issued, else announced" in book["dated_on"]["description"]
    assert {"key": "expired", "label": "expired"} in book["validity_key"]["values"]


def test_the_root_leads_to_everything(ask):
    root = ask("/api/v1/").json()
    assert [one["list"] for one in root["lists"]] == SLUGS
    for one in root["lists"]:
        assert ask(one["url"]).status_code == ask(one["codebook"]).status_code == 200
    assert ask(root["schema"]).json()["openapi"].startswith("3.")


def test_questions_to_the_database_are_few_and_do_not_grow(ask, django_assert_num_queries):  # LOAD-07
    """The token with its owner, the options of the filters with its habit, the version of the data, and all rows by one."""
    counts = {}
    ask("/api/v1/")  # the first use of the token is noted
    for _time in range(2):
        for number in range(3):
            some_of_everything_else()
            f.body(f"body-{len(counts)}-{number}")
        for page in PAGES:
            with django_assert_num_queries(4):
                found = ask(f"/api/v1/{page.slug}/?columns=all").json()["results"]
            assert len(found) > counts.get(page, 0)
            counts[page] = len(found)
            with django_assert_num_queries(4 if "RowChoice" in filters_of(page) else 3):
                ask(f"/api/v1/{page.slug}/{found[0]['id']}/")


def filters_of(page):
    """The kinds of the filters whose options are read of a table."""
    from tanxun.listing.options import RowChoiceFilter

    kinds = page.filterset_class.base_filters.values()
    return "RowChoice" if any(isinstance(one, RowChoiceFilter) and not one.only_given for one in kinds) else ""


def some_of_everything_else():
    company = f.company(region=f.region(), industry=f.industry())
    f.statement(company=company, products=[f.product(company)], standards=[f.standard()])
    policy = f.policy(region=f.region(), topics=[f.topic()])
    f.target(policy, value=3, unit="家", year=2030)
    f.incentive(policy, amount=3, currency="CNY")
    f.digest()


def test_an_answer_is_valid_json_of_the_characters_themselves(ask):
    f.statement(company=f.company('样例"\\<script>\u2028科技'))
    answer = ask("/api/v1/statements/")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["results"][0]["company"] == '样例"\\<script>\u2028科技'
    assert "样例" in answer.content.decode()
    json.loads(answer.content)


@pytest.mark.parametrize("keys", ["3", "0,3", "007", "0", "000", "0,0", "x", "3,", "-1"])
def test_the_description_knows_which_keys_are_taken(ask, keys):
    described = ask(ask("/api/v1/").json()["schema"]).json()["paths"]["/api/v1/statements/"]["get"]["parameters"]
    pattern = next(one["schema"]["pattern"] for one in described if one["name"] == "id")
    assert ask(f"/api/v1/statements/?id={keys}").status_code == (200 if re.search(pattern, keys) else 400)
