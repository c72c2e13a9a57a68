"""What may not come in as an attachment, told by its content; names that are dangerous; sizes at the limit."""

import re
import secrets

import pytest
from django.test import Client
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tanxun.records.attachments import storing
from tanxun.records.attachments.kinds import BY_SLUG, KINDS, kind_of, shown_name
from tanxun.records.models import Attachment, StoredFile
from tests import factory
from tests.attaching import JPEG, PDF, PNG, TIFF, WEBP, attach, attached, content_of, pdf, upload

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]

EXE = b"MZ\x90\x00\x03\x00\x00\x00" + bytes(100)
ZIP_END = b"PK\x05\x06" + bytes(18)
HOSTILE = {
    "page.pdf": b"<!doctype html><html><script>alert(1)</script>",
    "drawing.pdf": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "program.pdf": EXE,
    "script.pdf": b"alert(document.cookie)\n" * 10,
    "archive.pdf": b"PK\x03\x04" + bytes(100) + ZIP_END,
    "gif.png": b"GIF89a" + bytes(100),
    "late.pdf": b"\n" + PDF,
    "page-and-pdf.pdf": b"<html><!-- " + PDF,
    "pdf-and-page.pdf": PDF + b"<script>alert(1)</script>",
    "pdf-and-page-in-capitals.pdf": PDF + b"<ScRiPt src=//evil>",
    "deep.pdf": PDF + b"%" * 300_000 + b"<html >" + b"%" * 300_000,
    "across-blocks.pdf": (PDF + b"%" * 70_000)[: 64 * 1024 - 3] + b"<iframe src=x>",
    "picture-and-page.jpg": JPEG + b"<html><body onload=alert(1)>",
    "pdf-and-archive.pdf": PDF + b"PK\x03\x04 classes" + ZIP_END,
    "pdf-and-archive-and-a-byte.pdf": PDF + b"PK\x03\x04 classes" + ZIP_END + b"\n",
    "pdf-and-archive-and-an-end.pdf": PDF + b"PK\x03\x04 classes" + ZIP_END + b"\n%%EOF\n",
    "pdf-and-archive-with-a-comment-cut-off.pdf": PDF + b"PK\x03\x04 classes" + ZIP_END[:-2] + b"\x09\x00abc",
    "picture-and-archive-with-comment.png": PNG + b"PK\x05\x06" + bytes(16) + b"\x03\x00abc",
    "nothing-but-a-beginning.pdf": b"%PDF",
    "empty.pdf": b"",
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def editor(client):
    user = factory.user("editor")
    client.force_login(user)
    return user


def on_disk(media):
    return [path for path in media.rglob("*") if path.is_file()]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_scan_is_refused_whatever_it_is_called(client, media, name):
    """UPL-01 (CWE-434): pages, drawings, programs, archives under another name, and files that are two things at once."""
    answer = attach(client, factory.statement(), upload(HOSTILE[name], name))
    assert answer.status_code == 422
    assert name in answer.content.decode()
    assert not Attachment.with_deleted.exists()
    assert not StoredFile.objects.exists()
    assert not on_disk(media)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PDF, "pdf"), (JPEG, "jpeg"), (PNG, "png"), (WEBP, "webp"), (TIFF, "tiff")],
    ids=lambda one: str(one)[:9],
)
def test_a_download_is_saved_and_never_a_page_of_ours(client, content, kind):
    """UPL-01: always `attachment`, `nosniff`, a sandbox of its own, and the type that its content has, not its sender's word."""
    [one] = attached(client, factory.statement(), upload(content, "scan.html", "text/html"))
    answer = client.get(one.get_absolute_url())
    assert content_of(answer) == content
    assert answer["Content-Type"] == BY_SLUG[kind].content_type
    assert answer["Content-Disposition"] == f'attachment; filename="scan.html{BY_SLUG[kind].endings[0]}"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"


PDFS = {
    "with a script": PDF + b"2 0 obj << /S /JavaScript /JS (app.alert\\(1\\)) >> endobj",
    "of 10,000 pages": PDF + b"3 0 obj << /Type /Pages /Count 10000 >> endobj",
    "encrypted": PDF.replace(b"/Root", b"/Encrypt 9 0 R /Root"),
    "broken": b"%PDF-1.4\n" + secrets.token_bytes(500).replace(b"<", b"."),
}


@pytest.mark.parametrize("what", PDFS)
def test_a_pdf_is_stored_as_it_is_and_never_opened(client, what):
    """UPL-09."""
    [one] = attached(client, factory.statement(), upload(PDFS[what]))
    assert content_of(client.get(one.get_absolute_url())) == PDFS[what]


NAMES = {
    "../../x.pdf": "x.pdf",
    "/etc/passwd": "passwd.pdf",
    "C:\\Users\\wang\\证书.pdf": "证书.pdf",
    "a\0.pdf": "a.pdf",
    "con": "con.pdf",
    "con.pdf": "con.pdf",
    "😀.pdf": "😀.pdf",
    "证书\u202efdp.exe": "证书fdp.exe.pdf",
    "证书.PDF": "证书.PDF",
    'a"b;c\r\nX-Evil: 1.pdf': 'a"b;cX-Evil: 1.pdf',
    "长" * 300 + ".pdf": "长" * 150 + ".pdf",
    "...": "scan.pdf",
}


@pytest.mark.parametrize("given_name", NAMES)
def test_a_name_is_shown_clean_and_is_no_place_on_the_disk(given_name):
    """UPL-02 (CWE-22, CWE-113)."""
    with translation.override("en"):
        assert shown_name(given_name, BY_SLUG["pdf"]) == NAMES[given_name]


