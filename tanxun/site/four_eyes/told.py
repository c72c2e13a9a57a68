"""What a form changed, in words: read from the histories that it wrote, inside the transaction that wrote them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certifications.models import SheetImport
from certifications.sheets import tasks as sheet_tasks
from certifications.sheets.findings import State as RowState
from certifications.sheets.findings import label_of
from tanxun.digest.intake import pending
from tanxun.digest.models import Newsletter
from tanxun.digest.tasks import accept_all
from tanxun.jobs.models import Job
from tanxun.records.models import CONFIRMED, bin_key
from tanxun.records.past import Words, is_in_bin, states_of

from .watching import Watch

MOST_SHOWN = 200
BATCH = 500
ROWS_SHOWN = 30
OF_THE_DAY = ("week_on", "confirmed_on", "register_checked_on")


@dataclass
class Told:
    """`entries` are shown: dicts of what, kind, name, url and lines [[label, before, after]]; `digest` is over all of them."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    title: str = ""
    digest: str = ""
    touches: list[str] = field(default_factory=list)
    reason: str = ""
    job: Job | None = None


def tell(watch: Watch, user: Any) -> Told:
    """Everything that `user` wrote since `watch` began."""
    found, sums, reasons = Told(), hashlib.sha256(), dict[str, None]()
    count = 0
    made = {model: _made(model, floor, user) for model, floor in watch.floors.items()}
    for model, floor in sorted(watch.floors.items(), key=lambda each: each[0]._meta.label_lower):
        for row, entry in _of_model(model, floor, user, made):
            count += 1
            known = "" if row.was_made else bin_key(row.instance)
            lines = [line[:2] if line[0] in stamps(model) else line for line in entry["lines"]]
            sums.update(json.dumps([known or model._meta.label_lower, entry["what"], lines]).encode())
            reasons |= dict.fromkeys(row.reasons)
            if known:
                found.touches.append(known)
            if len(found.entries) < MOST_SHOWN:
                found.entries.append(entry | _named(row.instance))
    if watch.job:
        found.job = Job.objects.filter(owner=user, kind=watch.job).order_by("-created_at").first()
        found.entries.append(_of_job(watch.job, found))
        sums.update(json.dumps(found.entries[-1]).encode())
        count += 1
    if (hidden := count - len(found.entries)) > 0:
        words = ngettext("%(count)s more record", "%(count)s more records", hidden) % {"count": hidden}
        found.entries.append({"what": "more", "kind": _("Not shown"), "name": words, "url": "", "lines": []})
    found.digest, found.reason = sums.hexdigest(), " · ".join(reasons)[:200]
    found.title = _title(found.entries, count)
    return found


def stamps(model: Any) -> set[str]:
    """What saving, confirming and checking set to the day that it is: another day is no other change."""
    return {str(capfirst(meta.verbose_name)) for meta in model._meta.fields if meta.name in OF_THE_DAY}


@dataclass
class Row:
    """One record or part: as the last entry has it, and whether the first one made it."""

    instance: Any
    was_made: bool
    reasons: list[str]


def _made(model: Any, floor: int, user: Any) -> set[Any]:
    made = model.history.filter(history_id__gt=floor, history_user=user, history_type="+")
    return set(made.order_by().values_list(model._meta.pk.attname, flat=True))


def _of_model(model: Any, floor: int, user: Any, made: dict[Any, set[Any]]) -> Iterator[tuple[Row, dict[str, Any]]]:
    history = model.history.filter(history_id__gt=floor, history_user=user)
    ends: dict[Any, list[Any]] = {}
    for entry in history.order_by("history_id").iterator(BATCH):
        ends.setdefault(entry.instance.pk, []).append(entry)
    keys = list(ends)
    for start in range(0, len(keys), BATCH):
        some = {key: ends[key] for key in keys[start : start + BATCH]}
        yield from _differences(model, some, _before(model, floor, some), made)


