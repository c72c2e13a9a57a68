"""Forms of very many fields are taken like any other; what a list is asked keeps its own limit."""

import pytest
from django.urls import reverse

from certifications.models import Product
from policies.models import Policy
from tanxun.digest import intake
from tests import factory
from tests.test_admin_together import editor, opened  # noqa: F401 - a fixture
from tests.test_intake import FRIDAY, POLICY
from tests.test_intake import editor as reviewer  # noqa: F401 - a fixture
from tests.test_review_desk import sent

pytestmark = pytest.mark.django_db


def test_a_company_of_many_products_is_changed(client, editor):  # noqa: F811
    company = factory.company()
    Product.objects.bulk_create(Product(company=company, name=f"样例产品{number}") for number in range(260))
    address, form = opened(client, company)
    assert len(form) > 1_000
    assert client.post(address, form | {"website": "https://example.com/"}).status_code == 302
    company.refresh_from_db()
    assert (company.website, company.products.count()) == ("https://example.com/", 260)


def test_a_draft_of_many_targets_is_accepted(client, reviewer):  # noqa: F811
    client.force_login(reviewer)
    draft = intake.bring_in("", POLICY, reference_date=FRIDAY, user=reviewer).newsletter.drafts.get()
    rows = {"targets-TOTAL_FORMS": "180"}
    for number in range(180):
        rows |= {f"targets-{number}-indicator": f"零碳园区{number}", f"targets-{number}-value": str(number)}
        rows |= {f"targets-{number}-{name}": "" for name in ("unit", "base", "year", "sentence")}
    assert sent(client, draft, **rows).status_code == 302
    assert Policy.objects.get().targets.count() == 180


def test_a_list_is_asked_for_a_thousand_parameters_at_most(client):
    client.force_login(factory.user("manager"))
    for name in ("statements", "statements-csv"):
        for count in (1_001, 5_000):
            response = client.get(f"{reverse(name)}?{'&'.join(['q='] * count)}")
            assert response.status_code == 400, (name, count)
        assert client.get(f"{reverse(name)}?{'&'.join(['q='] * 1_000)}").status_code == 200, name
