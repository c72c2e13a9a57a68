"""Forms that make something make it once, however often they are sent: a double click, a reload, Back and Save.

Each form carries a token of its own (`new_token`), hidden as `form_token`. Asked by the admin and by every form that makes rows.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, models, transaction
from django.http import HttpRequest

from .models import FormToken

TOKEN = re.compile(r"[0-9a-f]{32}")
NOT_TYPED = {"csrfmiddlewaretoken", "form_token", "token", "save_anyway"}


def new_token() -> str:
    return uuid.uuid4().hex


def posted_token(request: HttpRequest) -> str:
    """The form's token where a form with a well-made one was sent, else ""."""
    token = request.POST.get("form_token", "")
    return token if TOKEN.fullmatch(token) else ""


def said_in(request: HttpRequest) -> str:
    """A mark of all that was typed or chosen in the form, whichever button sent it."""
    typed = sorted(
        (name, request.POST.getlist(name)) for name in request.POST if not name.startswith("_") and name not in NOT_TYPED
    )
    files = sorted((name, [(one.name, one.size) for one in request.FILES.getlist(name)]) for name in request.FILES)
    return hashlib.sha256(repr((typed, files)).encode()).hexdigest()[:32]


def made_before(model: type[models.Model], token: str) -> Any:
    """What the form of that token made, None where it made nothing that is still there."""
    made = FormToken.objects.filter(key=token, model=model._meta.label).first() if token else None
    found = model._base_manager.filter(pk=made.object_id).first() if made else None
    if found is not None:
        FormToken.confirm(token)
    return found


def make_once(model: type[models.Model], token: str, make: Callable[[], Any]) -> tuple[Any, bool]:
    """(what the form made, whether it was made now): of two that are sent at once the second waits and gets what the first made.

    `make` returns the row, or None where it made nothing. Raises IntegrityError where it was for another reason.
    """
    try:
        with transaction.atomic():
            made = make()
            if made is not None and token:
                FormToken.spend(token, made)
            return made, made is not None
    except IntegrityError:
        if (first := made_before(model, token)) is None:
            raise
        return first, False
