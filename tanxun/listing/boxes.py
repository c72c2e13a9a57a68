"""What can be ticked in the filter form, as HTML: hundreds of boxes on each page of a list, too many for a template to draw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

BOX = (
    '<li><label><input type="checkbox" name="{name}" value="{value}"{checked}><span>{label}</span>'
    '<span class="tally" data-tally="{name}:{value}">{count}</span></label>{more}</li>'
)
BELOW = (
    '<details id="in-{name}-{value}"{state}><summary><span class="visually-hidden">{words}</span></summary>'
    "<ul>{boxes}</ul></details>"
)
FETCHED = ' data-needs-script hidden hx-get="{}?within={}" hx-trigger="toggle once" hx-target="find ul"'


@dataclass(frozen=True)
class Choice:
    """What can be ticked. `count` is empty until it is known; `below` lie in it; `has_more` if not all are here."""

    value: str
    label: Any
    is_chosen: bool = False
    count: str = ""
    below: tuple[Choice, ...] = ()
    has_more: bool = False

    @property
    def is_open(self) -> bool:
        """Whether something below is chosen, or it is chosen itself and what is below stands ready."""
        return any(choice.is_chosen or choice.is_open for choice in self.below) or bool(self.is_chosen and self.below)


def ticks(name: str, choices: Iterable[Choice]) -> SafeString:
    """An <li> for each choice, with all that lies in it."""
    return SafeString("".join(box(name, choice) for choice in choices))


def box(name: str, choice: Choice) -> SafeString:
    more = below(name, choice) if choice.below or choice.has_more else ""
    checked = SafeString(" checked") if choice.is_chosen else ""
    return format_html(BOX, name=name, value=choice.value, label=choice.label, count=choice.count, checked=checked, more=more)


def below(name: str, choice: Choice) -> SafeString:
    """What opens under a choice: the boxes in it where they are here, else they are fetched."""
    words = _("What lies in %(place)s") % {"place": choice.label}
    state = SafeString(" open") if choice.is_open else SafeString("")
    if not choice.below:
        state += format_html(FETCHED, reverse("places"), choice.value)
    return format_html(BELOW, name=name, value=choice.value, words=words, state=state, boxes=ticks(name, choice.below))
