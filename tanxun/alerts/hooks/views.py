"""The pages of hooks: what is told to whom, how it went, a test, pause and removal. For managers; GET writes nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views import View

from tanxun.records.once import made_before, make_once, new_token, posted_token

from ..models import Format, Hook
from .delivery import send_test
from .events import beginning
from .forms import HookForm

SHOWN = 20
SAME_CLICK = dt.timedelta(minutes=1)


class ManagerMixin(PermissionRequiredMixin):
    permission_required = "alerts.change_hook"
    raise_exception = True
    request: HttpRequest


class HooksView(ManagerMixin, View):
    """All hooks, and those removed lately."""

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {"hooks": Hook.objects.live().select_related("owner", "saved_filter"), "removed": Hook.removed_lately()}
        return render(request, "alerts/hooks.html", context)


class NewHookView(ManagerMixin, View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show(HookForm(user=request.user), new_token())

    def show(self, form: HookForm, token: str, status: int = 200) -> HttpResponse:
        return render(self.request, "alerts/hook_new.html", {"form": form, "form_token": token}, status=status)

    def post(self, request: HttpRequest) -> HttpResponse:
        """The same form a second time makes no second hook."""
        token = posted_token(request)
        if first := made_before(Hook, token):
            return made_already(request, first)
        form = HookForm(request.POST, user=request.user)
        if not form.is_valid():
            return self.show(form, token or new_token(), 422)
        hook, is_new = make_once(Hook, token, form.save)
        return shown_once(request, hook) if is_new else made_already(request, hook)


def made_already(request: HttpRequest, hook: Hook) -> HttpResponse:
    """The answer to the second of two clicks is the one that the browser shows: it has the secret, for who made it just now."""
    if hook.owner_id == request.user.pk and hook.created_at > timezone.now() - SAME_CLICK:
        return shown_once(request, hook)
    return redirect(hook if hook.removed_at is None else "alerts:hooks")


def shown_once(request: HttpRequest, hook: Hook) -> HttpResponse:
    """The secret of a webhook is shown in this answer and never again; what is no webhook goes on to its page."""
    if hook.format != Format.WEBHOOK:
        messages.success(request, _("Saved. Send a test now, to see it arrive."))
        return redirect(hook)
    response = render(request, "alerts/hook_secret.html", {"hook": hook})
    response["Cache-Control"] = "no-store"
    return response


class HookView(ManagerMixin, View):
    """One hook: its last deliveries, its form, and what its buttons do."""

    may_write_facts = False

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        hook = live_or_404(pk)
        return self.show(hook, HookForm(instance=hook, user=request.user))

    def show(self, hook: Hook, form: HookForm, status: int = 200) -> HttpResponse:
        sent = hook.messages.order_by("-created_at", "-pk")
        context: dict[str, Any] = {
            "hook": hook,
            "form": form,
            "deliveries": sent[:SHOWN],
            "stuck": sent.filter(state__in=("failed", "given_up")).count(),
        }
        return render(self.request, "alerts/hook.html", context, status=status)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        hook = live_or_404(pk)
        actions = {"test": test, "pause": pause, "go_on": go_on, "retry": retry, "new_secret": new_secret, "remove": remove}
        if action := actions.get(request.POST.get("action", "")):
            return action(request, hook)
        with transaction.atomic():
            hook = get_object_or_404(Hook.objects.live().select_for_update(of=("self",)), pk=pk)
            was_webhook = hook.format == Format.WEBHOOK
            form = HookForm(request.POST, instance=hook, user=request.user)
            if not form.is_valid():
                return self.show(live_or_404(pk), form, 422)
            saved = form.save()
        if saved.format == Format.WEBHOOK and not was_webhook:
            return shown_once(request, saved)
        messages.success(request, _("Saved."))
        return redirect(saved)


def live_or_404(pk: int) -> Hook:
    return get_object_or_404(Hook.objects.live().select_related("owner", "saved_filter"), pk=pk)


def test(request: HttpRequest, hook: Hook) -> HttpResponse:
    if fault := send_test(hook):
        messages.error(request, _("The test did not arrive: %(words)s") % {"words": fault})
    else:
        messages.success(request, _("The receiver took the test."))
    return redirect(hook)


def pause(request: HttpRequest, hook: Hook) -> HttpResponse:
    hook.pause(_("by %(user)s") % {"user": request.user})
    messages.success(request, _("Paused. What happens meanwhile is told when it goes on."))
    return redirect(hook)


def go_on(request: HttpRequest, hook: Hook) -> HttpResponse:
    if not hook.may_still:
        hook.owner = request.user  # type: ignore[assignment]
        hook.save(update_fields=["owner"])
    hook.go_on()
    messages.success(request, _("It goes on: what waited is sent within a minute."))
    return redirect(hook)


def retry(request: HttpRequest, hook: Hook) -> HttpResponse:
    count = hook.messages.try_again()
    words = ngettext(
        "%(count)s message is tried again within a minute.", "%(count)s messages are tried again within a minute.", count
    )
    messages.success(request, words % {"count": count})
    return redirect(hook)


def new_secret(request: HttpRequest, hook: Hook) -> HttpResponse:
    if hook.format != Format.WEBHOOK:
        return redirect(hook)
    hook.secret = Hook.new_secret()
    hook.save(update_fields=["secret"])
    return shown_once(request, hook)


def remove(request: HttpRequest, hook: Hook) -> HttpResponse:
    hook.removed_at = timezone.now()
    hook.save(update_fields=["removed_at"])
    messages.success(request, _("“%(name)s” was removed. It can be brought back below.") % {"name": hook})
    return redirect("alerts:hooks")


class RestoreHookView(ManagerMixin, View):
    """Undo a removal. What happened meanwhile is not told: it begins anew, paused, until somebody looks at it."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        hook = get_object_or_404(Hook.removed_lately(), pk=pk)
        hook.removed_at = None
        hook.marks = beginning()
        hook.save(update_fields=["removed_at", "marks"])
        hook.pause(_("by %(user)s") % {"user": request.user})
        messages.success(request, _("Brought back, paused: look at it and let it go on."))
        return redirect(hook)
