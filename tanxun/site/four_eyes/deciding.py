"""What becomes of a proposal: approved (its form is sent again, for good), returned with a reason, or withdrawn."""

from __future__ import annotations

from html.parser import HTMLParser
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.messages.storage.base import BaseStorage
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponseBase, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django_htmx.middleware import HtmxDetails

from tanxun.digest.review import acting_as
from tanxun.records.proposals import MAY_APPROVE, Proposal, approved_by, signed
from tanxun.site.models import Role, User

from .told import Told, tell
from .watching import Watch


class Moved(Exception):
    """It would now change other things than the approving person saw."""

    def __init__(self, found: Told) -> None:
        super().__init__()
        self.found = found


def second_persons(user: Any) -> Any:
    """Who else may approve; by the role, as in `roles.permissions_of`."""
    return User.objects.filter(Q(is_superuser=True) | Q(role=Role.MANAGER), is_active=True).exclude(pk=user.pk)


def approve(proposal: Proposal, approver: User, digest: str, asked: HttpRequest) -> None:
    """Apply it, where it still changes what `digest` names. Raises ValidationError with why it cannot be applied, and Moved.

    The proposal is held for the whole of it: of two who approve at once, the second finds it decided.
    """
    refuse_own(proposal, approver)
    if not proposal.proposer.is_active:
        raise ValidationError(
            _("The account of %(who)s is disabled: send it in your own name, or return it.") % {"who": proposal.proposer}
        )
    watch = Watch()
    try:
        with transaction.atomic():
            close(proposal, Proposal.State.APPROVED, approver)
            with connection.execute_wrapper(watch), signed(approved_by(approver)), override(proposal.language):
                answer, said = sent_again(proposal, asked)
                found = tell(watch, proposal.proposer) if watch.wrote else Told()
            if not watch.wrote or answer.status_code >= 400:
                raise ValidationError(reasons(answer, said))
            if found.digest != digest:
                raise Moved(found)
            if found.job:
                Proposal.objects.filter(pk=proposal.pk).update(job=found.job.pk)
    except (Http404, PermissionDenied, Resolver404):
        raise ValidationError(_("What it changes is no longer there, or its sender may no longer change it.")) from None
    except IntegrityError:
        raise ValidationError(_("Another record with the same key was written meanwhile.")) from None
    except Moved as moved:
        new = moved.found
        values = {"told": new.entries, "digest": new.digest, "title": new.title, "moved_at": timezone.now()}
        Proposal.objects.waiting().filter(pk=proposal.pk).update(**values)
        raise


def return_to_sender(proposal: Proposal, approver: User, answer: str) -> None:
    """Raises ValidationError without a reason, and where it is decided already."""
    refuse_own(proposal, approver)
    answer = "".join(filter(str.isprintable, answer)).strip()[:500]
    if not answer:
        raise ValidationError(_("Say why: whoever sent it reads that."))
    close(proposal, Proposal.State.RETURNED, approver, answer=answer)


def withdraw(proposal: Proposal, user: User) -> None:
    """Raises ValidationError where it is decided already."""
    close(proposal, Proposal.State.WITHDRAWN, user, is_seen=True)


def refuse_own(proposal: Proposal, approver: User) -> None:
    if not approver.has_perm(MAY_APPROVE) or proposal.proposer_id == approver.pk:
        raise ValidationError(_("A second person decides: nobody approves what they sent themselves."))


def close(proposal: Proposal, state: str, by: User, **values: Any) -> None:
    """From waiting to `state`, once. Raises ValidationError where somebody was faster."""
    values |= {"state": state, "decided_by": by, "decided_at": timezone.now()}
    if not Proposal.objects.waiting().filter(pk=proposal.pk).update(**values):
        now = Proposal.objects.select_related("decided_by").get(pk=proposal.pk)
        words = _("Already %(state)s by %(who)s.")
        raise ValidationError(words % {"state": now.get_state_display(), "who": now.decided_by})


class Heard(BaseStorage):
    """Messages of a form that is sent again: for whoever approves, not for the session of its sender."""

    def _get(self, *args: Any, **kwargs: Any) -> tuple[list[Any], bool]:
        return [], True

    def _store(self, messages: Any, response: Any, *args: Any, **kwargs: Any) -> list[Any]:
        return []


def sent_again(proposal: Proposal, asked: HttpRequest) -> tuple[HttpResponseBase, list[str]]:
    """The answer to the same form from the same person, and the messages that came with it."""
    address = urlsplit(proposal.path)
    request = HttpRequest()
    request.META = dict(asked.META) | {"PATH_INFO": address.path, "QUERY_STRING": address.query, "REQUEST_METHOD": "POST"}
    request.method, request.path, request.path_info = "POST", address.path, address.path
    request.GET, request.POST = QueryDict(address.query), QueryDict(mutable=True)
    for key, values in proposal.data.items():
        request.POST.setlist(key, values)
    request.user, request.session = proposal.proposer, import_module(settings.SESSION_ENGINE).SessionStore()
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    request.LANGUAGE_CODE = proposal.language  # type: ignore[attr-defined]
    heard = request._messages = Heard(request)  # type: ignore[attr-defined]
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined] - asked where the form was sent first
    match = request.resolver_match = resolve(address.path)
    with acting_as(proposal.proposer):
        answer = match.func(request, *match.args, **match.kwargs)
        if hasattr(answer, "render"):
            answer = answer.render()
    return answer, [str(message) for message in heard._queued_messages]


class Errors(HTMLParser):
    """The texts of a page that stand in its lists of errors."""

    def __init__(self) -> None:
        super().__init__()
        self.depth, self.found = 0, list[str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if self.depth or {"errorlist", "error"} & set(classes):
            self.depth += tag not in {"br", "img", "input"}

    def handle_endtag(self, tag: str) -> None:
        self.depth = max(0, self.depth - 1)

    def handle_data(self, data: str) -> None:
        if self.depth and data.strip():
            self.found.append(data.strip())


def reasons(answer: HttpResponseBase, said: list[str]) -> list[str]:
    """Why a form that was taken when it was sent is refused now, in the words of the site."""
    page = Errors()
    if not answer.streaming and answer.get("Content-Type", "").startswith("text/html"):
        page.feed(answer.content.decode())  # type: ignore[attr-defined]
    first = _("It can no longer be applied as it was sent; nothing was written.")
    return [first, *dict.fromkeys([*said, *page.found[:10]])]
