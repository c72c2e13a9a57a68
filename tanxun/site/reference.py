"""Loads the shipped reference data: regions, industries, the reader's words, standards, bodies. Called by `start` and tests.

Only what is missing is created: a row that staff edited, renamed or deleted stays as they left it.
"""

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _
from simple_history.utils import bulk_create_with_history

from certifications.models import BodyAlias, Programme, Standard, StatementType, VerificationBody
from policies.models import Topic
from tanxun.digest.models import ReaderWord
from tanxun.digest.vocabulary import shipped
from tanxun.records.models import Industry
from tanxun.regions.models import Region
from tanxun.regions.names import SHIPPED as REGIONS
from tanxun.search.fold import fold
from tanxun.search.models import Synonym, split

ROOT = Path(__file__).resolve().parents[2]
CERTIFICATIONS = ROOT / "certifications" / "reference"
POLICIES = ROOT / "policies" / "reference"
SYNONYMS = ROOT / "tanxun" / "search" / "synonyms.txt"


def load(report: Callable[[str], Any] = lambda line: None) -> dict[str, int]:
    """Create what is missing, in one transaction, and say through `report` how many rows each table got; answers the same."""
    steps = {
        "regions": (_("Regions"), load_regions),
        "industries": (_("Industries"), load_industries),
        "topics": (_("Topics"), load_topics),
        "statement_types": (_("Statement types"), load_statement_types),
        "programmes": (_("Programmes"), load_programmes),
        "standards": (_("Standards"), load_standards),
        "bodies": (_("Verification bodies"), load_bodies),
        "aliases": (_("Names of bodies"), load_aliases),
        "reader_words": (_("Words for the reader"), load_reader_words),
        "synonyms": (_("Synonyms"), load_synonyms),
    }
    counts = {}
    with transaction.atomic():
        for key, (title, step) in steps.items():
            counts[key] = step()
            report(_("%(title)s: %(count)s new") % {"title": title, "count": counts[key]})
    return counts


def load_regions() -> int:
    return create_missing(
        Region,
        [
            Region(
                code=row["code"],
                name=row["name"],
                short_name=row["short_name"],
                name_en=row["name_en"],
                level=row["level"],
                parent_id=row["parent"] or None,
                pinyin=row["pinyin"],
                pinyin_initials=row["pinyin_initials"],
            )
            for row in read_csv(REGIONS)
        ],
        ["code"],
    )


def load_industries() -> int:
    return create_missing(
        Industry,
        [
            Industry(code=row["code"], name=row["name"], name_en=row["name_en"], parent_id=row["parent"] or None)
            for row in read_csv(CERTIFICATIONS / "industries.csv")
        ],
        ["code"],
    )


def load_topics() -> int:
    fields = ("slug", "name", "name_en", "definition", "definition_en")
    rows = read_json(POLICIES / "topics.json")
    topics = [Topic(**{name: row[name] for name in fields}, cue_words="\n".join(row["cues"])) for row in rows]
    return create_missing(Topic, topics, ["slug"], ["name"])


def load_statement_types() -> int:
    named = ("slug", "name", "full_name", "name_en")
    ruled = ("evidence_kind", "validity_rule", "cycle_months", "needs_product", "needs_period")
    topics = dict(Topic.objects.values_list("slug", "pk"))
    types = [
        StatementType(
            **{name: row[name] for name in (*named, *ruled)},
            topic_id=topics.get(row["topic"]),
            cue_words="\n".join(row["cues"]),
        )
        for row in read_json(CERTIFICATIONS / "statement_types.json")
    ]
    return create_missing(StatementType, types, ["slug"], ["name"])


def load_programmes() -> int:
    """Lists and labels that companies are recognised by; not those whose type staff renamed or deleted."""
    kinds = dict(StatementType.objects.values_list("slug", "pk"))
    programmes = [
        Programme(
            slug=row["slug"],
            name=row["name"],
            name_en=row["name_en"],
            aliases="\n".join(row["aliases"]),
            statement_type_id=kinds[row["statement_type"]],
        )
        for row in read_json(CERTIFICATIONS / "programmes.json")
        if row["statement_type"] in kinds
    ]
    return create_missing(Programme, programmes, ["slug"], ["name"])


