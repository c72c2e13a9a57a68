"""One statement's journey, from the text of a weekly to a cell of an Excel sheet: the newcomer's map of the house."""

import io
from urllib.parse import urlsplit

import lxml.html
import pytest
import python_calamine
from django.urls import reverse

from certifications.models import VerificationStatement
from tanxun.digest.models import Draft
from tanxun.site import reference
from tanxun.site.models import Role
from tests import factory

pytestmark = pytest.mark.django_db

WEEKLY = """发布时间:2026-03-06

本周目录
1、晨曦电池:电芯拿到产品碳足迹证书

一、行业动态

晨曦电池:电芯拿到产品碳足迹证书
3月2日,江苏晨曦样例电池有限公司的磷酸铁锂电芯获得TÜV莱茵颁发的产品碳足迹核查声明,依据ISO 14067标准。
"""


def form_values(html: str, button: str) -> dict[str, list[str]]:
    """What a browser would send from the form that has the submit button with this value."""
    page = lxml.html.fromstring(html)
    form = next(form for form in page.forms if form.xpath(f".//button[@value='{button}']"))
    values: dict[str, list[str]] = {}
    for name, value in form.form_values():
        values.setdefault(name, []).append(value)
    return values


def test_from_a_pasted_weekly_to_a_cell_of_a_sheet(client):
    reference.load(lambda line: None)
    client.force_login(factory.user(Role.MANAGER, username="li"))

    # In: staff paste the weekly. It becomes a newsletter with one pending draft, and no record yet.
    answer = client.post(reverse("digest:inbox"), {"text": WEEKLY})
    draft = Draft.objects.get()
    assert answer.url == draft.newsletter.get_absolute_url()
    assert (draft.kind, draft.status) == ("statement", "pending")
    assert not VerificationStatement.objects.exists()

    # Review: the source on the left, the form on the right with what was read.
    desk = client.get(draft.newsletter.get_absolute_url()).content.decode()
    assert "江苏晨曦样例电池有限公司" in desk
    values = form_values(desk, "accept") | {"action": "accept", "draft": draft.pk}

    # Accept: the record is written with its source; the draft points to it.
    assert client.post(draft.newsletter.get_absolute_url(), values).status_code == 302
    draft.refresh_from_db()
    statement = draft.statement
    assert draft.status == "accepted"
    assert (statement.company.name, statement.region.name) == ("江苏晨曦样例电池有限公司", "江苏省")
    assert (statement.statement_type.slug, statement.verification_body.slug) == ("product_carbon_footprint", "tuv-rheinland")
    assert [product.name for product in statement.products.all()] == ["磷酸铁锂电芯"]
    assert str(statement.dated_on) == "2026-03-02"
    assert str(statement.week_on) == "2026-03-06"
    assert statement.history.first().history_user.username == "li"

    # List: found by type, region and name; and its page shows the sentence that each field came from.
    query = "type=product_carbon_footprint&region=320000&q=晨曦"
    listed = client.get(f"{reverse('statements')}?{query}").content.decode()
    assert reverse("certifications:statement", args=[statement.pk]) in listed
    page = lxml.html.fromstring(client.get(statement.get_absolute_url()).content.decode())
    assert "的磷酸铁锂电芯获得TÜV莱茵颁发的产品碳足迹核查声明" in page.text_content()
    company = client.get(statement.company.get_absolute_url()).content.decode()
    assert urlsplit(statement.get_absolute_url()).path in company

    # Out: the same address as a sheet has the same row, the date as a date.
    sheet = client.get(f"{reverse('statements')[:-1]}.xlsx?{query}")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(b"".join(sheet)))
    head, row = book.get_sheet_by_index(0).to_python()
    cells = dict(zip(head, row, strict=True))
    assert cells["企业"] == "江苏晨曦样例电池有限公司"
    assert cells["发证/核查机构"] == "TÜV莱茵"
    assert str(cells["日期"]) == "2026-03-02"
