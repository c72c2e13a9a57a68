"""The company's page in print: one A4 whatever is known of it; its notes stay out; and it works without a script."""

import re

import pytest

pytestmark = pytest.mark.any_engine

CROWDED = """
import datetime as dt
from certifications.models import Company, CompanyName, CompanyNote, Product
from certifications.models import StatementType, VerificationBody, VerificationStatement
from policies.models import Policy
from tanxun.records.models import Industry
from tanxun.regions.models import Region
from tanxun.site.models import User
company = Company.objects.create(name="苏州样例满页超净科技股份有限公司", region=Region.objects.get(pk="320583"),
    industry=Industry.objects.filter(parent__isnull=False).first(), website="https://company.example/" + "long/" * 12)
for n in range(12):
    CompanyName.objects.create(company=company, name=f"苏州样例满页超净净化设备第{n}厂", kind="former")
long = "洁净室用第{}代超高效低阻空气过滤器成套装置"
products = [Product.objects.create(company=company, name=long.format(n), model=f"HF-{n}") for n in range(30)]
body = VerificationBody.objects.first()
for kind in StatementType.objects.all():
    for n in range(6):
        made = VerificationStatement.objects.create(company=company, statement_type=kind, verification_body=body,
            issued_on=dt.date(2019 + n, 3, 1), valid_until=None if kind.cycle_months else dt.date(2024 + n, 3, 1),
            period_start=dt.date(2016 + 2 * n, 1, 1), period_end=dt.date(2016 + 2 * n, 12, 31))
        made.products.set(products[n:n + 9])
for n in range(9):
    headline = f"样例政策{n}:关于印发零碳园区建设与绿色工厂梯度培育三年行动方案的通知"
    policy = Policy.objects.create(headline=headline, level="national")
    policy.topics.set([kind.topic for kind in StatementType.objects.exclude(topic=None)])
CompanyNote.objects.create(company=company, written_by=User.objects.get(username="admin"), text="只在屏幕上的便签")
print(company.pk)
"""


@pytest.fixture(scope="module")
def crowded(site):
    """Address of a company of which more is known than fits a page."""
    done = site.manage("shell", "-v", "0", "-c", CROWDED)
    assert done.returncode == 0, done.stderr
    return f"{site.address}/companies/{int(done.stdout.split()[-1])}/"


def pages_of(pdf):
    return len(re.findall(rb"/Type\s*/Page[^s]", pdf))


def test_the_one_pager_prints_on_one_a4(page, crowded):
    page.goto(crowded)
    assert pages_of(page.pdf(prefer_css_page_size=True)) == 1
    assert pages_of(page.pdf(format="A4", print_background=True)) == 1
    page.emulate_media(media="print")
    assert page.locator(".one-pager .rows tbody tr:visible").count() == 10
    assert not page.locator(".notes").is_visible()
    assert not page.locator("header.site-head").is_visible()
    assert page.locator(".print-only").is_visible()


def test_a_page_that_prints_more_is_counted(page, site, crowded):
    """The counting itself: the list of all statements takes several pages."""
    page.goto(f"{site.address}/statements/?per_page=100")
    assert pages_of(page.pdf(format="A6")) > 1


def test_a_note_is_written_and_settled_without_a_script(browser, page, crowded):
    context = browser.new_context(java_script_enabled=False, storage_state=page.context.storage_state())
    plain = context.new_page()
    plain.goto(crowded)
    plain.click(".new-note summary")
    plain.fill(".new-note textarea", "三月再联系")
    plain.fill(".new-note input[type=date]", "2026-03-20")
    plain.click(".new-note button[value=add]")
    note = plain.locator(".notes li", has_text="三月再联系")
    assert "2026-03-20" in note.inner_text()
    note.locator("button[value=done]").click()
    plain.locator(".notes li.done", has_text="三月再联系").wait_for()
    context.close()
