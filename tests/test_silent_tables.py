"""A write to what no list shows leaves kept figures as they are; and no kept figure is made from such a table."""

import datetime as dt
import re
import sys
import uuid

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.urls import reverse

from certifications.models import Company, CompanyNote, SheetImport, VerificationStatement
from policies.models import Policy
from tanxun.listing import agenda, api, freshness, subscribing
from tanxun.listing.page import pages
from tests import factory as f
from tests.test_admin_pages import some_of_each  # noqa: F401 - a fixture
from tests.tokens import bearing, token

TABLE = re.compile(r'\b(?:FROM|JOIN) "(\w+)"')
PART = re.compile(r'(?:hx-get|data-counts)="([^"]+)"')


def makers():
    """The code whose answers are kept for as long as the version of the data stands."""
    yield freshness.kept.__code__
    kinds = [(api.Resource, "told"), (subscribing.Subscribable, "document")]
    for kind, name in kinds:
        kinds += [(one, name) for one in kind.__subclasses__()]
        if name in vars(kind):
            yield vars(kind)[name].__code__


def frames():
    frame = sys._getframe(1)
    while frame := frame.f_back:
        yield frame.f_code


@pytest.mark.any_engine
@pytest.mark.django_db
def test_no_kept_figure_is_made_from_a_silent_table(client, some_of_each):  # noqa: F811
    """Else it would stand as it was after a write. Who asks is read by itself: accounts are no figure. A calendar's number counts
    every history: it has to rise with what the calendar says, and may with what it does not say."""
    known, read = set(makers()), set()
    root = f.superuser()

    def notice(execute, sql, params, many, context):
        above = set(frames())
        if known & above and agenda.sequence.__code__ not in above:
            read.update(TABLE.findall(sql))
        return execute(sql, params, many, context)

    CompanyNote.objects.create(company=Company.objects.first(), text="Call", follow_up_on=dt.date(2026, 1, 1), written_by=root)
    client.force_login(root)
    lists = [f"/{page.slug}/" for page in pages()]
    records = [Company.objects.first().get_absolute_url(), Policy.objects.first().get_absolute_url()]
    others = [reverse(name) for name in ("home", "statistics")]
    with connection.execute_wrapper(notice):
        for address in [*lists, "/companies/?gap=2", *records, *others]:
            answer = client.get(address)
            assert answer.status_code == 200, address
            html = answer.content.decode()
            for part in PART.findall(html):
                client.get(part.replace("&amp;", "&"), headers={"HX-Request": "true"})
        given = bearing(token(root))
        ways = ("/api/v1/{}/", "/{}.atom", "/{}.ics")
        answers = [client.get(way.format(page.slug), headers=given).status_code for way in ways for page in pages()]
        record = f"/api/v1{VerificationStatement.objects.first().get_absolute_url()}"
        assert client.get(record, headers=given).status_code == 200
    assert answers.count(200) >= 12
    assert {"certifications_verificationstatement", "policies_policy", "certifications_company"} <= read
    assert {table for table in read if freshness.SILENT.match(table)} == set()


@pytest.mark.django_db(transaction=True)
def test_a_note_and_the_steps_of_a_check_leave_figures_as_they_are(client):
    company = f.company()
    client.force_login(f.user("editor"))
    before = freshness.version()
    assert before
    token = uuid.uuid4().hex
    assert client.post(company.get_absolute_url(), {"action": "add", "text": "Call", "token": token}).status_code == 302
    sheet = SheetImport.objects.create(name="a.xlsx", size=1, digest="0" * 64, created_by=get_user_model().objects.get())
    sheet.counts = {"new": 500}
    sheet.save()
    assert freshness.version() == before
    company.save()
    assert freshness.version() != before
