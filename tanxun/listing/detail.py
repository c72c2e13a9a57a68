"""What the detail pages of all apps share: the view with its panels, and a record's fields as labelled facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import models
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.generic import DetailView

from tanxun.records.models import ConfirmedModel, Precision
from tanxun.regions.models import Region

from .access import ReaderRequiredMixin, person
from .columns import known_day
from .figures import figure
from .linked import Description, data_block, description

Panel = Callable[[HttpRequest, Any], "tuple[str, dict[str, Any]] | None"]
UNSURE = ("inferred", "unknown")


class RecordView(ReaderRequiredMixin, DetailView):
    """One record. `panels` are what a higher package shows of itself here: (template, context) for the record, or None; `marks`
    the same, beside the buttons of its head. `describe` makes its linked data, which have an address of the name `linked`.
    """

    panels: tuple[Panel, ...] = ()
    marks: tuple[Panel, ...] = ()
    describe: Callable[[Any], Description] | None = None
    linked = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        panels, marks = self.drawn(self.panels), self.drawn(self.marks)
        if describe := type(self).describe:
            kwargs["linked"] = data_block(description(describe, self.object))
            kwargs["linked_address"] = reverse(self.linked, args=[self.object.pk])
        ways = {"edit_url": self.edit_url(), "history_url": self.history_url(), "confirm_url": self.confirm_url()}
        return super().get_context_data(panels=panels, marks=marks, **ways, **kwargs)

    def drawn(self, panels: Iterable[Panel]) -> list[str]:
        found = filter(None, (panel(self.request, self.object) for panel in panels))
        return [render_to_string(template, context, self.request) for template, context in found]

    def edit_url(self) -> str:
        """The record's form in the admin, for staff; else ""."""
        return self.in_admin("change") if self.request.user.is_staff else ""

    def history_url(self) -> str:
        """Who changed what, for who may see it: by the role, without a query. The address itself asks for the permission."""
        user = person(self.request)
        may_see = user.is_authenticated and (user.is_superuser or user.role == "manager")
        return self.in_admin("history") if may_see else ""

    def confirm_url(self) -> str:
        """Where staff say with one click that the record is still true; "" for what is confirmed with another."""
        if not self.request.user.is_staff or not isinstance(self.object, ConfirmedModel):
            return ""
        return reverse("confirm", args=[self.object._meta.label_lower, self.object.pk])

    def in_admin(self, name: str) -> str:
        meta = self.entered_as()._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_{name}", args=[self.entered_as().pk])

    def entered_as(self) -> Any:
        """The record whose form this one is entered on."""
        return self.object


@dataclass(frozen=True)
class Value:
    """A shown value: where it leads, and in `exact` what it says in full where `text` is short."""

    text: str
    url: str = ""
    exact: str = ""


@dataclass(frozen=True)
class Fact:
    """One line of a detail page. Without values no source states it, and `absent` may say so in other words.

    `status` is the word that marks a value as inferred, unsure or computed.
    """

    label: str
    values: tuple[Value, ...] = ()
    status: str = ""
    absent: str = ""


def facts(record: models.Model, names: Iterable[str], urls: Mapping[str, str] | None = None) -> list[Fact]:
    """The fields `names` of `record`, labelled as in its forms; `urls` are addresses of values that lead somewhere else."""
    return [fact(record, name, (urls or {}).get(name, "")) for name in names]


def fact(record: models.Model, name: str, url: str = "") -> Fact:
    """One field of `record`."""
    field: Any = record._meta.get_field(name)
    values = values_of(record, field, url)
    absent = _("not since it came in") if name == "confirmed_on" else ""
    return Fact(capfirst(str(field.verbose_name)), values, status_of(record, name) if values else "", absent)


def dated(record: Any) -> Fact:
    """The date by which lists sort and filter a record; its week or month where the source gives no day."""
    text = str(known_day(record.dated_on, record.dated_precision))
    if record.dated_precision == Precision.WEEK:
        text = _("week of %(day)s") % {"day": text}
    return Fact(_("Date"), (Value(text),), status_of(record, "dated_on"))


def status_of(record: Any, *names: str) -> str:
    """The word for the first of these fields that is inferred or unsure; "" where all are sure."""
    labels = {"inferred": _("inferred"), "unknown": _("unsure")}
    found = (getattr(record, "field_status", {}).get(name) for name in names)
    return next((labels[status] for status in found if status in UNSURE), "")


def values_of(record: Any, field: Any, url: str = "") -> tuple[Value, ...]:
    """What a page shows for a field; nothing for an empty one, for a choice that says `unknown`, and for a removed record."""
    raw = getattr(record, field.name)
    if field.many_to_many:
        return tuple(linked(one) for one in raw.all())
    if raw is None or raw in ("", [], "unknown"):
        return ()
    if field.choices:
        return (Value(str(getattr(record, f"get_{field.name}_display")()), url),)
    if isinstance(raw, models.Model):
        return () if getattr(raw, "deleted_at", None) else (linked(raw, url),)
    if isinstance(raw, list):
        return tuple(Value(str(one)) for one in raw)
    if isinstance(raw, dt.date) and (precision := getattr(record, "precisions", {}).get(field.name)):
        raw = known_day(raw, precision)
    return (Value(plain(raw), url or web_address(raw)),)


def linked(record: Any, url: str = "") -> Value:
    """A record by its name, leading to `url` or to its own page where it has one and is not deleted."""
    if isinstance(record, Region):
        return Value(record.full_name, url)
    is_live = hasattr(record, "get_absolute_url") and not getattr(record, "deleted_at", None)
    return Value(str(record), url or (record.get_absolute_url() if is_live else ""))


def plain(raw: Any) -> str:
    """Text, dates as YYYY-MM-DD, numbers with thousands apart."""
    if isinstance(raw, bool):
        return _("yes") if raw else _("no")
    if isinstance(raw, dt.datetime):
        return timezone.localtime(raw).strftime("%Y-%m-%d %H:%M")
    if isinstance(raw, dt.date):
        return raw.isoformat()
    return figure(raw) if isinstance(raw, (Decimal, int)) else str(raw)


def web_address(raw: Any) -> str:
    """`raw` where it is an http(s) address: nothing else may become a link."""
    return raw if isinstance(raw, str) and raw.startswith(("http://", "https://")) else ""
