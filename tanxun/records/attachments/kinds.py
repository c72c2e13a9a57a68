"""What may be attached, told by its first bytes and never by its name; and the name under which it is shown and handed out.

Nothing is parsed here: a scan is looked at as bytes, opened only by the program of whoever downloads it.
"""

import re
import unicodedata
from pathlib import PurePosixPath
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

HEAD = 64  # bytes that tell the kind
NAME_LENGTH = 150
# What a page begins with, as browsers look for it: a name of a tag and then its end.
MARKUP = re.compile(rb"<(?:!doctype\s+html|html|script|iframe)[\s/>]", re.IGNORECASE)
MARKUP_LENGTH = 64  # a mark may lie across two blocks
ZIP_END, ZIP_END_LENGTH = b"PK\x05\x06", 22
ZIP_TAIL = ZIP_END_LENGTH + 0xFFFF  # where programs look for it


class Kind(NamedTuple):
    slug: str
    label: str
    content_type: str
    endings: tuple[str, ...]


KINDS = (
    Kind("pdf", "PDF", "application/pdf", (".pdf",)),
    Kind("jpeg", "JPEG", "image/jpeg", (".jpg", ".jpeg")),
    Kind("png", "PNG", "image/png", (".png",)),
    Kind("webp", "WebP", "image/webp", (".webp",)),
    Kind("tiff", "TIFF", "image/tiff", (".tif", ".tiff")),
)
BY_SLUG = {kind.slug: kind for kind in KINDS}
ACCEPTED = ",".join(ending for kind in KINDS for ending in kind.endings)
BEGINNINGS = (
    (re.compile(rb"%PDF-[12]\.[0-9]"), "pdf"),
    (re.compile(rb"\xff\xd8\xff[\xc0-\xfe]"), "jpeg"),
    (re.compile(rb"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), "png"),
    (re.compile(rb"RIFF.{4}WEBPVP8[ LX]", re.DOTALL), "webp"),
    (re.compile(rb"II\*\0|MM\0\*"), "tiff"),
)


def kind_of(head: bytes) -> Kind:
    """By the first HEAD bytes. Raises ValidationError for any other content, whatever it is called."""
    for beginning, slug in BEGINNINGS:
        if beginning.match(head):
            return BY_SLUG[slug]
    raise ValidationError(_("By its content it is none of %(kinds)s.") % {"kinds": _(", ").join(kind.label for kind in KINDS)})


class SecondFace:
    """Looks for a second kind of file in the same bytes, as they come: a web page anywhere, an archive at the end."""

    def __init__(self) -> None:
        self.last = b""

    def look(self, block: bytes) -> None:
        """Raises ValidationError for a web page."""
        if MARKUP.search(self.last[-MARKUP_LENGTH:] + block):
            raise ValidationError(_("There is a web page in it: have it written or scanned anew."))
        self.last = (self.last + block)[-ZIP_TAIL:]

    def end(self) -> None:
        """Raises ValidationError where it can also be opened as an archive (ZIP, JAR, Office)."""
        if 0 <= self.last.find(ZIP_END) <= len(self.last) - ZIP_END_LENGTH:  # programs pass over what follows it
            raise ValidationError(_("There is an archive in it: have it written or scanned anew."))


def cleaned(given: str) -> str:
    """The last part of a name that somebody gave, without what cannot be seen; "" where nothing is left."""
    name = PurePosixPath(unicodedata.normalize("NFC", given).replace("\\", "/")).name
    return " ".join("".join(filter(str.isprintable, name)).split()).strip(". ")[: 2 * NAME_LENGTH]


def shown_name(given: str, kind: Kind) -> str:
    """That name, not too long, with an ending that its content keeps."""
    name = cleaned(given)
    stem, dot, ending = name.rpartition(".")
    if not dot or f".{ending.lower()}" not in kind.endings:
        stem, ending = name, kind.endings[0][1:]
    return f"{stem.strip()[:NAME_LENGTH] or _('scan')}.{ending}"
