"""The reader's vocabularies: the shipped reference files, and what staff added to the database.

Called by the commands and the intake, which hand the result to `reader.read`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections
from django.db.backends.sqlite3.base import DatabaseWrapper as SqliteWrapper

from certifications.models import BodyAlias, EvidenceKind, Standard, StatementType, VerificationBody
from policies.models import IssuingBody, IssuingBodyAlias, Topic
from tanxun.digest.models import ReaderWord
from tanxun.digest.reader import Cues, Vocabulary
from tanxun.digest.reader.vocabulary import Places, key
from tanxun.regions import names

_ROOT = Path(__file__).resolve().parents[2]
_CERTIFICATIONS, _POLICIES = _ROOT / "certifications" / "reference", _ROOT / "policies" / "reference"

# The last vocabulary of the database: while no word changes it is given again, with the patterns it has compiled.
_latest: dict[str, Vocabulary] = {}


@cache
def shipped() -> Vocabulary:
    """The vocabulary of the files that come with the program; needs no database."""
    standards = _load(_CERTIFICATIONS / "standards.json")
    types = _load(_CERTIFICATIONS / "statement_types.json")
    topics = _load(_POLICIES / "topics.json")
    issuing = _load(_POLICIES / "issuing_bodies.json")
    return Vocabulary(
        places=Places(
            names.load(),
            {form: park["region"] for park in _load(_POLICIES / "parks.json") for form in (park["name"], *park["aliases"])},
        ),
        bodies={
            form: body["name"]
            for body in _load(_CERTIFICATIONS / "bodies.json")
            for form in (body["name"], body.get("full_name"), body.get("name_en"), *body["aliases"])
            if form
        },
        issuers={form: body["name"] for body in issuing["bodies"] for form in (body["name"], *body["aliases"])},
        abbreviations=dict(issuing["abbreviations"]),
        abroad=tuple(word for words in _load(_POLICIES / "abroad.json").values() for word in words),
        statement_types=tuple(Cues(kind["slug"], tuple(kind["cues"])) for kind in types),
        listed_types=frozenset(kind["slug"] for kind in types if kind["evidence_kind"] == "list_membership"),
        topics=tuple(
            Cues(topic["slug"], *(tuple(topic.get(words, ())) for words in ("cues", "hints", "besides"))) for topic in topics
        ),
        standards={key(standard["title_zh"]): standard["code"] for standard in standards},
        standard_types={
            standard["code"]: standard["statement_type"] for standard in standards if standard["statement_type"] != "other"
        },
        names={one["slug"]: one["name"] for one in (*types, *topics)},
    )


def current() -> Vocabulary:
    """The shipped vocabulary with what staff added, where a migrated database is there. Never creates or migrates one."""
    if not _is_migrated():
        return shipped()
    fresh, latest = _with_staff(shipped()), _latest.get("read")
    if fresh == latest:
        return latest
    _latest["read"] = fresh
    return fresh


def _is_migrated() -> bool:
    """Whether the database answers and has the tables; a SQLite file is not opened before it is there, which would create it."""
    database = connections[DEFAULT_DB_ALIAS]
    is_file = isinstance(database, SqliteWrapper) and not database.is_in_memory_db()
    if is_file and not Path(database.settings_dict["NAME"]).is_file():
        return False
    try:
        present = set(database.introspection.table_names())
    except OperationalError:
        return False
    asked = (BodyAlias, StatementType, Standard, Topic, IssuingBodyAlias, ReaderWord)
    return {model._meta.db_table for model in asked} <= present


def _with_staff(base: Vocabulary) -> Vocabulary:
    """Names and cue words of the database beside the shipped ones; where words for the reader are kept, those."""
    words = _reader_words(base)
    types = list(StatementType.objects.values_list("slug", "cue_words", "evidence_kind"))
    named = (*StatementType.objects.values_list("slug", "name"), *Topic.objects.values_list("slug", "name"))
    standards = list(Standard.objects.values_list("code", "title", "statement_type__slug"))
    bodies = VerificationBody.objects.values_list("name", "full_name", "name_en")
    return replace(
        base,
        places=replace(base.places, parks=words[ReaderWord.Kind.PARK]),
        abbreviations=words[ReaderWord.Kind.ORGAN],
        abroad=tuple(words[ReaderWord.Kind.ABROAD]),
        bodies={
            **base.bodies,
            **{form: forms[0] for forms in bodies for form in forms if form},
            **dict(BodyAlias.objects.filter(body__deleted_at=None).values_list("name", "body__name")),
        },
        issuers={**base.issuers, **_central_bodies()},
        statement_types=_joined(base.statement_types, [(slug, words) for slug, words, _kind in types]),
        listed_types=base.listed_types | {slug for slug, _words, kind in types if kind == EvidenceKind.LIST_MEMBERSHIP},
        topics=_joined(base.topics, Topic.objects.values_list("slug", "cue_words")),
        standards={**base.standards, **{key(title): code for code, title, _type in standards if title}},
        standard_types={**base.standard_types, **{code: slug for code, _title, slug in standards if slug and slug != "other"}},
        names={**base.names, **dict(named)},
    )


def _reader_words(base: Vocabulary) -> dict[str, dict[str, str]]:
    """By kind {word: its full form or its region's code}: the rows, and the shipped words that never were among them.

    A shipped word that staff deleted or wrote anew stands in the history and is read no more.
    """
    kinds = ReaderWord.Kind
    known: dict[str, Mapping[str, str]] = {
        kinds.PARK: base.places.parks,
        kinds.ORGAN: base.abbreviations,
        kinds.ABROAD: dict.fromkeys(base.abroad, ""),
    }
    once = set(ReaderWord.history.values_list("kind", "word"))
    words = {kind: {word: of for word, of in forms.items() if (kind, word) not in once} for kind, forms in known.items()}
    for kind, word, full_form, region in ReaderWord.objects.values_list("kind", "word", "full_form", "region_id"):
        words[kind][word] = full_form or region or ""
    return words


def _central_bodies() -> dict[str, str]:
    """Names of the central issuing bodies that staff keep: those without a region, also none that the name begins with."""
    bodies = IssuingBody.objects.filter(region=None).values_list("name", flat=True)
    aliases = IssuingBodyAlias.objects.filter(body__region=None, body__deleted_at=None).values_list("name", "body__name")
    named = [*((name, name) for name in bodies), *aliases]
    return {name: body for name, body in named if not names.load().prefix(body)[0]}


def _joined(base: tuple[Cues, ...], rows: Iterable[tuple[str, str]]) -> tuple[Cues, ...]:
    """Cues by slug, the shipped words first; `rows` are (slug, words one a line). A shipped hint stays a hint."""
    known = {cues.slug: cues for cues in base}
    words = {cues.slug: dict.fromkeys(cues.words) for cues in base}
    for slug, lines in rows:
        words.setdefault(slug, {}).update(dict.fromkeys(filter(None, map(str.strip, lines.splitlines()))))
    return tuple(_with_words(known.get(slug, Cues(slug, ())), forms) for slug, forms in words.items())


def _with_words(cues: Cues, forms: Iterable[str]) -> Cues:
    return replace(cues, words=tuple(form for form in forms if form not in cues.hints))


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
