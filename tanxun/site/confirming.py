"""One click on a record's page: somebody looked at it again, and it is still true."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.models import Company, VerificationBody, VerificationStatement
from policies.models import Policy
from tanxun.digest.models import NewsItem
from tanxun.listing.access import person

KINDS: dict[str, Any] = {
    kind._meta.label_lower: kind for kind in (VerificationStatement, Company, VerificationBody, Policy, NewsItem)
}


@require_POST
def confirm(request: HttpRequest, kind: str, pk: int) -> HttpResponseBase:
    """Note that today; for who may change such a record."""
    model = KINDS.get(kind)
    if model is None:
        raise Http404
    if not person(request).has_perm(f"{model._meta.app_label}.change_{model._meta.model_name}"):
        raise PermissionDenied
    with transaction.atomic():
        record = get_object_or_404(model.objects.select_for_update(of=("self",)), pk=pk)
        record.confirm()
    messages.success(request, _("Noted: still true today."))
    return redirect(record)
