"""The page of one verification body: names, accreditations, and counts that lead to equal lists."""

import re

import pytest

from certifications.models import BodyAccreditation, BodyAlias, VerificationStatement
from tests import factory
from tests.reading import listed, read, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def body():
    body = factory.body("tuv-rheinland", full_name="莱茵检测样例公司", lookup_url="https://register.example/?q={number}")
    BodyAlias.objects.create(body=body, name="莱茵")
    BodyAccreditation.objects.create(body=body, accreditor="CNAS", number="C000-V", scope="ISO 14065")
    return body


def test_names_and_accreditations(client, body):
    page = words(read(client, body.get_absolute_url()))
    for text in ("莱茵检测样例公司", ">莱茵<", "CNAS C000-V", "ISO 14065", 'href="https://register.example/?q="'):
        assert text in page, text


def test_a_body_of_which_only_the_name_is_known(client):
    page = words(read(client, factory.body("new-one", is_confirmed=False).get_absolute_url()))
    assert "not yet confirmed" in page
    assert "No statement of this body is known." in page
    assert page.count("not stated") >= 4


def test_counts_by_type_equal_the_lists_they_lead_to(client, body):
    for slug, count in (("ghg_verification", 3), ("product_carbon_footprint", 2)):
        for _each in range(count):
            factory.statement(verification_body=body, statement_type=factory.statement_type(slug))
    factory.statement(verification_body=factory.body("sgs"))
    VerificationStatement.objects.filter(verification_body=body).first().remove("twice")
    page = words(read(client, body.get_absolute_url()))
    found = re.findall(r'href="(/statements/\?body=tuv-rheinland&amp;type=(\w+))">[^<]*</a> <span class="number">(\d+)<', page)
    assert {slug: int(count) for _url, slug, count in found} == {"ghg_verification": 3, "product_carbon_footprint": 1}
    for url, _slug, count in found:
        assert listed(url.replace("&amp;", "&")) == int(count)


def test_a_deleted_body_is_not_found(client, body):
    body.remove("entered twice")
    read(client, f"/bodies/{body.pk}/", status=404)


def test_the_number_of_queries_does_not_grow(client, body, django_assert_max_num_queries):
    for serial in range(12):
        factory.statement(verification_body=body, statement_type=factory.statement_type(f"kind-{serial}"))
    client.force_login(factory.user())
    with django_assert_max_num_queries(8):
        client.get(body.get_absolute_url())
