"""How Django hands over the files of a form while they come in, so that none is held in memory or written twice."""

import logging
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.utils.translation import gettext as _

from .kinds import cleaned
from .storing import MOST_AT_ONCE, Arriving, TooLargeError, disk_words

log = logging.getLogger(__name__)
GRAVER = (422, 429, 413, 503)  # wrong content, too many, too large, no room


class Reception(FileUploadHandler):
    """Takes the files of one request: `arrived` are those that may be attached, `refused` [name, why] the others.

    `room` is how many more that person may bring today. `status` is that of the answer where one was refused: the gravest.
    """

    def __init__(self, room: int = MOST_AT_ONCE, request: Any = None) -> None:
        super().__init__(request)
        self.room, self.status = room, GRAVER[0]
        self.arrived: list[Arriving] = []
        self.refused: list[tuple[str, str]] = []
        self.coming: Arriving | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.coming = Arriving(self.file_name)
        if len(self.arrived) >= MOST_AT_ONCE:
            self.refuse(_("At most %(count)s files at once: send the others after these.") % {"count": MOST_AT_ONCE})
            raise SkipFile
        if len(self.arrived) >= self.room:
            self.refuse(_("You brought as many files as anybody may within a day: try again tomorrow."), 429)
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if not self._tried(lambda coming: coming.write(raw_data)):
            raise SkipFile

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """Nothing for `request.FILES`: what came in whole stands in `arrived`."""
        if self.coming and self._tried(Arriving.finish):
            self.arrived.append(self.coming)
        self.coming = None
        return None

    def _tried(self, step: Any) -> bool:
        try:
            step(self.coming)
        except TooLargeError as error:
            self.refuse(error.message, 413)
        except ValidationError as error:
            self.refuse(error.message)
        except OSError as error:
            log.exception("An attachment could not be stored")
            self.refuse(disk_words(error), 503)
        else:
            return True
        return False

    def refuse(self, why: str, status: int = GRAVER[0]) -> None:
        """Say why the file that is coming may not; what came of it so far goes."""
        if self.coming:
            self.refused.append((cleaned(self.coming.given), why))
            self.coming.discard()
        self.coming, self.status = None, max(self.status, status, key=GRAVER.index)

    def discard(self) -> None:
        """What came in and was not attached leaves nothing behind; to be called whatever happened."""
        for one in (*self.arrived, *filter(None, [self.coming])):
            one.discard()
