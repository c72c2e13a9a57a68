"""Who may see an attachment, asked at every request: 404 for everybody else, the same as for what is not there."""

import re
from pathlib import Path

import pytest
from django.urls import reverse

from tanxun.records.attachments.models import Attachment, Audience
from tests import factory
from tests.attaching import PDF, attach, content_of, upload

pytestmark = pytest.mark.django_db

ROLES = ("", "reader", "consultant", "editor", "manager", "superuser")
# Who may, by what is said of the attachment; "" is nobody signed in, and asked only where records are public.
MAY_SEE = {
    Audience.STAFF: {"editor", "manager", "superuser"},
    Audience.TEAM: {"consultant", "editor", "manager", "superuser"},
    Audience.MEMBERS: {"reader", "consultant", "editor", "manager", "superuser"},
    Audience.EVERYBODY: set(ROLES),
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


def sign_in(client, role):
    client.logout()
    if role:
        client.force_login(factory.superuser() if role == "superuser" else factory.user(role))


def same(answer):
    """What an answer says, without the marks that every page has anew."""
    return re.sub(r'(name="csrfmiddlewaretoken" value|nonce)="[^"]*"', "", answer.content.decode())


@pytest.mark.parametrize("is_public", [False, True])
@pytest.mark.parametrize("make", [factory.statement, factory.company, factory.policy])
def test_each_role_sees_and_downloads_the_same_ones(client, settings, is_public, make):
    """UPL-06, SEC-03: the page lists what may be downloaded and nothing else; private is the default."""
    settings.PUBLIC_READ = is_public
    record = make()
    made = {audience: factory.attachment(record, b"%PDF-1.4 " + audience.encode(), audience=audience) for audience in Audience}
    default = factory.attachment(record)
    assert default.audience == Audience.STAFF
    for role in ROLES if is_public else ROLES[1:]:
        sign_in(client, role)
        page = client.get(record.get_absolute_url()).content.decode()
        missing = client.get(reverse("attachment", args=[10**9]))
        for audience, one in [*made.items(), (Audience.STAFF, default)]:
            answer = client.get(one.get_absolute_url())
            may = role in MAY_SEE[audience]
            assert answer.status_code == (200 if may else 404), (role, audience)
            assert (f'href="{one.get_absolute_url()}"' in page) is may, (role, audience)
            assert may or same(answer) == same(missing)


def test_without_public_reading_nobody_gets_anything_unsigned(client, settings):
    """SEC-15: whether there is such a one or not, the way leads to signing in."""
    one = factory.attachment(audience=Audience.EVERYBODY)
    for address in (one.get_absolute_url(), reverse("attachment", args=[10**9])):
        assert client.get(address).url == f"{reverse('login')}?next={address}"


def test_after_the_role_the_record_or_the_file_is_gone_it_is_gone(client):
    """UPL-06, SEC-12: loss of the role, of the account, of the record, of the attachment."""
    one = factory.attachment(audience=Audience.TEAM)
    user = factory.user("consultant")
    client.force_login(user)

    def may():
        return client.get(one.get_absolute_url()).status_code == 200

    assert may()
    user.role = "reader"
    user.save()
    assert not may()
    user.role = "consultant"
    user.save()
    assert may()
    one.record.remove("撤下")
    assert not may()
    one.record.restore()
    assert may()
    one.remove("误传")
    assert not may()
    one.restore()
    one.audience = Audience.STAFF
    one.save()
    assert not may()
    one.audience = Audience.TEAM
    one.save()
    user.is_active = False
    user.save()
    assert client.get(one.get_absolute_url()).status_code == 302


@pytest.mark.parametrize(
    "headers", [{}, {"Range": "bytes=0-3"}, {"If-None-Match": "*"}, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}]
)
@pytest.mark.parametrize("method", ["get", "head"])
def test_no_kind_of_request_gets_past_the_question(client, method, headers):
    """UPL-11: the whole file or nothing, for this person and now; kept by nobody on the way."""
    one = factory.attachment(content=PDF)
    address = one.get_absolute_url()
    client.force_login(factory.user("editor"))
    answer = getattr(client, method)(address, headers=headers)
    assert answer.status_code == 200
    assert content_of(answer) == (PDF if method == "get" else b"")
    assert answer["Content-Length"] == str(len(PDF))
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Accept-Ranges"] == "none"
    assert not {"ETag", "Last-Modified", "Content-Range"} & set(answer.headers)
    client.force_login(factory.user("reader"))
    refused = getattr(client, method)(address, headers=headers)
    assert refused.status_code == 404
    assert PDF not in refused.content