def load_standards() -> int:
    """Those still current first, so that a replaced one finds its successor."""
    rows = read_json(CERTIFICATIONS / "standards.json")
    types = dict(StatementType.objects.values_list("slug", "pk"))
    current = create_missing(Standard, [_standard(row, types, {}) for row in rows if not row["replaced_by"]], ["code", "edition"])
    successors = {str(standard): standard.pk for standard in Standard.objects.all()}
    replaced = [_standard(row, types, successors) for row in rows if row["replaced_by"]]
    return current + create_missing(Standard, replaced, ["code", "edition"])


def _standard(row: dict[str, Any], types: dict[str, int], successors: dict[str, int]) -> Standard:
    return Standard(
        code=row["code"],
        edition=row["edition"],
        title=row["title_zh"],
        title_en=row["title_en"],
        statement_type_id=types.get(row["statement_type"]),
        issued_on=row["issued_on"],
        in_force_on=row["in_force_on"],
        withdrawn_on=row["withdrawn_on"],
        replaced_by_id=successors.get(row["replaced_by"]),
        source=row["source"],
    )


def load_bodies() -> int:
    fields = ("slug", "name", "full_name", "kind", "website", "lookup_url")
    bodies = [
        VerificationBody(
            **{name: row[name] for name in fields},
            name_en=row["name_en"] or "",
            is_foreign=row["origin"] == "foreign",
        )
        for row in read_json(CERTIFICATIONS / "bodies.json")
    ]
    return create_missing(VerificationBody, bodies, ["slug"], ["name"])


def load_aliases() -> int:
    """Further names of bodies nobody has touched since they were loaded; a name that already means a body is left alone."""
    touched = VerificationBody.history.exclude(history_type="+", history_user=None).values("id")
    bodies = dict(VerificationBody.objects.exclude(pk__in=touched).values_list("slug", "pk"))
    taken = set(BodyAlias.objects.values_list("name_folded", flat=True))
    taken |= set(VerificationBody.with_deleted.values_list("name_folded", flat=True))
    aliases = []
    for row in read_json(CERTIFICATIONS / "bodies.json"):
        for name in row["aliases"]:
            if row["slug"] in bodies and fold(name) not in taken:
                taken.add(fold(name))
                aliases.append(BodyAlias(body_id=bodies[row["slug"]], name=name))
    return create_missing(BodyAlias, aliases, ["name"])


def load_reader_words() -> int:
    """The parks, short forms and countries that the reader knows, so that staff see, mend and extend them in the admin."""
    words, kinds = shipped(), ReaderWord.Kind
    rows = [ReaderWord(kind=kinds.PARK, word=name, region_id=code) for name, code in words.places.parks.items()]
    rows += [ReaderWord(kind=kinds.ORGAN, word=short, full_form=full) for short, full in words.abbreviations.items()]
    rows += [ReaderWord(kind=kinds.ABROAD, word=name) for name in words.abroad]
    return create_missing(ReaderWord, rows, ["kind", "word"])


def load_synonyms() -> int:
    """Words that mean the same. Once staff keep a row with one of the words of a shipped row, or deleted it, theirs stands."""
    kept = {word for words in Synonym.history.values_list("words", flat=True) for word in split(words)}
    rows = [Synonym(words=line) for line in SYNONYMS.read_text(encoding="utf-8").splitlines()]
    return create_missing(Synonym, [row for row in rows if not split(row.words) & kept], ["words"])


def create_missing(model: type[models.Model], wanted: Iterable[models.Model], *keys: list[str]) -> int:
    """Create those of `wanted` whose every key is free, and count them.

    A key (names of fields that together tell a row) is taken by a row that stands, is in the bin, or, where the model
    keeps a history, once stood: what staff renamed or deleted does not come back.
    """
    history = getattr(model, "history", None)
    rows = getattr(model, "with_deleted", model._default_manager)
    missing = list(wanted)
    for key in keys:
        taken = set(rows.values_list(*key)) | (set(history.values_list(*key)) if history else set())
        missing = [obj for obj in missing if tuple(getattr(obj, name) for name in key) not in taken]
    if history:
        bulk_create_with_history(missing, model, default_change_reason=_("Reference data"))
    else:
        model._default_manager.bulk_create(missing)
    return len(missing)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_json(path: Path) -> list[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8"))
