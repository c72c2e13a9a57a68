"""An issue as an HTTP answer in one of its formats. Asked by the archive and by the editor's pages."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from .amendments import corrections
from .digests import Digest
from .editing import issue_of
from .formats import FORMATS, render

NAME = "碳讯"


def answer(digest: Digest, name: str, *, is_shown: bool = False) -> HttpResponse:
    """The file, or the same to be looked at in place. Raises Http404 for an unknown format, FormatError for one not to be had."""
    if name not in FORMATS:
        raise Http404
    made = FORMATS[name]
    content = render(issue_of(digest), name, map(str, corrections(digest)))
    headers = {} if is_shown else {"Content-Disposition": str(content_disposition_header(True, file_name(digest, made.ending)))}
    return HttpResponse(content, content_type=made.media_type, headers=headers)


def file_name(digest: Digest, ending: str) -> str:
    return f"{NAME}-{digest.week}.{ending}"
