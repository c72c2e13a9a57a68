"""Every list, form, history and removal page of the admin answers, for a superuser and for an editor, in few queries."""

import datetime as dt

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certifications.models import Programme
from policies.models import KeyPoint, PolicyDocument
from tanxun.alerts.models import Hook, Message
from tanxun.digest.feeds.models import FeedSource
from tanxun.digest.models import Draft, NewsItem, Newsletter, ReaderWord
from tanxun.jobs.models import Job
from tanxun.records.admin.forms import CleanModelForm
from tanxun.site.models import User
from tests import factory

pytestmark = pytest.mark.django_db

OURS = ("certifications", "policies", "digest", "alerts", "jobs", "records", "regions", "site")
MODELS = [model for model in admin.site._registry if model._meta.app_label in OURS and model._meta.model_name != "formtoken"]


@pytest.fixture
def some_of_each():
    """At least one row of every registered model."""
    company = factory.company(
        "昆山样例电子有限公司", region=factory.region(), industry=factory.industry(), credit_code="91350100M000100Y43"
    )
    factory.statement(company=company, products=[factory.product(company)], standards=[factory.standard()])
    policy = factory.policy(issuers=[factory.issuing_body()], topics=[factory.topic()])
    PolicyDocument.objects.create(policy=policy, title="样例行动方案", number="样例发〔2026〕1号")
    KeyPoint.objects.create(policy=policy, text="样例措施")
    letter = Newsletter.objects.create(text="样例", text_hash="0" * 64, reference_date=dt.date(2026, 1, 16))
    Draft.objects.create(
        newsletter=letter, order=1, kind="other", section="other", headline="样例", start=0, end=2, text_hash="1" * 64
    )
    NewsItem.objects.create(headline="样例动态", kind="other", section="other", text="样例")
    ReaderWord.objects.create(kind="abroad", word="样例国")
    FeedSource.objects.create(name="样例部委", address="https://ministry.example.com/rss")
    Hook.objects.create(name="样例推送", address="https://hooks.example.com/a", owner=factory.user("manager"))
    Message.objects.create(channel="mail", recipient="user-1", key="样例")
    Programme.objects.create(slug="green-factory", name="绿色工厂")
    factory.digest()
    factory.attachment(policy)
    Job.objects.create(kind="tests.working.count", title="数羊")


def address(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture(params=["superuser", "editor"])
def staff(request, client):
    client.force_login(factory.superuser() if request.param == "superuser" else factory.user("editor"))
    return request.param


def test_every_form_that_is_made_once_asks_when_it_was_changed_after_it_was_sent(client):
    """ADM-04: by CleanModelForm, which knows `was_sent`."""
    client.force_login(factory.superuser())
    request, seen = client.get(reverse("admin:index")).wsgi_request, 0
    for model in MODELS:
        page = client.get(address(model, "add"))
        if page.status_code == 200 and 'name="form_token"' in page.content.decode():
            seen += 1
            assert issubclass(admin.site._registry[model].get_form(request), CleanModelForm), model
    assert seen > 10


def test_every_page_answers(client, staff, some_of_each, django_assert_max_num_queries):
    for model in MODELS:
        if model in (User, Message, Hook, Job) and staff == "editor":
            assert client.get(address(model, "changelist")).status_code == 403
            continue
        pk = model._default_manager.values_list("pk", flat=True).first()
        assert pk is not None, model
        with django_assert_max_num_queries(14):
            assert client.get(address(model, "changelist")).status_code == 200
        assert client.get(address(model, "change", pk)).status_code == 200, model
        sees_history = 403 if staff == "editor" else 200
        assert client.get(address(model, "history", pk)).status_code == sees_history, model
        for page in ("delete", "add"):
            args = [pk] if page == "delete" else []
            assert client.get(address(model, page, *args)).status_code in (200, 403), (model, page)


def test_the_list_of_statements_asks_as_often_for_many_rows_as_for_one(
    client, some_of_each, django_assert_num_queries
):  # LOAD-07
    client.force_login(factory.superuser())
    page = reverse("admin:certifications_verificationstatement_changelist")
    client.get(page)

    with CaptureQueriesContext(connection) as one:
        client.get(page)
    for _ in range(12):
        factory.statement(company=factory.company(region=factory.region()))
    with django_assert_num_queries(len(one)):
        client.get(page)


@pytest.mark.parametrize("role", ["reader", "consultant"])
def test_readers_and_consultants_get_no_admin(client, role, some_of_each):
    client.force_login(factory.user(role))
    for page in ("admin:index", "admin:certifications_company_changelist", "admin:certifications_company_add"):
        response = client.get(reverse(page), follow=True)
        assert response.status_code == 403
    query = {"term": "昆山", "app_label": "certifications", "model_name": "verificationstatement", "field_name": "company"}
    assert client.get(reverse("admin:autocomplete"), query, follow=True).status_code == 403


def test_a_stranger_is_sent_to_the_sign_in_page_of_the_site(client):
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0].startswith(reverse("login"))
    assert "next=" in response.redirect_chain[-1][0]