def test_the_folder_is_not_served(client, media):
    """UPL-07: by no address that names it."""
    one = factory.attachment(audience=Audience.EVERYBODY)
    inside = one.file.path.relative_to(media)
    client.force_login(factory.user("manager"))
    for address in (
        f"/media/{inside}",
        f"/{inside}",
        f"/static/{inside}",
        f"/static/../media/{inside}",
        "/media/",
        "/attachments/",
    ):
        assert client.get(address).status_code == 404
    assert one.file.path.stat().st_mode & 0o777 == 0o600
    assert Path(media, "attachments").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("role", ["reader", "consultant"])
def test_who_only_reads_attaches_changes_and_removes_nothing(client, role):
    """SEC-01."""
    one = factory.attachment(audience=Audience.EVERYBODY)
    page = f"{one.record.get_absolute_url()}attachments/"
    for signed_in, status in ((True, 403), (False, 302)):
        sign_in(client, role if signed_in else "")
        assert client.get(page).status_code == status
        assert attach(client, one.record, upload(PDF + b"2")).status_code == status
        for action in ("save", "remove", "restore"):
            answer = client.post(reverse("attachment-change", args=[one.pk]), {"action": action, "audience": "staff"})
            assert answer.status_code == (403 if signed_in else 401)
    sign_in(client, role)
    shown = client.get(one.record.get_absolute_url()).content.decode()
    assert "attachment-files" not in shown
    assert str(one.added_by) not in shown
    assert Attachment.with_deleted.get().history.count() == 1


def test_a_reading_request_changes_nothing(client):
    """SEC-14."""
    one = factory.attachment()
    client.force_login(factory.user("editor"))
    assert client.get(reverse("attachment-change", args=[one.pk])).status_code == 405
    assert client.post(one.get_absolute_url()).status_code == 405
    assert client.put(f"{one.record.get_absolute_url()}attachments/").status_code == 405


def test_nothing_is_attached_to_what_is_hidden_or_not_there(client):
    """SEC-09 (CWE-639): nor moved to another record by a field that the form does not have."""
    client.force_login(factory.user("editor"))
    hidden, other = factory.statement(), factory.statement()
    one = factory.attachment(hidden)
    hidden.remove("撤下")
    assert attach(client, hidden).status_code == 404
    assert client.post(f"/statements/{10**17}/attachments/").status_code == 404
    assert client.post(f"/bodies/{factory.body().pk}/attachments/").status_code == 404
    change = reverse("attachment-change", args=[one.pk])
    assert client.post(change, {"action": "remove"}).status_code == 404
    hidden.restore()
    values = {"action": "save", "note": "", "audience": "team", "object_id": other.pk, "file": 1, "added_by": 1}
    seen = client.get(f"{hidden.get_absolute_url()}attachments/").context["forms"][0].initial["seen"]
    assert client.post(change, values | {"seen": seen}).status_code == 302
    one.refresh_from_db()
    assert (one.record, one.audience) == (hidden, "team")
    assert client.post(change, values | {"seen": seen, "audience": "nobody"}).status_code == 422
    assert client.post(change, {"action": "publish"}).status_code == 404


def test_attachments_are_in_no_list_export_api_or_search(client):
    """SEC-13."""
    one = factory.attachment(name="机密扫描件.pdf", note="机密批注", audience=Audience.EVERYBODY)
    client.force_login(factory.superuser())
    addresses = [
        "/statements/?columns=all",
        "/statements.csv?columns=all",
        "/statements.jsonl",
        "/statements.atom",
        "/search/?q=机密",
    ]
    addresses += [f"/statements/{one.object_id}.jsonld"]
    for address in addresses:
        answer = client.get(address)
        content = content_of(answer) if answer.streaming else answer.content
        assert answer.status_code == 200
        assert "机密扫描件" not in content.decode(), address
        assert "机密批注" not in content.decode(), address


@pytest.mark.parametrize("name", ['"><img src=x onerror=alert(1)>.pdf', "javascript:alert(1)//.pdf", "{{ 7*7 }}.pdf"])
def test_the_name_of_a_file_is_text_on_every_page(client, name):
    """SEC-21, SEC-23: the record's page, its page of files before and after removal, the admin and its history."""
    one = factory.attachment(name=name, note='"><script>alert(2)</script>')
    client.force_login(factory.superuser())
    places = [one.record.get_absolute_url(), f"{one.record.get_absolute_url()}attachments/"]
    places += [reverse(f"admin:records_attachment_{page}", args=[one.pk]) for page in ("change", "history")]
    places += [reverse("admin:records_attachment_changelist")]
    for place in places:
        page = client.get(place).content.decode()
        assert "<img src=x" not in page
        assert "<script>alert" not in page
        assert "49.pdf" not in page
    one.remove('"><img src=x onerror=alert(3)>')
    page = client.get(places[1]).content.decode()
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(3)&gt;" in page
