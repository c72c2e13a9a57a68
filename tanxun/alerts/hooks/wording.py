"""What an event is called, in the language of the site."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import ngettext, override

from ..models import Event


def subject(event: str, count: int) -> str:
    """One line: 新发布核查声明 3 条."""
    with override(settings.LANGUAGE_CODE):
        return words_of(event, count) % {"count": count}


def words_of(event: str, count: int) -> str:
    if event == Event.STATEMENT_PUBLISHED:
        return ngettext("%(count)s statement published", "%(count)s statements published", count)
    if event == Event.STATEMENT_RENEWED:
        return ngettext("%(count)s statement renewed", "%(count)s statements renewed", count)
    if event == Event.STATEMENT_EXPIRING:
        return ngettext("%(count)s statement falls due soon", "%(count)s statements fall due soon", count)
    if event == Event.STATEMENT_EXPIRED:
        return ngettext("%(count)s statement overdue", "%(count)s statements overdue", count)
    if event == Event.POLICY_PUBLISHED:
        return ngettext("%(count)s policy published", "%(count)s policies published", count)
    return ngettext("%(count)s issue of the weekly published", "%(count)s issues of the weekly published", count)
