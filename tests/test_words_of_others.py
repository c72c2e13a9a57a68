"""What others named stands as text where the site speaks of it: in messages after a form, on the page that asks before something
is removed, in the admin's history and in mails (SEC-23; CWE-79)."""

import datetime as dt

import lxml.html
import pytest
import time_machine
from django.core import mail
from django.urls import reverse

from tanxun.alerts import duties
from tanxun.alerts.models import ScheduledExport
from tanxun.listing.keys import AccessKey
from tanxun.listing.models import SavedFilter
from tests import factory as f

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]
MARK = "\"'><img src=x onerror=alert(1)>"
MONDAY = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)  # 09:00 in Shanghai
MADE = "//img[@src='x'] | //*[@onerror]"


def is_text(html, where=""):
    """The markup is shown, and is no element."""
    page = lxml.html.fromstring(html)
    assert page.xpath(MADE) == [], where
    assert "<img src=x" in page.text_content(), f"{where}: it is not shown, so this test looks at nothing"


@pytest.fixture
def boss(client):
    user = f.superuser(username="boss", email="boss@example.com")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def message_of(client, address, data):
    """The message that the next page shows after a form."""
    page = lxml.html.fromstring(client.post(address, data, follow=True).content.decode())
    found = page.xpath("//*[contains(@class, 'message')]")
    assert found, address
    return "".join(lxml.html.tostring(one, encoding="unicode") for one in found)


def test_messages_name_things_as_text(client, boss):
    """SEC-23: flash messages of pages and of the admin."""
    saved = SavedFilter.objects.create(owner=boss, page="statements", name=MARK, query="validity=valid")
    key, _text = AccessKey.make(boss, AccessKey.Kind.ADDRESS, MARK, address="/statements.atom")
    company = f.company(MARK)
    form = {"name": MARK, "slug": "marked", "form_token": "7d" * 16}
    is_text(message_of(client, reverse("address-revoke", args=[key.pk]), {}), "address")
    is_text(message_of(client, "/admin/policies/topic/add/", form), "admin, added")
    is_text(
        message_of(client, f"/admin/certifications/company/{company.pk}/delete/", {"post": "yes", "reason": "twice"}), "admin"
    )
    is_text(message_of(client, reverse("saved-delete", args=[saved.pk]), {}), "saved filter")


def test_what_asks_before_removing_and_the_history_name_things_as_text(client, boss):
    """SEC-23: of one record, of several, and what was written when it was changed and removed."""
    company = f.company(MARK)
    address = f"/admin/certifications/company/{company.pk}"
    is_text(client.get(f"{address}/delete/").content.decode(), "delete")
    chosen = {"action": "delete_selected", "_selected_action": company.pk}
    several = client.post("/admin/certifications/company/", chosen)
    if several.status_code == 200:
        is_text(several.content.decode(), "delete selected")
    company.name = f"{MARK}2"
    company._change_reason = f"{MARK}3"
    company.save()
    company.remove(f"{MARK}4")
    history = client.get(f"{address}/history/").content.decode()
    is_text(history, "history")
    assert all(f"alert(1)&gt;{number}" in history for number in (2, 3, 4))
    is_text(client.get("/bin/").content.decode(), "bin")


def html_of(letter):
    [html] = [content for content, kind in letter.alternatives if kind == "text/html"]
    return html


def test_mails_name_things_as_text(client, boss):
    """SEC-23: the weekly mail to who follows, and the files that a manager had sent."""
    with time_machine.travel(MONDAY - dt.timedelta(days=4), tick=False) as clock:
        saved = SavedFilter.objects.create(owner=boss, page="statements", name=MARK, query="region=320000")
        client.post("/alerts/follow/", {"saved_filter": saved.pk, "cadence": "weekly"})
        client.post("/alerts/exports/add/", {"saved_filter": saved.pk, "weekday": 0, "ending": "xlsx", "recipients": [boss.pk]})
        assert ScheduledExport.objects.exists()
        f.statement(company=f.company(f"{MARK}5", region=f.region("320000")), certificate_number=MARK)
        clock.move_to(MONDAY)
        mail.outbox.clear()
        duties.run()
        letters = [html_of(letter) for letter in mail.outbox if letter.alternatives]
    assert len(letters) > 1
    for html in letters:
        is_text(html, "mail")
    assert any("alert(1)&gt;5" in html for html in letters)
    assert not [letter.subject for letter in mail.outbox if "\n" in letter.subject]
