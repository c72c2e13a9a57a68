"""The reader's words are data: shipped files that need no database, and what staff add, mend or take away in the admin."""

import datetime as dt
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

import pytest
from django.db import models
from django.urls import reverse

from certifications.models import BodyAlias, Standard, StatementType
from policies.models import IssuingBodyAlias, Topic
from tanxun.digest import vocabulary
from tanxun.digest.models import ReaderWord
from tanxun.digest.reader import read
from tanxun.digest.reader.gold import as_gold
from tanxun.regions import names
from tanxun.site import reference
from tests import factory

PARKS = reference.read_json(reference.POLICIES / "parks.json")
ABROAD = reference.read_json(reference.POLICIES / "abroad.json")
ISSUING = reference.read_json(reference.POLICIES / "issuing_bodies.json")

PARK = "澜汀湾:绿色园区有了管理办法\n3月2日,澜汀湾管委会印发《绿色园区管理办法》,支持企业节能。\n"
ORGAN = "昆山:绿色园区有了管理办法\n3月2日,昆山市碳务办印发《绿色园区管理办法》,支持企业节能。\n"
ABROAD_NEWS = "泽兰岛国:公布减排目标\n3月2日,泽兰岛国公布2035年减排目标。\n"
STATEMENT = "澄屿电子:获{what}\n3月2日,苏州澄屿电子有限公司获得{body}颁发的{what}。\n"
ISSUER = "碳监办:印发核算规划\n3月2日,碳监办印发《核算规划》。\n"
STANDARD = "澄屿电子:获证书\n3月2日,苏州澄屿电子有限公司依据《样例组织减排评价准则》获得SGS颁发的碳中和证书。\n"


def item_of(text, words=None):
    """The one item of a text, in the schema of the gold files, read with the words of the database."""
    (item,) = as_gold(read(text, dt.date(2026, 3, 9), words or vocabulary.current()))["items"]
    return item


def inline(prefix, **values):
    """The management fields of an inline and its one new row, if there is one."""
    row = {f"{prefix}-0-{key}": value for key, value in values.items()}
    return {f"{prefix}-TOTAL_FORMS": int(bool(row)), f"{prefix}-INITIAL_FORMS": 0, **row}


def cue_form(row, cue_words):
    """The values that a type's or topic's form shows, with other cue words."""
    names_ = [one.name for one in row._meta.concrete_fields if one.editable and not one.primary_key]
    values = {name: getattr(row, row._meta.get_field(name).attname) for name in names_}
    return {name: value for name, value in values.items() if value not in (None, False)} | {"cue_words": cue_words}


@dataclass
class Word:
    """A word that staff add: admin page and form, the text it is for, what then is read where, the row to delete."""

    page: str
    form: dict
    text: str
    value: object
    path: str
    model: type[models.Model]


def value_at(item, path):
    for step in path.split("."):
        if item is None or item == []:
            return None
        item = item[int(step)] if step.isdigit() else item[step]
    return item


WORDS = {
    "park": Word(
        "digest_readerword",
        {"kind": "park", "word": "澜汀湾", "region": "440300"},
        PARK,
        {"code": "440300", "name": "澜汀湾"},
        "policy.lead_region",
        ReaderWord,
    ),
    "short form": Word(
        "digest_readerword",
        {"kind": "organ", "word": "碳务办", "full_form": "碳事务办公室"},
        ORGAN,
        "昆山市碳事务办公室",
        "policy.issuers.0",
        ReaderWord,
    ),
    "country": Word("digest_readerword", {"kind": "abroad", "word": "泽兰岛国"}, ABROAD_NEWS, "other", "section", ReaderWord),
    "body": Word(
        "certifications_verificationbody",
        {"name": "蓝衡检验检定院", "slug": "lanheng", "kind": "institute"}
        | inline("aliases", name="蓝衡")
        | inline("accreditations"),
        STATEMENT.format(what="碳中和证书", body="蓝衡"),
        "蓝衡检验检定院",
        "statements.0.body",
        BodyAlias,
    ),
    "statement type": Word(
        "certifications_statementtype",
        {
            "name": "水足迹",
            "slug": "water",
            "evidence_kind": "statement",
            "validity_rule": "printed_end",
            "cue_words": "节水声明",
        },
        STATEMENT.format(what="节水声明", body="SGS"),
        "water",
        "statements.0.type",
        StatementType,
    ),
    "issuing body": Word(
        "policies_issuingbody",
        {"name": "国家样例碳监督办公室"} | inline("aliases", name="碳监办"),
        ISSUER,
        "国家样例碳监督办公室",
        "policy.issuers.0",
        IssuingBodyAlias,
    ),
    "standard": Word(
        "certifications_standard",
        {"code": "T/YL 001", "title": "样例组织减排评价准则"},
        STANDARD,
        "T/YL 001",
        "statements.0.standards.0",
        Standard,
    ),
}


@pytest.fixture
def editor(client, db):
    reference.load()
    user = factory.user("editor")
    client.force_login(user)
    return user


@pytest.mark.parametrize("kind", WORDS)
def test_what_staff_add_is_read_and_what_they_delete_no_more(client, editor, kind):
    word = WORDS[kind]
    before = value_at(item_of(word.text), word.path)
    assert before != word.value
    answer = client.post(reverse(f"admin:{word.page}_add"), word.form)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert value_at(item_of(word.text), word.path) == word.value
    reference.load()
    assert value_at(item_of(word.text), word.path) == word.value, "a later load leaves it"
    word.model.objects.latest("pk").delete()
    assert value_at(item_of(word.text), word.path) == before


