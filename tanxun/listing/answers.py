"""JSON answers and refusals of lists, records and files, for programs: words as they are, readable on a terminal too."""

from __future__ import annotations

from typing import Any

from django.http import JsonResponse
from django.utils.translation import gettext as _


class Told(JsonResponse):
    """UTF-8, in as few bytes as it takes."""

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")}, **kwargs)


def refused(status: int, *words: str, **headers: str) -> Told:
    """A refusal in words; `headers` by their names with _ for -."""
    return Told({"detail": words}, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


def sign_in_first() -> Told:
    return refused(401, _("Sign in first."), WWW_Authenticate="Session")
