"""The reader's vocabularies: the shipped reference files, and what staff added to the database.

Called by the commands and the intake, which hand the result to `reader.read`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from tanxun.digest.reader import Cues, Vocabulary
from tanxun.digest.reader.vocabulary import key
from tanxun.regions import names

_ROOT = Path(__file__).resolve().parents[2]
_CERTIFICATIONS, _POLICIES = _ROOT / "certifications" / "reference", _ROOT / "policies" / "reference"


@cache
def shipped() -> Vocabulary:
    """The vocabulary of the files that come with the program; needs no database."""
    standards = _load(_CERTIFICATIONS / "standards.json")
    types = _load(_CERTIFICATIONS / "statement_types.json")
    issuing = _load(_POLICIES / "issuing_bodies.json")
    return Vocabulary(
        places=names.load(),
        bodies={
            form: body["name"]
            for body in _load(_CERTIFICATIONS / "bodies.json")
            for form in (body["name"], body.get("full_name"), body.get("name_en"), *body["aliases"])
            if form
        },
        issuers={form: body["name"] for body in issuing["bodies"] for form in (body["name"], *body["aliases"])},
        abbreviations=tuple((short, full) for short, full in issuing["abbreviations"]),
        statement_types=tuple(Cues(kind["slug"], tuple(kind["cues"])) for kind in types),
        listed_types=frozenset(kind["slug"] for kind in types if kind["evidence_kind"] == "list_membership"),
        topics=tuple(Cues(topic["slug"], tuple(topic["cues"])) for topic in _load(_POLICIES / "topics.json")),
        standards={key(standard["title_zh"]): standard["code"] for standard in standards},
        standard_types={standard["code"]: standard["statement_type"] for standard in standards if standard["statement_type"] != "other"},
    )


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def current() -> Vocabulary:
    """The shipped vocabulary with what staff added, where a migrated database is there. Never creates or migrates one."""
    return shipped()
