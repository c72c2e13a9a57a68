"""Scans on a record (row 80): attached, listed with all that is said of them, downloaded, changed, removed and put back."""

import pytest
from django.db import models
from django.urls import reverse

from tanxun.listing.attachments import state_of
from tanxun.records.attachments import storing
from tanxun.records.models import Attachment, StoredFile
from tests import factory
from tests.attaching import JPEG, PDF, PNG, attach, attached, content_of, pdf, upload
from tests.reading import words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def editor(client):
    user = factory.user("editor", display_name="王编辑")
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def page(client, record, part=""):
    answer = client.get(f"{record.get_absolute_url()}{part}")
    assert answer.status_code == 200
    return words(answer.content.decode())


def change(client, attachment, **values):
    return client.post(reverse("attachment-change", args=[attachment.pk]), values)


@pytest.mark.parametrize("make", [factory.statement, factory.company, factory.policy])
def test_several_scans_are_attached_and_stand_on_the_page(client, editor, make):
    record = make()
    assert "No scan and no document yet" in page(client, record)
    answer = attach(
        client, record, upload(pdf("1"), "证书.pdf"), upload(JPEG, "扫描.JPG"), upload(PNG, "page.png"), note=" 原件  扫描 "
    )
    assert answer.url == f"{record.get_absolute_url()}#attachments"
    shown = page(client, record)
    assert "3 files attached." in shown
    for text in ("证书.pdf", "扫描.JPG", "page.png", "原件 扫描", "王编辑", "PDF ·", "JPEG ·", "PNG ·", "editors and managers"):
        assert text in shown, text
    made = Attachment.objects.order_by("pk")
    assert [one.record for one in made] == [record] * 3
    assert [one.file.size for one in made] == [len(pdf("1")), len(JPEG), len(PNG)]
    assert {one.history.get().history_user for one in made} == {editor}
    assert [content_of(client.get(one.get_absolute_url())) for one in made] == [pdf("1"), JPEG, PNG]


def test_what_is_said_of_it_can_be_changed_by_one_at_a_time(client, editor):
    [one] = attached(client, factory.statement())
    [form] = client.get(f"{one.record.get_absolute_url()}attachments/").context["forms"]
    seen = form.initial["seen"]
    assert change(client, one, action="save", note="第二版", audience="members", seen=seen).status_code == 302
    one.refresh_from_db()
    assert (one.note, one.audience) == ("第二版", "members")
    late = change(client, one, action="save", note="别的", audience="everybody", seen=seen)
    assert late.status_code == 422
    assert "Somebody changed this meanwhile" in late.content.decode()
    assert 'value="别的"' in late.content.decode()
    assert "<p>第二版</p>" in late.content.decode(), "what stands is shown beside it"
    one.refresh_from_db()
    assert (one.note, one.audience) == ("第二版", "members")
    [form] = late.context["forms"]
    again = {"action": "save", "note": "别的", "audience": "members", "seen": form["seen"].value()}
    assert change(client, one, **again).status_code == 302
    one.refresh_from_db()
    assert (one.note, one.audience) == ("别的", "members")
    assert change(client, one, action="save", note="第二版", audience="members", seen=state_of(one)).status_code == 302
    changes = one.history.first().diff_against(one.history.last()).changes
    assert {change.field for change in changes} == {"note", "audience"}


def test_removed_with_a_reason_it_can_be_put_back(client, editor):
    [one] = attached(client, factory.statement())
    record = one.record
    change(client, one, action="remove", reason="误传")
    change(client, one, action="remove", reason="再点一次")
    assert client.get(one.get_absolute_url()).status_code == 404
    assert "It can be put back below" in page(client, record, "attachments/")
    assert "证书.pdf" not in page(client, record)
    kept = page(client, record, "attachments/")
    assert "误传" in kept
    assert "can be put back until" in kept
    assert one.history.first().history_change_reason == "误传"
    assert one.history.count() == 2
    change(client, one, action="restore")
    assert content_of(client.get(one.get_absolute_url())) == PDF
    assert "证书.pdf" in page(client, record)


