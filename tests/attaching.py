"""Files for the tests of attachments, as bytes, and how they are sent."""

from django.core.files.uploadedfile import SimpleUploadedFile

from tanxun.records.models import Attachment

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(60) + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00" + bytes(60) + b"IEND\xaeB`\x82"
WEBP = b"RIFF\x64\x00\x00\x00WEBPVP8 " + bytes(84)
TIFF = b"II*\x00\x08\x00\x00\x00" + bytes(80)


def pdf(mark="", size=0):
    """A PDF that is not the same as one with another mark; at least `size` bytes long."""
    content = PDF + f"% {mark}\n".encode()
    return content + b"%" * (size - len(content))


def upload(content=PDF, name="证书.pdf", content_type="application/pdf"):
    return SimpleUploadedFile(name, content, content_type)


def attach(client, record, *files, follow=False, **values):
    """Send these files (else one PDF) for a record."""
    client.cookies["django_language"] = "en"
    sent = {"files": list(files) or [upload()], "note": "", "audience": "staff"} | values
    return client.post(f"{record.get_absolute_url()}attachments/", sent, follow=follow)


def attached(client, record, *files, **values):
    """The attachments that it made, in the order of the files."""
    before = set(Attachment.with_deleted.values_list("pk", flat=True))
    answer = attach(client, record, *files, **values)
    assert answer.status_code == 302, answer.content.decode()
    return list(Attachment.objects.exclude(pk__in=before).order_by("pk"))


def content_of(answer):
    return b"".join(answer.streaming_content)