def _before(model: Any, floor: int, some: dict[Any, list[Any]]) -> dict[Any, Any]:
    """The entry of each before the form, by key."""
    key = model._meta.pk.attname
    older = model.history.filter(**{f"{key}__in": list(some)}, history_id__lte=floor).order_by()
    newest = older.values(key).annotate(last=Max("history_id")).values("last")
    return {entry.instance.pk: entry for entry in model.history.filter(history_id__in=newest)}


def _differences(
    model: Any, some: dict[Any, list[Any]], before: dict[Any, Any], made: dict[Any, set[Any]]
) -> Iterator[tuple[Row, dict[str, Any]]]:
    rows = [*before.values(), *(entries[-1] for entries in some.values())]
    states = {row.history_id: state for row, state in zip(rows, states_of(rows, model), strict=True)}
    words = Words(((model, state) for state in states.values()), (), made)
    for key, entries in some.items():
        first, last, old = entries[0], entries[-1], before.get(key)
        was = states[old.history_id] if old and first.history_type != "+" else None
        now = None if last.history_type == "-" else states[last.history_id]
        lines = [[line.label, line.old, line.new] for line in words.lines((model, key), was, now, is_part=False)]
        what = _what(first, last, old)
        if lines or what != "changed":
            reasons = [each.history_change_reason for each in entries]
            row = Row(last.instance, first.history_type == "+", [each for each in reasons if each and each != CONFIRMED])
            yield row, {"what": what, "lines": lines}


def _what(first: Any, last: Any, old: Any) -> str:
    if first.history_type == "+" or last.history_type == "-":
        return "created" if last.history_type != "-" else "deleted"
    was, now = old is not None and is_in_bin(old), is_in_bin(last)
    return {(False, True): "removed", (True, False): "restored"}.get((was, now), "changed")


def _named(instance: Any) -> dict[str, str]:
    meta = instance._meta
    try:
        url = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[instance.pk])
    except NoReverseMatch:
        url = ""
    return {"kind": str(capfirst(meta.verbose_name)), "name": str(instance), "url": url}


def _of_job(kind: str, found: Told) -> dict[str, Any]:
    """What work in the background is going to do, as far as it is known before."""
    job = found.job
    entry: dict[str, Any] = {"what": "job", "kind": _("In the background"), "name": str(job or ""), "url": "", "lines": []}
    if job and kind == accept_all.module_path:
        issue = Newsletter.objects.get(pk=job.arguments["newsletter"])
        drafts = [draft for draft in pending(issue) if not draft.questions]
        entry["url"] = issue.get_absolute_url()
        entry["lines"] = [[draft.get_kind_display(), "", draft.headline] for draft in drafts]
        entry["drafts"] = [draft.pk for draft in drafts]
    elif job:
        sheet = SheetImport.objects.get(pk=job.arguments["sheet"])
        found.touches.append(bin_key(sheet))
        entry["url"] = reverse("certifications:import-report", args=[sheet.pk])
        if kind == sheet_tasks.bring_in.module_path:
            entry["lines"] = [
                [str(state.label), "", str(sheet.counts[state.value])] for state in RowState if sheet.counts.get(state.value)
            ]
            if sheet.updates:
                entry["lines"].append([_("Change known statements to what the sheet says"), "", _("yes")])
            if sheet.is_partial:
                entry["lines"].append([_("Bring in the good rows although others have errors"), "", _("yes")])
            columns = [(head, label_of(name) or _("left out")) for head, name in sheet.heads if head]
            entry["lines"] += [[_("Column “%(head)s”") % {"head": head}, "", meaning] for head, meaning in columns]
            entry["lines"] += [[_("Row %(row)s") % {"row": line["row"]}, "", line["words"]] for line in sheet.lines[:ROWS_SHOWN]]
    return entry


def _title(entries: list[dict[str, Any]], count: int) -> str:
    if not entries:
        return _("A change")
    first = f"{entries[0]['kind']}: {entries[0]['name']}"
    if count > 1:
        first = _("%(first)s and %(count)s more") % {"first": first[:150], "count": count - 1}
    return first[:200]
