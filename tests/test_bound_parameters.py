"""What an address or a form holds never becomes a part of a query's text: it is bound (CWE-89)."""

import pytest
from django.db import connection

from tanxun.listing.page import OWN_PARAMETERS
from tanxun.urls import PAGES
from tests import factory as f

pytestmark = pytest.mark.django_db
FRAGMENT = "x') OR zzunbound=1--"


@pytest.fixture
def texts():
    """The text of every query, as the driver gets it."""
    seen = []

    def watch(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield seen


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
def test_no_parameter_of_a_list_reaches_the_text_of_a_query(client, texts, page):
    """SEC-44: each filter, with what else a list is asked by, on the page and in a file."""
    client.force_login(f.superuser())
    f.statement()
    f.policy()
    names = [*page.filterset_class.get_filters(), *OWN_PARAMETERS, FRAGMENT]
    for name in names:
        for place in (f"/{page.slug}/", f"/{page.slug}.csv", f"/{page.slug}.atom"):
            assert client.get(place, {name: FRAGMENT}).status_code in (200, 400), (place, name)
    assert client.get("/search/", {"q": FRAGMENT}).status_code == 200
    assert len(texts) > len(names)
    assert not [sql for sql in texts if "zzunbound" in sql]


def test_no_field_of_a_form_reaches_the_text_of_a_query(client, texts):
    """SEC-44"""
    client.force_login(f.superuser())
    client.post("/accounts/login/", {"username": FRAGMENT, "password": FRAGMENT})
    client.post("/accounts/lost/", {"name": FRAGMENT})
    client.post("/review/", {"text": FRAGMENT * 20, "title": FRAGMENT})
    client.post("/saved/", {"page": "statements", "name": FRAGMENT, "query": f"q={FRAGMENT}"})
    for query in ({"q": FRAGMENT}, {"o": FRAGMENT}, {FRAGMENT: "1"}, {"region__code": FRAGMENT}):
        client.get("/admin/certifications/company/", query)
    choice = {"app_label": "certifications", "model_name": "verificationstatement", "field_name": "company"}
    client.get("/admin/autocomplete/", {"term": FRAGMENT, **choice})
    assert texts
    assert not [sql for sql in texts if "zzunbound" in sql]
