"""What is to be corrected in a frozen issue: its records as they are today beside what was sent. Asked by its page and formats.

The issue itself never changes. A difference counts only where a record behind the entry was written after the freeze, so that
a new wording of this program corrects nothing that nobody changed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.utils import timezone

from certifications.models import Company, Product, VerificationBody, VerificationStatement
from policies.models import Incentive, IssuingBody, KeyPoint, Policy, PolicyDocument, PolicyIssuer, Target
from tanxun.listing.freshness import kept

from .digests import Digest
from .editing import composed
from .formats.article import piece
from .issue import Entry
from .models import NewsItem
from .prose import POINT

SENTENCE = re.compile(r"[^。！？；]+[。！？；]?|[。！？；]")
MOST, QUOTED = 30, 300
MODELS: dict[str, Any] = {"policy": Policy, "statement": VerificationStatement, "news": NewsItem}


@dataclass(frozen=True)
class Correction:
    """One thing that a later issue would say otherwise: since when, and in words."""

    on: dt.date
    words: str

    def __str__(self) -> str:
        return f"{self.on.isoformat()} {self.words}"


def corrections(digest: Digest) -> list[Correction]:
    """The corrections of a frozen issue, the oldest first; none of a draft. Kept until something is written."""
    return kept(f"corrections:{digest.pk}", lambda: list(found(digest))) if digest.is_frozen else []


def found(digest: Digest) -> list[Correction]:
    frozen = digest.frozen_issue
    known = {key for entry in frozen.entries for key in entry.records}
    since = written_since(digest.frozen_at, known | keys_written(digest))
    if not since:
        return []
    numbers = {
        entry.key: number
        for number, entry in enumerate((entry for *_rest, entries in frozen.sections for entry in entries), start=1)
    }
    pairs = [pair for pair in paired(frozen.entries, composed(digest).entries) if said(pair[0]) != said(pair[1])]
    made = []
    for was, now in pairs:
        moments = [since[key] for entry in (was, now) if entry for key in entry.records if key in since]
        if moments:
            on = timezone.localdate(max(moments))
            made.append(Correction(on, words(was, now, numbers)))
    made.sort(key=lambda each: each.on)
    if len(made) > MOST:
        return [*made[:MOST], Correction(made[-1].on, f"另有{len(made) - MOST}处更正或补充，见各条记录。")]
    return made


def paired(before: Iterable[Entry], after: Iterable[Entry]) -> Iterator[tuple[Entry | None, Entry | None]]:
    """Each entry of the frozen issue with the one of today that has a record of it, then those that are new today."""
    today = list(after)
    by_record = {key: entry for entry in today for key in entry.records}
    taken = set()
    for entry in before:
        now = next((by_record[key] for key in entry.records if key in by_record), None)
        taken |= {now.key} if now else set()
        yield entry, now
    for entry in today:
        if entry.key not in taken:
            yield None, entry


def said(entry: Entry | None) -> list[str]:
    """The sentences of an entry, its headline first, as they are printed."""
    if entry is None:
        return []
    printed = piece(entry)
    texts = (line.text.removeprefix(POINT) for line in printed.body)
    return [printed.headline.text, *(sentence for text in texts for sentence in SENTENCE.findall(text))]


def words(was: Entry | None, now: Entry | None, numbers: dict[str, int]) -> str:
    """What changed, as a reader of the issue is told."""
    if was is None and now is not None:
        headline, *text = said(now)
        return f"补充：“{headline}”。{quoted(text)}"
    place = f"第{numbers[was.key]}条“{piece(was).headline.text}”" if was else ""
    if now is None:
        return f"撤回：{place}，相关记录已撤下。"
    return f"更正：{place}，{'；'.join(differences(said(was), said(now)))}。"


def differences(before: list[str], after: list[str]) -> Iterator[str]:
    """The sentences that differ, each beside what it is now."""
    for kind, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        old, new = quoted(before[start:end]), quoted(after[new_start:new_end])
        if kind == "replace":
            yield f"“{old}”应为“{new}”"
        elif kind == "delete":
            yield f"删去“{old}”"
        elif kind == "insert":
            yield f"增加“{new}”"


def quoted(sentences: list[str]) -> str:
    text = "".join(sentences)
    return f"{text[:QUOTED]}……" if len(text) > QUOTED else text


def written_since(moment: dt.datetime | None, keys: set[str]) -> dict[str, dt.datetime]:
    """When records were last written after `moment`, themselves or what they are told with (company, products, bodies, key
    points …), by key; those that were not are left out. The number of queries does not rise with that of the records.
    """
    latest: dict[str, dt.datetime] = {}

    def note(kind: str, rows: Iterable[tuple[int, dt.datetime]]) -> None:
        for pk, at in rows:
            if moment is None or at > moment:
                key = f"{kind}-{pk}"
                latest[key] = max(at, latest.get(key, at))

    for kind, model in MODELS.items():
        ids = [int(key.removeprefix(f"{kind}-")) for key in keys if key.startswith(f"{kind}-")]
        if ids:
            rows = model.with_deleted.filter(pk__in=ids).order_by()
            note(kind, rows.values_list("pk", "updated_at"))
            note(kind, model.history.filter(id__in=ids, history_date__gt=moment).values_list("id", "history_date"))
            note(kind, around(kind, ids, moment))
    return latest


def keys_written(digest: Digest) -> set[str]:
    """Records of the week that were written after the freeze: late ones among them."""
    week, keys = digest.iso_week, set()
    for kind, model in MODELS.items():
        rows = model.with_deleted.filter(week_on__range=(week.monday, week.sunday), updated_at__gt=digest.frozen_at)
        keys |= {f"{kind}-{pk}" for pk in rows.order_by().values_list("pk", flat=True)}
    return keys


def around(kind: str, ids: list[int], moment: dt.datetime | None) -> Iterator[tuple[int, dt.datetime]]:
    """(key of the record, moment) of what was written beside it."""
    if kind == "policy":
        for model in (KeyPoint, PolicyDocument, PolicyIssuer, Target, Incentive):
            history: Any = model.history
            yield from history.filter(policy_id__in=ids, history_date__gt=moment).values_list("policy_id", "history_date")
        yield from of_others(IssuingBody, PolicyIssuer.objects.filter(policy__in=ids).values_list("policy_id", "body_id"), moment)
    elif kind == "statement":
        rows = VerificationStatement.with_deleted.filter(pk__in=ids).order_by()
        yield from of_others(Company, rows.values_list("pk", "company_id"), moment)
        yield from of_others(Product, rows.values_list("pk", "products"), moment)
        yield from of_others(VerificationBody, rows.values_list("pk", "verification_body_id"), moment)


def of_others(
    model: Any, pairs: Iterable[tuple[int, int | None]], moment: dt.datetime | None
) -> Iterator[tuple[int, dt.datetime]]:
    """The moments at which rows of `model` were written, by the record that they belong to."""
    owners: dict[int, list[int]] = {}
    for owner, key in pairs:
        if key is not None:
            owners.setdefault(key, []).append(owner)
    for key, at in model.history.filter(id__in=list(owners), history_date__gt=moment).values_list("id", "history_date"):
        yield from ((owner, at) for owner in owners[key])
