"""What can be ticked in the filter form, as HTML: hundreds of boxes on each page of a list, too many for a template to draw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _


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
    return format_html_join("", "{}", ((box(name, choice),) for choice in choices))


def box(name: str, choice: Choice) -> SafeString:
    return format_html(
        '<li><label><input type="checkbox" name="{name}" value="{value}"{checked}><span>{label}</span>'
        '<span class="tally" data-tally="{name}:{value}">{count}</span></label>{more}</li>',
        name=name,
        value=choice.value,
        checked=format_html(" {}", "checked") if choice.is_chosen else "",
        label=choice.label,
        count=choice.count,
        more=below(name, choice) if choice.below or choice.has_more else "",
    )


def below(name: str, choice: Choice) -> SafeString:
    """What opens under a choice: the boxes in it where they are here, else they are fetched."""
    return format_html(
        '<details id="in-{name}-{value}"{is_open}{fetched}><summary><span class="visually-hidden">{words}</span></summary>'
        "<ul>{boxes}</ul></details>",
        name=name,
        value=choice.value,
        is_open=format_html(" {}", "open") if choice.is_open else "",
        fetched="" if choice.below else fetched(choice),
        words=_("What lies in %(place)s") % {"place": choice.label},
        boxes=ticks(name, choice.below),
    )


def fetched(choice: Choice) -> SafeString:
    return format_html(
        ' data-needs-script hidden hx-get="{}?within={}" hx-trigger="toggle once" hx-target="find ul"',
        reverse("places"),
        choice.value,
    )
