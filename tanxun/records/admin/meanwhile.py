"""Two editors of one record: what others changed while a form stood open. Asked by StaffAdmin before it saves.

The version of a form is the newest entry in the history of the record and of each kind of parts (inlines) that it shows.
"""

import dataclasses
import re
from collections import defaultdict

from django.forms.models import _get_foreign_key
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from simple_history.template_utils import HistoricalRecordContextHelper

from .lists import key_fits

VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})*")
LINES_SHOWN = 10


class PlainChanges(HistoricalRecordContextHelper):
    """What a person changed; columns derived from it go without saying."""

    def context_for_delta_changes(self, delta):
        derived = getattr(self.model, "derived_fields", ())
        shown = [change for change in delta.changes if change.field not in derived]
        return super().context_for_delta_changes(dataclasses.replace(delta, changes=shown))

    def in_words(self, delta) -> list[str]:
        """Each change as plain text: Region 昆山市 → 苏州市."""
        words = []
        for change in delta.changes:
            field = self.model._meta.get_field(change.field)
            texts = [self._text(field, self.prepare_delta_change_value(change, value)) for value in (change.old, change.new)]
            old, new = self.get_obj_diff_display().common_shorten_repr(*texts)
            words.append(f"{capfirst(field.verbose_name)} {old} → {new}")
        return words

    @staticmethod
    def _text(field, value) -> str:
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return _(", ").join(map(str, value)) or "–"
        return str(dict(field.flatchoices).get(value, value) if value not in (None, "") else "–")


def histories(model_admin, key) -> list:
    """The history of the record with that key, and of its parts, newest first; without those that keep none."""
    model = model_admin.model
    links = {inline.model: _get_foreign_key(model, inline.model, fk_name=inline.fk_name).name for inline in model_admin.inlines}
    kept = {each: link for each, link in ({model: model._meta.pk.name} | links).items() if hasattr(each, "history")}
    return [each.history.filter(**{link: key}).order_by("-history_id") for each, link in kept.items()]


def version_of(model_admin, key: str) -> str:
    """The version to send with the form of that record: numbers joined by dots, "" where no history is kept."""
    if not key_fits(model_admin.model, key):
        return ""
    newest = (rows.values_list("history_id", flat=True).first() for rows in histories(model_admin, key))
    return ".".join(str(number or 0) for number in newest)


def hold(obj) -> None:
    """Nobody else writes the row until the transaction ends."""
    list(type(obj)._base_manager.select_for_update().filter(pk=obj.pk).values_list("pk"))


def changed_meanwhile(model_admin, obj, version: str) -> list[str]:
    """Who changed what of `obj` since that version of its form, a line for the record and for each part; empty where nobody did.

    Ask it in the transaction that saves: it holds the record until the end, so that of two editors who save at once the
    second sees what the first did. New parts are not told: a form that does not know them leaves them alone.
    """
    kept = histories(model_admin, obj.pk)
    seen = version.split(".") if VERSION.fullmatch(version) else []
    if len(kept) != len(seen):
        return []
    hold(obj)
    lines = []
    for rows, number in zip(kept, seen, strict=True):
        entries = defaultdict(list)
        for row in rows.filter(history_id__gt=number):
            entries[row.instance.pk].append(row)
        for pk, newer in entries.items():
            before = rows.filter(history_id__lte=number, **{rows.model.instance_type._meta.pk.name: pk}).first()
            lines.append(_line(obj, newer, before))
    return [line for line in lines if line][:LINES_SHOWN]


def _line(obj, newer, before) -> str:
    """李四, 2026-01-16 10:20: Region 昆山市 → 苏州市. "" for what is new, and for what is again as it was.

    `newer` are the entries of the record or of one of its parts since the form was opened, newest first; `before` is the last
    one that the form shows, or None.
    """
    last, model = newer[0], newer[0].instance_type
    what = "" if newer[-1].history_type == "+" else _difference(last, before)
    if not what:
        return ""
    return _("%(who)s, %(when)s: %(what)s") % {
        "who": _(", ").join(dict.fromkeys(str(row.history_user or _("somebody")) for row in newer)),
        "when": f"{timezone.localtime(last.history_date):%Y-%m-%d %H:%M}",
        "what": what if model is type(obj) else f"{capfirst(model._meta.verbose_name)}: {what}",
    }


def _difference(last, before) -> str:
    if last.history_type == "-" or before is None:
        return last.get_history_type_display()
    words = PlainChanges(last.instance_type, last).in_words(last.diff_against(before, foreign_keys_are_objs=True))
    if getattr(last, "field_status", None) != getattr(before, "field_status", None):
        words.append(str(capfirst(last.instance_type._meta.get_field("field_status").verbose_name)))
    return "; ".join(words)
