"""What one follows, set by plain forms: on `/saved/`, on the pages of companies and policies, in the menu of saved filters."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from certifications.models import Company
from policies.models import Policy
from tanxun.listing.access import person
from tanxun.listing.models import SavedFilter
from tanxun.listing.parameters import KEY
from tanxun.records.once import made_before, make_once, new_token, posted_token

from . import confirming, notices
from .forms import ExportForm, MailboxForm
from .models import SUBSCRIBE_PERMISSION, Cadence, Mailbox, ScheduledExport, Subscription
from .watching import begin

MOST = 50
SCHEDULE_PERMISSION = "alerts.add_scheduledexport"


def mailbox_of(user: Any) -> Mailbox:
    """Theirs, made where they have none; it speaks the language that they read the site in."""
    return Mailbox.objects.select_related("user").get_or_create(user=user, defaults={"language": get_language() or "zh-hans"})[0]


@require_POST
@permission_required(SUBSCRIBE_PERMISSION, raise_exception=True)
def follow(request: HttpRequest) -> HttpResponse:
    """Follow a saved filter that they may use, a company or a policy. Following twice is following once."""
    name, target = asked_for(request)
    user = person(request)
    kept = Subscription.objects.kept().filter(user=user)
    if kept.filter(**{name: target}).exists():
        messages.info(request, _("You follow “%(name)s” already.") % {"name": target})
    elif kept.count() >= MOST:
        messages.error(request, _("You follow %(count)s things already: remove some first.") % {"count": MOST})
    else:
        made = Subscription(user=user, **{name: target})
        if request.POST.get("cadence") == Cadence.DAILY:
            made.cadence = Cadence.DAILY
        begin(made)
        with transaction.atomic():
            mailbox_of(user)
            save_once(made)
        messages.success(request, _("You follow “%(name)s” now.") % {"name": target})
    return redirect(back(name, target))


def save_once(subscription: Subscription) -> None:
    """Two clicks at once make one."""
    try:
        with transaction.atomic():
            subscription.save()
    except IntegrityError:
        pass


def asked_for(request: HttpRequest) -> tuple[str, Any]:
    """(field, record). Raises Http404, as for what others have not shared."""
    sets = {
        "saved_filter": SavedFilter.objects.visible_to(request.user),
        "company": Company.objects.all(),
        "policy": Policy.objects.all(),
    }
    for name, records in sets.items():
        key = request.POST.get(name, "")
        if KEY.fullmatch(key):
            return name, get_object_or_404(records, pk=key)
    raise Http404


def back(name: str, target: Any) -> str:
    return f"{reverse('saved')}#subscriptions" if name == "saved_filter" else target.get_absolute_url()


@require_POST
@permission_required(SUBSCRIBE_PERMISSION, raise_exception=True)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, resume, weekly, daily, remove, restore: of their own alone."""
    one = get_object_or_404(Subscription.objects.select_related("saved_filter", "company", "policy"), pk=pk, user=request.user.pk)
    action = request.POST.get("action", "")
    if action == "pause":
        one.is_paused = True
    elif action == "resume":
        one.is_paused = False
        begin(one)  # what came meanwhile is not poured out
    elif action in Cadence.values:
        one.cadence = Cadence(action)
    elif action == "remove":
        one.removed_at = one.removed_at or timezone.now()
        messages.success(
            request, _("You no longer follow “%(name)s”. It can be brought back on the page of saved filters.") % {"name": one}
        )
    elif action == "restore":
        one.removed_at = None
    else:
        raise Http404
    save_once(one)
    at = back("company" if one.company else "policy" if one.policy else "saved_filter", one.target)
    return redirect(at if request.POST.get("next") == "record" else f"{reverse('saved')}#subscriptions")


@require_POST
@permission_required(SUBSCRIBE_PERMISSION, raise_exception=True)
def mailbox(request: HttpRequest) -> HttpResponse:
    mine = mailbox_of(person(request))
    was_stopped = mine.is_stopped
    form = MailboxForm(request.POST, instance=mine, request=request)
    if not form.is_valid():
        return render(request, "alerts/mailbox.html", {"mailbox_form": form}, status=400)
    form.save()
    if was_stopped and not mine.is_stopped:
        for one in Subscription.objects.kept().filter(user=mine.pk).select_related("saved_filter", "company", "policy"):
            begin(one)
            one.save(update_fields=["seen", "began", "since"])
    messages.success(request, _("Saved."))
    change_address(request, mine.user, form.cleaned_data["email"])
    return redirect(f"{reverse('saved')}#subscriptions")


def change_address(request: HttpRequest, user: Any, address: str) -> None:
    """None at once; another one when it is confirmed."""
    if address in (user.email, confirming.awaited(user) or user.email):
        return
    if not address:
        notices.tell(user, gettext_lazy("Your account has no e-mail address any more."))
        user.email = ""
        user.save(update_fields=["email"])
    elif confirming.ask(user, address):
        words = _(
            "A mail goes to %(address)s within a minute: confirm the address by the link in it. Until then nothing changes."
        )
        messages.info(request, words % {"address": address})
    else:
        messages.error(
            request, _("You gave many addresses today: %(address)s was not taken, try tomorrow.") % {"address": address}
        )


@require_POST
@permission_required(SCHEDULE_PERMISSION, raise_exception=True)
def add_export(request: HttpRequest) -> HttpResponse:
    token = posted_token(request)
    if first := made_before(ScheduledExport, token):
        return set_up(request, first)
    form = ExportForm(request.POST, user=person(request))
    if not form.is_valid():
        return render(request, "alerts/export.html", {"export_form": form, "form_token": token or new_token()}, status=400)
    return set_up(request, make_once(ScheduledExport, token, form.save)[0])


def set_up(request: HttpRequest, made: ScheduledExport) -> HttpResponse:
    messages.success(request, _("The first file goes out on %(day)s.") % {"day": made.next_on})
    return redirect(f"{reverse('saved')}#exports")


@require_POST
@permission_required(SCHEDULE_PERMISSION, raise_exception=True)
def change_export(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause, resume, remove, restore: of their own alone."""
    one = get_object_or_404(ScheduledExport.objects.select_related("saved_filter"), pk=pk, owner=request.user.pk)
    action = request.POST.get("action", "")
    if action in ("pause", "resume"):
        one.is_paused = action == "pause"
    elif action in ("remove", "restore"):
        one.removed_at = timezone.now() if action == "remove" else None
    else:
        raise Http404
    if action in ("resume", "restore"):
        one.schedule()
    one.save()
    return redirect(f"{reverse('saved')}#exports")
