"""From the wire to the disk: a file is written and looked at as it comes, then put in its place, then named by a row.

In this order a kill at any moment leaves at most a file that no row names, which `keeping` lets go after a day.
"""

import errno
import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from .kinds import HEAD, SecondFace, kind_of, shown_name
from .models import Attachment, StoredFile, folder, path_of

MAX_MEGABYTES = 20
MAX_BYTES = MAX_MEGABYTES * 1024 * 1024  # as file managers count
MOST_AT_ONCE = 10
MOST_A_DAY = 200
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class TooLargeError(ValidationError):
    """Longer than MAX_BYTES."""


def too_large() -> TooLargeError:
    return TooLargeError(_("It is larger than %(limit)s MB (the limit).") % {"limit": MAX_MEGABYTES})


def disk_words(fault: OSError) -> str:
    """What a person should know of a disk that takes no file; no path of the machine."""
    if fault.errno in FULL:
        return _("The disk of the site is full: nothing was stored. Tell whoever runs it.")
    return _("The site cannot write to its folder of files: nothing was stored. Tell whoever runs it.")


class Arriving:
    """One file on its way in: `write` its blocks, `finish` it; then `attach` it, or `discard` it.

    `path` is where it lies, None once it is a row's business and no longer ours.
    """

    def __init__(self, given: str) -> None:
        self.given, self.size, self.head = given, 0, b""
        self.key = secrets.token_hex(16)
        self.path: Path | None = folder() / f"{self.key}.part"
        self._hash, self._face = hashlib.sha256(), SecondFace()
        self._out: BinaryIO | None = None

    def write(self, block: bytes) -> None:
        """Raises ValidationError for what may not come in, OSError where the disk takes no more."""
        self.size += len(block)
        if self.size > MAX_BYTES:
            raise too_large()
        if len(self.head) < HEAD:
            self.head = (self.head + block)[:HEAD]
            if len(self.head) == HEAD:
                kind_of(self.head)
        self._face.look(block)
        self._hash.update(block)
        self._opened().write(block)

    def _opened(self) -> BinaryIO:
        if self._out is None:
            folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            self._out = os.fdopen(os.open(str(self.path), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        return self._out

    def finish(self) -> None:
        """It is whole and on the disk. Raises as `write`."""
        if not self.size:
            raise ValidationError(_("It is empty."))
        self.kind = kind_of(self.head)
        self._face.end()
        self.digest = self._hash.hexdigest()
        self.name = shown_name(self.given, self.kind)
        out = self._opened()
        out.flush()
        os.fsync(out.fileno())
        out.close()

    def discard(self) -> None:
        """Leave nothing behind; nothing where it is kept."""
        path, self.path = self.path, None
        with suppress(OSError):
            if self._out:
                self._out.close()
        with suppress(OSError):
            if path:
                path.unlink(missing_ok=True)

    def place(self) -> None:
        """Under the name that it keeps. Raises OSError."""
        final = path_of(self.key)
        final.parent.mkdir(exist_ok=True, mode=0o700)
        os.replace(str(self.path), final)
        self.path = final
        for directory in (final.parent, final.parent.parent):
            handle = os.open(directory, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def attach(record: models.Model, arrived: Arriving, user: Any, note: str = "", audience: str = "") -> Attachment:
    """The finished file as an attachment of `record`; its content is stored once however often it comes.

    Raises ValidationError where `record` has it already or is there no more, OSError where it cannot be put in place.
    """
    values = {"audience": audience} if audience else {}
    made = Attachment(record=record, name=arrived.name, note=note, added_by=user, **values)
    arrived.place()
    try:
        with transaction.atomic():
            hold(record)
            made.file = file_of(arrived)
            refuse_twice(made)
            made.save()
    except ValidationError:
        arrived.discard()
        raise
    except IntegrityError:  # the same click twice: the other one has just attached it
        arrived.discard()
        raise already_here() from None
    except BaseException:
        arrived.path = None  # perhaps it was committed: who cleans up will know
        raise
    if made.file.key != arrived.key:
        arrived.discard()
    arrived.path = None
    return made


def hold(record: models.Model) -> None:
    """Nobody removes or merges it until the transaction ends. Raises ValidationError where somebody just did."""
    live: Any = type(record)._default_manager
    if not live.select_for_update(of=("self",), no_key=True).filter(pk=record.pk).first():
        raise ValidationError(_("%(record)s was removed or merged meanwhile: go to its page.") % {"record": record})


def file_of(arrived: Arriving) -> StoredFile:
    """The stored file with that content: the one that there is, where it is whole, else this one. In a transaction."""
    ours = {"key": arrived.key, "size": arrived.size, "kind": arrived.kind.slug}
    file, is_new = StoredFile.objects.get_or_create(digest=arrived.digest, defaults=ours)
    if not is_new:
        file = StoredFile.objects.select_for_update().get(pk=file.pk)
        if not is_whole(file):
            file.key = arrived.key
            file.save(update_fields=["key"])
    return file


def is_whole(file: StoredFile) -> bool:
    """Whether it lies where its row says, byte for byte."""
    try:
        with path_of(file.key or "").open("rb") as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest() == file.digest
    except OSError:
        return False


def already_here() -> ValidationError:
    return ValidationError(_("The same file is attached here already."))


def refuse_twice(made: Attachment) -> None:
    """Raises ValidationError where the record has a live attachment with the same content."""
    same = Attachment.objects.filter(content_type=made.content_type_id, object_id=made.object_id, file=made.file_id)
    if same.exists():
        raise already_here()


def put_back(attachment: Attachment) -> None:
    """Undo a removal. Raises ValidationError where the file is gone by now, or is attached here anew."""
    try:
        with transaction.atomic():
            file = StoredFile.objects.select_for_update().get(pk=attachment.file_id)
            if not file.key:
                raise ValidationError(_("Its file was let go: attach it anew."))
            refuse_twice(attachment)
            attachment.restore()
    except IntegrityError:
        raise already_here() from None
