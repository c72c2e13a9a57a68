"""The shipped reference data: complete, consistent, and loaded without touching what staff changed."""

import datetime as dt
import re

import pytest

from certifications.models import BodyAlias, EvidenceKind, Standard, StatementType, ValidityRule, VerificationBody
from policies.models import Topic
from tanxun.digest.models import ReaderWord
from tanxun.records import sealing
from tanxun.records.models import Industry
from tanxun.regions.models import Region
from tanxun.search.fold import fold
from tanxun.search.models import Synonym, split
from tanxun.site import reference

BODIES = reference.read_json(reference.CERTIFICATIONS / "bodies.json")
STANDARDS = reference.read_json(reference.CERTIFICATIONS / "standards.json")
TYPES = reference.read_json(reference.CERTIFICATIONS / "statement_types.json")
INDUSTRIES = reference.read_csv(reference.CERTIFICATIONS / "industries.csv")
TOPICS = reference.read_json(reference.POLICIES / "topics.json")
PROGRAMMES = reference.read_json(reference.CERTIFICATIONS / "programmes.json")


@pytest.fixture
def reference_data(db):
    return reference.load()


def label(row):
    return str(Standard(code=row["code"], edition=row["edition"]))


@pytest.mark.parametrize("rows", [BODIES, TYPES, TOPICS, PROGRAMMES], ids=["bodies", "types", "topics", "programmes"])
def test_slugs_and_names_are_unique_and_well_formed(rows):
    slugs = [row["slug"] for row in rows]
    assert len(set(slugs)) == len(slugs) == len({row["name"] for row in rows})
    assert all(re.fullmatch(r"[a-z0-9]+([-_][a-z0-9]+)*", slug) for slug in slugs)


@pytest.mark.parametrize("rows", [BODIES, STANDARDS, TYPES, PROGRAMMES], ids=["bodies", "standards", "types", "programmes"])
def test_every_fact_has_a_source(rows):
    assert all(row["source"] for row in rows)
    assert len({tuple(row) for row in rows}) == 1, "every row has the same fields"


def test_bodies_are_complete_and_no_name_means_two_of_them():
    owner = {}
    for row in BODIES:
        assert row["kind"] in VerificationBody.Kind
        assert row["origin"] in {"foreign", "domestic"}
        assert all(address == "" or address.startswith("https://") for address in (row["website"], row["lookup_url"]))
        for name in {row["name"], row["full_name"], *row["aliases"]} - {""}:
            assert owner.setdefault(fold(name), row["slug"]) == row["slug"], name


def test_statement_types_are_complete():
    topics = {row["slug"] for row in TOPICS}
    cues = [cue for row in TYPES for cue in row["cues"]]
    assert len(set(cues)) == len(cues), "a cue speaks of one type"
    for row in TYPES:
        assert row["evidence_kind"] in EvidenceKind
        assert row["validity_rule"] in ValidityRule
        assert (row["validity_rule"] == ValidityRule.REPORTING_PERIOD) == bool(row["cycle_months"])
        assert (row["validity_rule"] == ValidityRule.MEMBERSHIP) == (row["evidence_kind"] == EvidenceKind.LIST_MEMBERSHIP)
        assert row["topic"] is None or row["topic"] in topics
        assert row["cues"] or row["slug"] == "other"


def test_topics_have_definitions_and_literal_cues():
    for row in TOPICS:
        assert all(row[field] for field in ("name_en", "definition", "definition_en", "cues"))
        assert "\n" not in row["definition"]
        assert not any(set("|*+?[]\\") & set(cue) for cue in row["cues"])


def test_standards_point_to_types_and_successors_that_are_there():
    types = {row["slug"] for row in TYPES}
    rows = {label(row): row for row in STANDARDS}
    assert len(rows) == len(STANDARDS)
    for row in STANDARDS:
        assert row["statement_type"] in types
        assert label({"code": row["code"], "edition": ""}) in rows, "every edition has its undated reference"
        dates = [dt.date.fromisoformat(row[field]) for field in ("issued_on", "in_force_on", "withdrawn_on") if row[field]]
        assert dates == sorted(dates)
        if row["replaced_by"]:
            assert rows[row["replaced_by"]]["replaced_by"] is None, "the loader gives a successor to a current one only"


