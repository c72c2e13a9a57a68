"""reader_report [--since D] [--field F] [--json] [--cases FOLDER]: how often the reader was right, by what reviewers accepted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tanxun.digest import cases, vocabulary
from tanxun.digest.accuracy import GROUPS, TITLES, Accuracy, Tally, in_words, measured
from tanxun.digest.corrections import fields_asked
from tanxun.digest.desk import CONFIDENCE
from tanxun.digest.management.commands.read_newsletter import day
from tanxun.digest.models import Draft
from tanxun.digest.reader.report import padded
from tanxun.records.terminal import TerminalCommand

SHOWN = 15


class Command(TerminalCommand):
    help = """Show per field how often the reader was right, over the drafts that a person reviewed.

read: values the reader read; right: those accepted unchanged; wrong: the others; missed: accepted values that were not read.
A replaced value is one wrong and one missed; each value of a list counts by itself; a field empty on both sides counts nowhere.
precision = right / read, recall = right / (right + missed), F1 = their harmonic mean.
stated, inferred, uncertain: right / read of the values that the reader was that sure of."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=day, metavar="DATE", help="only drafts reviewed on that day or later (YYYY-MM-DD)")
        parser.add_argument("--field", default="", metavar="F", help="only this field, as the report names it")
        parser.add_argument("--json", action="store_true", help="print JSON, with every correction")
        parser.add_argument("--cases", type=Path, metavar="FOLDER", help="write the items read wrongly as test cases")

    def handle(self, *args: Any, **options: Any) -> None:
        known = {"kind", "section", *(name for kind in GROUPS for name in fields_asked(kind))}
        if options["field"] not in {"", *known}:
            words = _("There is no field “%(name)s”; there are: %(known)s.")
            raise self.fail(words % {"name": options["field"], "known": ", ".join(sorted(known))}, misuse=True)
        found = measured(options["since"], options["field"])
        if options["json"]:
            self.stdout.write(json.dumps(as_json(found), ensure_ascii=False, indent=1))
        else:
            self.stdout.write("\n".join(report(found, vocabulary.current().names)))
        if options["cases"]:
            self.write_cases(options)

    def write_cases(self, options: dict[str, Any]) -> None:
        """Write the cases, and say on standard error (with --json) or below the report what was written and what was not."""
        out = self.stderr if options["json"] else self.stdout
        made = list(cases.cases(options["since"], options["field"]))
        try:
            written = cases.write((case for case in made if isinstance(case, cases.Case)), options["cases"])
        except OSError as error:
            raise self.fail(f"{options['cases']}: {error.strerror or error}") from error
        lines = [f"  {path.name}: {place(case.draft)}: {', '.join(case.fields)}" for path, case in written]
        left = [f"  {place(one.draft)}: {one.reason}" for one in made if isinstance(one, cases.LeftOut)]
        count = ngettext("%(count)s test case written", "%(count)s test cases written", len(written)) % {"count": len(written)}
        advice = _("Reviewers also enter what the text does not say: compare each with the text before you keep it.")
        for line in ("", f"{count} → {options['cases']}", *lines, *([advice] if lines else [])):
            out.write(line)
        for line in ([_("No case was made of:")] if left else []) + left:
            out.write(line)


def report(found: Accuracy, names: Mapping[str, str]) -> Iterator[str]:
    """The lines of the report; `names` are the Chinese names of types and topics by slug."""
    words = _("Reviewed drafts: %(reviewed)s (not counted: accepted unseen %(unseen)s, skipped %(skipped)s)")
    yield words % {"reviewed": found.reviewed, "unseen": found.unseen, "skipped": len(found.skipped)}
    if not found.reviewed:
        yield _("Nothing can be said yet: bring a newsletter in (manage.py import_newsletter) and accept its items on /review/.")
    elif not found.tallies:
        yield _("This field was empty on both sides of every reviewed draft.")
    else:
        yield from table(found)
        yield from frequent(found, names)
    if found.skipped:
        yield ""
        yield _("Skipped")
        yield from (f"  {place(draft)}: {draft.corrections.get('reason') or '—'}" for draft in found.skipped[:SHOWN])


def table(found: Accuracy) -> Iterator[str]:
    """One line a field, the least right first within its group; then all together."""
    heads = (_("read"), _("right"), _("wrong"), _("missed"), _("precision"), _("recall"), "F1", *CONFIDENCE)
    columns = [max(len(head) + 2, 11) for head in heads]
    for group, rows in found.groups():
        yield ""
        yield padded(str(TITLES[group]), 24) + "".join(padded(head, -width) for head, width in zip(heads, columns, strict=True))
        yield from (row(f"  {name}", tally, columns) for name, tally in rows)
    yield ""
    yield row(_("All together"), found.total, columns)


def row(name: str, tally: Tally, columns: list[int]) -> str:
    shares = (tally.precision, tally.recall, tally.f1)
    cells = [
        *map(str, (tally.read, tally.right, tally.wrong, tally.missed)),
        *("—" if share is None else f"{share:.3f}" for share in shares),
        *(f"{right}/{read}" if read else "—" for read, right in tally.classes.values()),
    ]
    return padded(name, 24) + "".join(padded(cell, -width) for cell, width in zip(cells, columns, strict=True))


def frequent(found: Accuracy, names: Mapping[str, str]) -> Iterator[str]:
    """What reviewers corrected, alike corrections together, each with the places where it was made."""
    if not found.changes:
        return
    yield ""
    yield _("Corrections, the most frequent first")
    for alike in found.frequent(SHOWN):
        change = alike[0]
        places = ", ".join(place(one.draft) for one in alike[:3]) + (" …" if len(alike) > 3 else "")
        yield f"  {len(alike)} × {change.field}: {in_words(change.read, names)} → {in_words(change.accepted, names)}  [{places}]"


def place(draft: Draft) -> str:
    """Newsletter and draft, as the review desk numbers them."""
    part = f".{draft.part}" if draft.part > 1 else ""
    return f"#{draft.newsletter_id} {draft.newsletter.reference_date} · {draft.order}{part} ({_('draft')} {draft.pk})"


def as_json(found: Accuracy) -> dict[str, Any]:
    """The same figures for programs; shares from 0 to 1, null where there is nothing to divide by."""
    return {
        "reviewed": found.reviewed,
        "unseen": found.unseen,
        "skipped": [{**where(draft), "reason": draft.corrections.get("reason", "")} for draft in found.skipped],
        "total": figures(found.total),
        "fields": [{"kind": group, "field": name, **figures(tally)} for (group, name), tally in sorted(found.tallies.items())],
        "corrections": [
            {"kind": one.group, "field": one.field, "read": one.read, "accepted": one.accepted, **where(one.draft)}
            for one in found.changes
        ],
    }


def figures(tally: Tally) -> dict[str, Any]:
    counts = {name: getattr(tally, name) for name in ("read", "right", "wrong", "missed", "precision", "recall", "f1")}
    return counts | {"confidence": {name: {"read": read, "right": right} for name, (read, right) in tally.classes.items()}}


def where(draft: Draft) -> dict[str, int]:
    return {"newsletter": draft.newsletter_id, "draft": draft.pk, "order": draft.order, "part": draft.part}
