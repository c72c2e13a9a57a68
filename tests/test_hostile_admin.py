"""ADM-01: every text field of every form of the admin, found by walking what is registered: an error beside the field, or stored
as it is and shown safe; never a broken page.
"""

import lxml.html
import pytest
from django.contrib import admin
from django.urls import reverse

from certifications.models import BodyAccreditation, BodyAlias, CompanyName, CompanyPolicy, StatementPolicy
from policies.models import IssuingBodyAlias, PolicyLink
from tanxun.listing.models import SavedFilter
from tests import factory
from tests.hostile import JSONS, SCRIPT, STORABLE, TEXTS, TYPED, encoded, kind_of, send
from tests.test_admin_pages import some_of_each  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
OF_THE_FORM = ("csrfmiddlewaretoken", "form_token", "version", "initial-")
OF_ROWS = ("_FORMS", "-id")


@pytest.fixture
def world(some_of_each, client):  # noqa: F811
    """At least one row of everything that has a form, with rows of its parts."""
    from certifications.models import Company, VerificationStatement
    from policies.models import IssuingBody, Policy

    policy, statement, company = Policy.objects.first(), VerificationStatement.objects.first(), Company.objects.first()
    CompanyName.objects.create(company=company, name="样简", kind="short")
    CompanyPolicy.objects.create(company=company, policy=policy)
    StatementPolicy.objects.create(statement=statement, policy=policy)
    BodyAlias.objects.create(body=statement.verification_body, name="样别名")
    BodyAccreditation.objects.create(body=statement.verification_body, accreditor="CNAS", number="1")
    IssuingBodyAlias.objects.create(body=IssuingBody.objects.first(), name="样厅")
    PolicyLink.objects.create(policy=policy, kind="implements", title="样例上位方案")
    factory.target(policy)
    factory.incentive(policy)
    root = factory.superuser()
    SavedFilter.objects.create(owner=root, name="我的", page="statements", query="")
    client.force_login(root)
    client.cookies["django_language"] = "en"
    return root


def forms(client):
    """(model, address) of every form that may be saved."""
    request = client.get(reverse("admin:index")).wsgi_request
    for model, model_admin in admin.site._registry.items():
        row = model._default_manager.order_by("pk").first()
        if row and model_admin.has_change_permission(request, row):
            yield model, reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])


def opened(client, address):
    """([(name, value)] as a browser would send them, the names of what one types)."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    page = lxml.html.fromstring(answer.content.decode())
    form = max(page.forms, key=lambda each: len(each.fields))
    values = [(name, value) for name, value in form.form_values() if name != "csrfmiddlewaretoken" and "__prefix__" not in name]
    typed = {each.name for each in form.inputs if each.name and "__prefix__" not in each.name and kind_of(each) in TYPED}
    return values, sorted(name for name in typed if not name.startswith(OF_THE_FORM) and not name.endswith(OF_ROWS))


def with_text(values, names, text):
    return [(name, text if name in names else value) for name, value in values]


def refused(answer):
    """The fields that an answered form has errors beside."""
    forms = [answer.context["adminform"].form]
    for inline in answer.context["inline_admin_formsets"]:
        forms += inline.formset.forms
    return {form.add_prefix(name) for form in forms for name in form.errors if name in form.fields}


def test_every_text_field_of_every_form(client, world):
    """ADM-01, ADM-02: each text in all text fields of a form at once; of a long one in six, for a form of more than 8 MB is
    turned away as a whole."""
    seen = 0
    for model, address in forms(client):
        values, names = opened(client, address)
        seen += len(names)
        for what, text in (TEXTS | JSONS).items():
            step = max(1, 6_000_000 // len(encoded([("", text)])))
            for start in range(0, len(names), step):
                some = names[start : start + step]
                answer = send(client, address, with_text(values, some, text))
                assert answer.status_code in (200, 302), (model, what, some, answer.status_code)
                assert answer.status_code == 302 or SCRIPT not in answer.content.decode(), (model, what, some)
    assert seen > 60


def test_what_is_taken_is_shown_safe(client, world):
    """ADM-01: fields that refuse the text keep theirs; the others store it, and the record, its list and its history answer."""
    text, stored = "".join(TEXTS[what] for what in STORABLE)[-90:], []
    for model, address in forms(client):
        values, names = opened(client, address)
        answer, wanted = None, set(names)
        for _turn in range(4):
            answer = send(client, address, [*with_text(values, wanted, text), ("save_anyway", "on")])
            if answer.status_code == 302:
                break
            wanted -= refused(answer) or set(list(wanted)[: len(wanted) // 2 + 1])
        assert answer.status_code == 302, (model, answer.context["adminform"].form.errors)
        row = model._default_manager.order_by("pk").first()
        stored += [model] if wanted else []
        pages = [address, reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")]
        pages += [f"{address.removesuffix('change/')}history/"] if hasattr(model, "history") else []
        pages += [row.get_absolute_url()] if hasattr(row, "get_absolute_url") else []
        for page in pages:
            shown = client.get(page, follow=True)
            assert shown.status_code == 200, (model, page)
            assert SCRIPT not in shown.content.decode(), (model, page)
    assert len(stored) > 10