def test_what_was_attached_anew_is_not_put_back_beside_it(client, editor):
    [one] = attached(client, factory.statement())
    change(client, one, action="remove", reason="误传")
    attached(client, one.record)
    change(client, one, action="restore")
    assert "attached here already" in page(client, one.record, "attachments/")
    assert Attachment.objects.count() == 1


def test_the_same_click_twice_is_one_attachment(client, editor):
    record = factory.statement()
    attached(client, record)
    again = attach(client, record)
    assert again.status_code == 422
    assert "attached here already" in again.content.decode()
    assert Attachment.objects.count() == StoredFile.objects.count() == 1


def test_the_same_content_is_stored_once_and_stays_for_the_other_link(client, editor, media):
    """UPL-08: two records, two links, one file; deleting one keeps the other."""
    [one] = attached(client, factory.statement(), upload(name="a.pdf"))
    [other] = attached(client, factory.policy(), upload(name="b.pdf"))
    assert one.file == other.file
    assert len([path for path in media.rglob("*") if path.is_file()]) == 1
    change(client, one, action="remove", reason="误传")
    answer = client.get(other.get_absolute_url())
    assert content_of(answer) == PDF
    assert "b.pdf" in answer["Content-Disposition"]


def test_a_refused_file_keeps_no_other_from_coming_in(client, editor):
    record = factory.statement()
    answer = attach(client, record, upload(), upload(b"MZ\x90\0", "页.pdf"), note="原件")
    shown = words(answer.content.decode())
    assert answer.status_code == 422
    assert "页.pdf" in shown
    assert "By its content it is none of PDF" in shown
    assert 'value="原件"' in shown
    assert Attachment.objects.get().note == "原件"


def test_nothing_chosen_says_so(client, editor):
    answer = client.post(f"{factory.statement().get_absolute_url()}attachments/", {"note": "", "audience": "staff"})
    assert answer.status_code == 422
    assert "Choose a file." in answer.content.decode()


def test_a_note_that_is_too_long_stores_nothing(client, editor, media):
    answer = attach(client, factory.statement(), note="长" * 201)
    assert answer.status_code == 422
    assert not StoredFile.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_a_day_has_its_limit(client, editor, monkeypatch):
    """UPL-10: counted per person, and what was removed counts, too."""
    monkeypatch.setattr(storing, "MOST_A_DAY", 2)
    record = factory.statement()
    [one] = attached(client, record, upload(pdf("1")))
    change(client, one, action="remove", reason="误传")
    answer = attach(client, record, upload(pdf("2")), upload(pdf("3"), "第三.pdf"))
    assert answer.status_code == 429
    assert "第三.pdf" in answer.content.decode()
    assert "try again tomorrow" in answer.content.decode()
    assert attach(client, record, upload(pdf("4"))).status_code == 429
    assert Attachment.with_deleted.count() == 2
    client.force_login(factory.user("editor"))
    attached(client, record, upload(pdf("4")))


def test_a_record_with_attachments_is_hidden_and_never_deleted(client, editor):
    [one] = attached(client, factory.company())
    with pytest.raises(models.ProtectedError):
        one.record.delete()
    other = factory.company()
    one.record.attachments.update(object_id=other.pk)
    one = Attachment.objects.get()
    assert one.record == other
    assert content_of(client.get(one.get_absolute_url())) == PDF


def test_the_admin_leads_to_them_and_tells_who_did_what(client, editor):
    [one] = attached(client, factory.statement())
    record = one.record
    form = client.get(reverse("admin:certifications_verificationstatement_change", args=[record.pk])).content.decode()
    assert f'href="{record.get_absolute_url()}attachments/">Attachments (1)</a>' in form
    listed = client.get(reverse("admin:records_attachment_changelist")).content.decode()
    assert f'href="{record.get_absolute_url()}attachments/"' in listed
    history = reverse("admin:records_attachment_history", args=[one.pk])
    assert client.get(history).status_code == 403
    change(client, one, action="remove", reason="误传")
    client.force_login(factory.user("manager"))
    shown = client.get(history).content.decode()
    assert "误传" in shown
    assert "王编辑" in shown
    assert client.get(reverse("admin:records_attachment_change", args=[one.pk])).status_code == 200
    assert client.get(reverse("admin:records_attachment_add")).status_code == 403
