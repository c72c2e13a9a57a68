"""The inbox: what is pasted or uploaded is taken, or refused in words with nothing typed lost."""

import lxml.html
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from tanxun.digest.models import Newsletter
from tests.reading import select
from tests.test_intake import FRIDAY, ISSUE, NEWS, STATEMENT, editor  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def test_what_was_pasted_stays_when_it_cannot_be_read(client, editor):  # noqa: F811
    client.force_login(editor)
    for text in ("只有一句话,没有条目", "碳" * 400_000, "🌱"):
        answer = client.post(reverse("digest:inbox"), {"text": text, "reference_date": "2026-03-13"})
        page = lxml.html.fromstring(answer.content.decode())
        assert answer.status_code == 422
        assert select(page, "textarea")[0].text_content().strip() == text
        assert select(page, "[name=reference_date]")[0].get("value") == "2026-03-13"
        assert select(page, ".error")
    assert "1 MB" in client.post(reverse("digest:inbox"), {"text": "碳" * 400_000}).content.decode()
    assert not Newsletter.objects.exists()


def test_what_no_form_gets_to_see_is_refused_in_words(settings, editor, caplog):  # noqa: F811
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    client = Client(enforce_csrf_checks=True)  # the check of the token is the first to open the form
    client.force_login(editor)
    client.get(reverse("digest:inbox"))
    answer = client.post(reverse("digest:inbox"), {"text": "碳" * 10_000})
    page = lxml.html.fromstring(answer.content.decode())
    assert answer.status_code == 413
    assert "1 MB" in select(page, "#main")[0].text_content()
    assert [(record.levelname, record.exc_info) for record in caplog.records] == [("WARNING", None)]


def test_a_file_may_be_uploaded_and_a_photo_is_refused(client, editor):  # noqa: F811
    client.force_login(editor)
    photo = SimpleUploadedFile("周报.docx", b"\xff\xd8\xff\xe0" + b"photo" * 100)
    answer = client.post(reverse("digest:inbox"), {"file": photo})
    assert (answer.status_code, Newsletter.objects.count()) == (422, 0)
    upload = SimpleUploadedFile("周报.md", ISSUE.encode("gb18030"))
    assert client.post(reverse("digest:inbox"), {"file": upload, "reference_date": "2026-03-13"}).status_code == 302
    assert Newsletter.objects.get().file_name == "周报.md"


def test_control_characters_in_a_paste_are_cleaned(client, editor):  # noqa: F811
    """NWS-04"""
    client.force_login(editor)
    answer = client.post(reverse("digest:inbox"), {"text": ISSUE.replace("洗衣机", "洗\x00衣机")}, follow=True)
    issue = Newsletter.objects.get()
    assert "\x00" not in issue.text
    (note,) = issue.report["notes"]
    assert note in answer.content.decode()