@pytest.mark.parametrize("given_name", [*NAMES, '"><img src=x onerror=alert(1)>.pdf', "javascript:alert(1).pdf"])
def test_a_file_of_any_name_comes_in_and_goes_out(client, media, given_name):
    """UPL-02, SEC-21: stored under a random name, shown as text, and the header of the download cannot be broken."""
    record = factory.statement()
    answer = sent_by_hand(client, record, given_name)
    if answer.status_code == 422:  # Django itself takes no name without a letter, and none beyond a kilobyte
        assert not on_disk(media)
        return
    assert answer.status_code == 302
    one = Attachment.objects.get()
    assert re.fullmatch(r"attachments/[0-9a-f]{2}/[0-9a-f]{32}", str(one.file.path.relative_to(media)))
    page = client.get(record.get_absolute_url()).content.decode()
    assert "<img src=x" not in page
    download = client.get(one.get_absolute_url())
    assert download["Content-Disposition"].startswith("attachment; filename")
    assert download["Content-Disposition"].isascii()
    assert not {"X-Evil", "\r", "\n"} & set(download.headers)


def sent_by_hand(client, record, name):
    """As a program sends it that does not clean names."""
    mark = "----mark"
    safe = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="audience"\r\n\r\nstaff',
        f'--{mark}\r\nContent-Disposition: form-data; name="note"\r\n\r\n',
        f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{safe}"\r\nContent-Type: application/pdf\r\n\r\n',
    ]
    body = "\r\n".join(parts).encode() + PDF + f"\r\n--{mark}--\r\n".encode()
    return client.post(f"{record.get_absolute_url()}attachments/", body, content_type=f"multipart/form-data; boundary={mark}")


def test_a_name_of_5000_characters_is_an_error_in_words(client, media):
    """UPL-02: no file system has such names, and the reader of forms takes none."""
    client.cookies["django_language"] = "en"
    answer = sent_by_hand(client, factory.statement(), "a" * 5000 + ".pdf")
    assert answer.status_code == 422
    assert "a name is too long" in answer.content.decode()
    assert not on_disk(media)


@given(st.text(max_size=400), st.sampled_from(KINDS))
def test_any_name_is_cleaned(name, kind):
    """UPL-02: no path, nothing that cannot be seen, room in its column, and the ending of its content."""
    shown = shown_name(name, kind)
    assert shown.isprintable()
    assert "/" not in shown
    assert "\\" not in shown
    assert len(shown) <= 200
    assert shown.lower().endswith(kind.endings)
    assert len(shown) > len(kind.endings[0])


@given(st.binary(max_size=200))
def test_bytes_are_a_scan_only_by_their_beginning(content):
    """UPL-01."""
    beginnings = (b"%PDF-", b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"II*\0", b"MM\0*")
    if not content.startswith(beginnings):
        with pytest.raises(Exception, match="none of"), translation.override("en"):
            kind_of(content)


def test_up_to_the_limit_and_not_a_byte_more(client, media, monkeypatch):
    """UPL-03."""
    monkeypatch.setattr(storing, "MAX_BYTES", 300_000)
    record = factory.statement()
    [one] = attached(client, record, upload(pdf("at", 300_000)))
    assert one.file.size == 300_000
    over = attach(client, record, upload(pdf("over", 300_001), "厚.pdf"), upload(pdf("second"), "薄.pdf"), note="原件")
    assert over.status_code == 413
    words = over.content.decode()
    assert "厚.pdf" in words
    assert "It is larger than 20 MB (the limit)." in words
    assert 'value="原件"' in words
    assert {row.name for row in Attachment.objects.all()} == {"证书.pdf", "薄.pdf"}
    assert len(on_disk(media)) == 2


def test_the_real_limit_is_twenty_megabytes(client, media):
    """UPL-03."""
    record = factory.statement()
    answer = attach(client, record, upload(pdf("over", 20 * 1024 * 1024 + 1)))
    assert answer.status_code == 413
    assert not on_disk(media)
    attached(client, record, upload(pdf("at", 20 * 1024 * 1024)))


def test_more_than_may_come_at_once_is_not_even_read(client, editor, media):
    """UPL-03: told by its announced length; and without one."""
    record = factory.statement()
    address = f"{record.get_absolute_url()}attachments/"
    for length in (str(10 * 20 * 1024 * 1024 + 2_000_000), "", "0", "-1", "many"):
        answer = client.post(address, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=length)
        assert answer.status_code == 413
    assert not on_disk(media)


def test_eleven_files_at_once_are_one_too_many(client):
    answer = attach(client, factory.statement(), *(upload(pdf(number), f"{number}.pdf") for number in range(11)))
    assert answer.status_code == 422
    assert "10.pdf" in answer.content.decode()
    assert Attachment.objects.count() == 10


def test_a_form_that_breaks_off_leaves_nothing(client, media):
    """UPL-03."""
    record = factory.statement()
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n' + PDF
    answer = client.post(f"{record.get_absolute_url()}attachments/", body, content_type="multipart/form-data; boundary=x")
    assert answer.status_code in (302, 422)
    assert len(on_disk(media)) == StoredFile.objects.count()
    assert not list(media.rglob("*.part"))


def test_without_the_mark_of_our_own_form_nothing_is_stored(editor, media):
    """SEC-28: the check comes after the files, and takes them back."""
    strange = Client(enforce_csrf_checks=True)
    strange.force_login(editor)
    assert attach(strange, factory.statement()).status_code == 403
    assert not StoredFile.objects.exists()
    assert not on_disk(media)