@pytest.mark.parametrize(
    ("model", "slug", "path", "value"),
    [(StatementType, "epd", "statements.0.type", "epd"), (Topic, "carbon-sink", "policy.topics", ["carbon-sink"])],
)
def test_a_cue_word_is_read_as_long_as_it_stands(client, editor, model, slug, path, value):
    row = model.objects.get(slug=slug)
    text = (
        STATEMENT.format(what="澜评级证书", body="SGS")
        if model is StatementType
        else "昆山:发布澜评级办法\n3月2日,昆山市人民政府印发《澜评级办法》。\n"
    )
    page = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[row.pk])
    before = value_at(item_of(text), path)
    assert before != value
    assert client.post(page, cue_form(row, f"{row.cue_words}\n澜评级")).status_code == 302
    assert value_at(item_of(text), path) == value
    assert client.post(page, cue_form(row, row.cue_words)).status_code == 302
    assert value_at(item_of(text), path) == before


def test_a_shipped_word_that_staff_took_away_or_mended_is_read_so(client, editor):
    text = "昆山:绿色园区有了管理办法\n3月2日,昆山市发改委印发《绿色园区管理办法》。\n"
    short = ReaderWord.objects.get(word="发改委")
    change = reverse("admin:digest_readerword_change", args=[short.pk])
    client.post(change, {"kind": "organ", "word": "发改委", "full_form": "发展改革和统计委员会"})
    assert item_of(text)["policy"]["issuers"] == ["昆山市发展改革和统计委员会"]
    client.post(reverse("admin:digest_readerword_delete", args=[short.pk]), {"post": "yes"})
    reference.load()
    assert item_of(text)["policy"]["issuers"] == ["昆山市发改委"]
    assert item_of(text, vocabulary.shipped())["policy"]["issuers"] == ["昆山市发展和改革委员会"]


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"kind": "park", "word": "澜汀湾"}, "region"),
        ({"kind": "organ", "word": "碳务办"}, "full_form"),
        ({"kind": "abroad", "word": "泽兰岛国", "full_form": "泽兰岛共和国"}, "full_form"),
        ({"kind": "abroad", "word": "泽"}, "word"),
        ({"kind": "abroad", "word": "美国"}, "__all__"),
    ],
)
def test_a_word_that_says_nothing_or_too_much_is_refused(client, editor, form, wrong):
    page = client.post(reverse("admin:digest_readerword_add"), form)
    assert wrong in page.context["adminform"].form.errors


def test_only_staff_keep_words(client, db):
    client.force_login(factory.user("consultant"))
    assert client.get(reverse("admin:digest_readerword_add")).status_code == 403
    assert client.get(reverse("admin:digest_readerword_changelist")).status_code == 403


def test_without_a_database_the_shipped_words_are_read(tmp_path):
    text = "横琴:绿色园区有了管理办法\n3月2日,广东省发改委、省工信厅印发《绿色园区管理办法》。\n"
    environment = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "tanxun.settings"}
    environment.pop("DATABASE_URL", None)
    command = [sys.executable, str(reference.ROOT / "manage.py"), "read_newsletter", "-", "--json", "--date", "2026-03-09"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, env=environment, check=True)
    (item,) = json.loads(done.stdout)["items"]
    assert item == json.loads(json.dumps(item_of(text, vocabulary.shipped())))
    assert item["policy"]["issuers"] == ["广东省发展和改革委员会", "广东省工业和信息化厅"]
    assert not list(tmp_path.glob("*sqlite*"))


def test_every_park_has_a_governing_division_and_one_meaning():
    gazetteer, owner = names.load(), {}
    for row in PARKS:
        assert gazetteer.get(row["region"]), row["name"]
        for form in (row["name"], *row["aliases"]):
            assert owner.setdefault(form, row["name"]) == row["name"], form
            assert not gazetteer.lookup(form), f"{form} is a division"


@pytest.mark.parametrize(
    ("words", "code", "name"),
    [
        ("前海", "440300", "前海"),
        ("湖南湘江新区", "430100", "湖南湘江新区"),
        ("西咸新区", "610000", "西咸新区"),
        ("中国（广东）自由贸易试验区", "440000", "中国（广东）自由贸易试验区"),
        ("宁东能源化工基地", "640000", "宁东能源化工基地"),
        ("临江高新区", "330100", "临江高新区"),
    ],
)
def test_a_park_is_read_with_the_division_that_governs_it(words, code, name):
    item = item_of(f"{words}:绿色园区有了管理办法\n3月2日,{words}管委会印发《绿色园区管理办法》。\n", vocabulary.shipped())
    assert (item["policy"]["lead_region"], item["policy"]["level"]) == ({"code": code, "name": name}, "park")


def test_shipped_words_are_given_once():
    issuers = [form for row in ISSUING["bodies"] for form in (row["name"], *row["aliases"])]
    short = [form for form, _full in ISSUING["abbreviations"]]
    abroad = [word for words in ABROAD.values() for word in words]
    for words in (issuers, short, abroad):
        assert len(set(words)) == len(words)
        assert all(len(word) > 1 and word == word.strip() and not re.search(r"[|*+?\[\]\\]", word) for word in words)
    assert all(full != form and full not in short for form, full in ISSUING["abbreviations"])


def test_news_of_foreign_and_international_bodies_is_from_elsewhere():
    for word in ("国际海事组织", "SBTi", "乌兹别克斯坦", "COP31", "ISO 14068-1"):
        item = item_of(f"{word}:公布新的路线图\n3月2日,{word}公布新的路线图。\n", vocabulary.shipped())
        assert (item["kind"], item["section"], item["statements"]) == ("other", "other", []), word
