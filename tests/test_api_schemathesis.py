"""The whole API against its own description, by schemathesis with all its checks (trust.md API-01).

A few examples an address in the ordinary suite; SCHEMATHESIS_EXAMPLES=500 for the long run.
"""

import os
from contextlib import contextmanager

import pytest
import schemathesis
from django.conf import settings as site
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.utils.module_loading import import_string
from hypothesis import HealthCheck, settings
from schemathesis import GenerationMode
from schemathesis.generation.hypothesis.builder import HypothesisTestConfig, HypothesisTestMode, create_test
from schemathesis.specs.openapi.checks import negative_data_rejection

from tanxun.listing.page import find
from tests.tokens import bearing, some_of_everything, token

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "10"))
# The edges of every parameter, some thousand questions an address, are part of the long run.
MODES = [mode for mode in HypothesisTestMode if mode != HypothesisTestMode.COVERAGE or EXAMPLES >= 100]
PAGES = {page.slug: page for page in import_string(site.LIST_PAGES)}


@pytest.fixture
def described(settings, client):
    """What the site says of itself, completed by what only the data know: the keys of records, and no place in a list, of
    which each is signed (another test follows the links).
    """
    settings.API_BURST = settings.API_REQUESTS_PER_MINUTE = 10**9
    some_of_everything()
    headers = bearing(token())
    raw = client.get("/api/v1/schema/", headers=headers).json()
    places = raw["components"]["schemas"]["Place"]["enum"]
    places[:] = [*places[:5], places[-1]]  # each of the 3,000 would be asked for, once for every parameter that takes one
    for address, verbs in raw["paths"].items():
        slug, parameters = address.split("/")[3], verbs["get"]["parameters"]
        parameters[:] = [one for one in parameters if one["name"] != "cursor"]
        for one in parameters:
            if one["in"] == "path":
                one["schema"] = {"type": "integer", "enum": keys_of(find(slug).queryset)}
            elif "pattern" in (inner := one["schema"].get("items", {})) and inner["pattern"].startswith("^([0-9]{1,18}"):
                filter_ = PAGES[slug].filterset_class.base_filters[one["name"]]
                one["schema"]["items"] = {"type": "string", "enum": [str(key) for key in keys_of(filter_.rows())]}
    schema = schemathesis.openapi.from_dict(raw)
    schema.app = get_wsgi_application()
    schema.config.update(headers=headers)
    with the_connection_kept():
        yield schema


@contextmanager
def the_connection_kept():
    """A server lets go of a connection within a transaction when a request begins: here that is the test's own, and all that
    it wrote would be gone. Django's client keeps it in the same way, but only while it asks itself.
    """
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def keys_of(rows):
    return list(rows.values_list("pk", flat=True)[:3])


def made_possible(case):
    """What two parameters decide together: spans in their order, evidence with its policy."""
    query = dict(case.query or {})
    for name in [name for name in query if name.endswith("_after")]:
        other = name.replace("_after", "_before")
        query[name], query[other] = sorted((query[name], query.get(other, query[name])))
    if "evidence" in query:
        query["policy"] = [str(key) for key in keys_of(find("policies").queryset)]
    case.query = query


def asked(case):
    if case.meta.generation.mode == GenerationMode.POSITIVE:
        made_possible(case)
    # A parameter with an empty value counts as absent (contract), which a description cannot say of one in a list.
    values = [one for value in (case.query or {}).values() for one in (value if isinstance(value, list) else [value])]
    has_empty = any(value in ("", None) for value in values)
    case.call_and_validate(excluded_checks=[negative_data_rejection] if has_empty else [])


@pytest.mark.parametrize("ending", ["", "{key}/"], ids=["list", "record"])
@pytest.mark.parametrize("slug", PAGES)
def test_the_api_is_as_it_is_described(described, slug, ending):
    """Random questions, possible and impossible ones; in the long run also the edges of every parameter."""
    operation = described[f"/api/v1/{slug}/{ending}"]["GET"]
    effort = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    config = HypothesisTestConfig(project=described.config, modes=MODES, settings=effort)
    create_test(operation=operation, test_func=asked, config=config)()