def test_disputed_and_known_dates_of_standards():
    rows = {label(row): row for row in STANDARDS}
    assert rows["GB/T 24067-2024"]["in_force_on"] is None
    assert "2025-03-01" in rows["GB/T 24067-2024"]["note"]
    assert rows["PAS 2060:2014"]["withdrawn_on"] == "2025-11-30"
    assert rows["PAS 2060:2014"]["replaced_by"] == "ISO 14068-1:2023"


def test_industries_are_sections_and_divisions():
    sections = {row["code"] for row in INDUSTRIES if not row["parent"]}
    assert sorted(sections) == list("ABCDEFGHIJKLMNOPQRST")
    for row in INDUSTRIES:
        assert row["name_en"]
        assert not row["parent"] or (row["parent"] in sections and re.fullmatch(row["parent"] + r"\d\d", row["code"]))


def test_loading_fills_every_table_and_a_second_run_adds_nothing(reference_data):
    assert reference_data == {
        "regions": Region.objects.count(),
        "industries": len(INDUSTRIES),
        "topics": len(TOPICS),
        "statement_types": len(TYPES),
        "programmes": len(PROGRAMMES),
        "standards": len(STANDARDS),
        "bodies": len(BODIES),
        "aliases": BodyAlias.objects.count(),
        "reader_words": ReaderWord.objects.count(),
        "synonyms": Synonym.objects.count(),
    }
    assert all(reference_data.values())
    lines = []
    assert set(reference.load(lines.append).values()) == {0}
    assert len(lines) == len(reference_data)
    assert BodyAlias.objects.get(name="莱茵").body.slug == "tuv-rheinland"
    assert Standard.objects.get(code="PAS 2060", edition="2014").replaced_by.edition == "2023"
    assert StatementType.objects.get(slug="ghg_verification").topic.slug == "ghg-accounting"
    assert Industry.objects.get(pk="C39").parent_id == "C"
    assert VerificationBody.objects.get(slug="cqc").history.count() == 1


def test_what_staff_edited_renamed_or_deleted_stays_so(reference_data):
    body = VerificationBody.objects.get(slug="sgs")
    body.lookup_url = "https://register.example/{number}"
    body.save()
    body.aliases.all().delete()
    VerificationBody.objects.get(slug="nsf").remove("never used")
    Topic.objects.filter(slug="business-environment").first().delete()
    renamed = StatementType.objects.get(slug="epd")
    renamed.slug, renamed.name = "declaration", "环境声明"
    renamed.save()
    Standard.objects.get(code="ISO 50001", edition="").delete()
    Region.objects.filter(pk="320583").update(short_name="鹿城")

    assert set(reference.load().values()) == {0}

    body.refresh_from_db()
    assert (body.lookup_url, body.aliases.count()) == ("https://register.example/{number}", 0)
    assert not VerificationBody.objects.filter(slug="nsf").exists()
    assert not Topic.objects.filter(slug="business-environment").exists()
    assert not StatementType.objects.filter(slug="epd").exists()
    assert not Standard.objects.filter(code="ISO 50001", edition="").exists()
    assert Region.objects.get(pk="320583").short_name == "鹿城"


def test_a_name_missing_from_an_untouched_body_comes_in_unless_another_bears_it(reference_data):
    sealing.unseal()
    for rows in (BodyAlias.objects, BodyAlias.history):  # as before these names were shipped
        rows.filter(name__in=["通标", "瑞士SGS"]).delete()
    other = VerificationBody.objects.get(slug="cti")
    BodyAlias.objects.create(body=other, name="通标")

    assert reference.load()["aliases"] == 1

    assert BodyAlias.objects.get(name="瑞士SGS").body.slug == "sgs"
    assert BodyAlias.objects.get(name="通标").body == other


def test_a_name_that_staff_took_away_does_not_come_back(reference_data):
    BodyAlias.objects.get(name="瑞士SGS").delete()
    assert reference.load()["aliases"] == 0


def test_shipped_synonyms_are_sound_and_give_way_to_those_of_staff(db):
    lines = reference.SYNONYMS.read_text(encoding="utf-8").splitlines()
    words = [word for line in lines for word in split(line)]
    assert len(set(words)) == len(words), "a word stands in one row"
    for line in lines:
        row = Synonym(words=line)
        row.full_clean()
        assert row.words == line
    Synonym.objects.create(words="碳足迹=我们的词")
    assert reference.load_synonyms() == len(lines) - 1
    Synonym.objects.get(words__startswith="绿证").delete()
    assert reference.load_synonyms() == 0
