"""The words of a row that mean a row of a vocabulary: type, body, standards, region, programme … Each text is asked once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cached_property, lru_cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import override

from certifications.forms import bodies_called, code_and_edition, free_slug, known_standard
from certifications.models import Programme, Standard, StatementType, VerificationBody
from policies.forms import RegionField, known_issuing_body, region_of_issuer
from policies.models import IssuingBody
from tanxun.records.models import Industry
from tanxun.regions.names import load
from tanxun.search.fold import fold, match_key

from .cells import UNDISCLOSED, several
from .heads import LANGUAGES
from .staging import Keys, Stage, rows_of

SIX_DIGITS = re.compile(r"\d{6}")
MOST_REMEMBERED = 50_000

# The same names are asked for again and again while a chunk of rows is taken.
folded = lru_cache(maxsize=16_384)(fold)
matched = lru_cache(maxsize=16_384)(match_key)


def bare_choice(text: str) -> str:
    """A label without what the head of its column says already: 合理保证 → 合理."""
    return re.sub(r"(保证等级|保证|assurance)$", "", fold(text)).strip()


class Words:
    """Answers `body(text)`, `standards(text)` …; raises ValidationError where a text means nothing, or several things.

    Bodies, issuing bodies and standards that are not known are staged: new ones, a body not yet confirmed.
    """

    def __init__(self, *, is_reserved: bool) -> None:
        self.new_bodies = Stage(VerificationBody, "stage_body")
        self.new_issuers = Stage(IssuingBody, "stage_issuing_body")
        self.new_standards = Stage(Standard, "stage_standard")
        self._body_keys = Keys(VerificationBody, is_reserved=is_reserved)
        self._issuer_keys = Keys(IssuingBody, is_reserved=is_reserved)
        self._standard_keys = Keys(Standard, is_reserved=is_reserved)
        self._issuer_by_name: dict[str, int] = {}  # of the new ones
        self._slugs: list[str] = []
        self._answers: dict[tuple[str, str], Any] = {}

    def ask(self, kind: str, text: str) -> Any:
        """What `text` means as a `kind` of word, remembered with its error."""
        key = (kind, text)
        if key not in self._answers:
            if len(self._answers) > MOST_REMEMBERED:
                self._answers.clear()
            answer: Callable[[str], Any] = getattr(self, f"_{kind}")
            try:
                self._answers[key] = answer(text)
            except ValidationError as error:
                self._answers[key] = error
        found = self._answers[key]
        if isinstance(found, ValidationError):
            raise found
        return found

    def _statement_type(self, text: str) -> StatementType:
        """By slug, name, else cue words: exactly one hit."""
        key = fold(text)
        named = [kind for kind in self._types if key in self._names_of(kind)]
        found = named or [
            kind for kind in self._types if any(fold(cue) in key for cue in filter(None, kind.cue_words.split("\n")))
        ]
        if len(found) == 1:
            return found[0]
        if found:
            names = _(", ").join(str(kind) for kind in found)
            raise ValidationError(_("“%(text)s” may mean several types: %(names)s.") % {"text": text[:60], "names": names})
        raise ValidationError(_("“%(text)s” is no statement type that is known here.") % {"text": text[:60]})

    @cached_property
    def _types(self) -> list[StatementType]:
        return list(StatementType.objects.all())

    @staticmethod
    def _names_of(kind: StatementType) -> set[str]:
        return {fold(name) for name in (kind.slug, kind.name, kind.full_name, kind.name_en) if name}

    def _verification_body(self, text: str) -> int | None:
        """The key of the body; None: the sheet says that it is not disclosed."""
        if fold(text).replace(" ", "") in UNDISCLOSED:
            return None
        found = bodies_called(text)
        if len(found) > 1:
            raise ValidationError(_("Several bodies bear this name: give the full name."))
        if found:
            return int(found[0].pk)
        if fold(text) not in self._body_by_name:
            self._body_by_name[fold(text)] = self._make_body(text)
        return self._body_by_name[fold(text)]

    @cached_property
    def _body_by_name(self) -> dict[str, int]:
        return {}

    def _make_body(self, name: str) -> int:
        body = VerificationBody(name=name, slug=free_slug(name, self._slugs), is_confirmed=False)
        body.clean_fields(exclude=("name_folded", "pinyin", "slug"))
        body.derive()
        body.pk = next(self._body_keys)
        self.new_bodies.add(body)
        self._slugs.append(body.slug)
        return int(body.pk)

    def _programme(self, text: str) -> Programme:
        """By slug, name, English name or alias: never by likeness."""
        found = [programme for programme in self._programmes if fold(text) in self._names_of_programme(programme)]
        if len(found) == 1:
            return found[0]
        words = _("“%(text)s” may mean several programmes: %(names)s.")
        if not found:
            words = _("“%(text)s” is no programme that is known here. Known: %(names)s.")
        names = _(", ").join(str(programme) for programme in found or self._programmes)
        raise ValidationError(words % {"text": text[:60], "names": names})

    @cached_property
    def _programmes(self) -> list[Programme]:
        return list(Programme.objects.select_related("statement_type"))

    @staticmethod
    def _names_of_programme(programme: Programme) -> set[str]:
        names = (programme.slug, programme.name, programme.name_en, *programme.aliases.splitlines())
        return {fold(name) for name in names if name.strip()}

    def _recognised_by(self, text: str) -> int:
        """The key of the issuing body by its name or alias; a new one where it is not known, as on the review desk."""
        if len(several(text)) > 1:
            raise ValidationError(_("Give one issuing body: the one that keeps the list."))
        if known := known_issuing_body(text):
            return int(known.pk)
        if fold(text) not in self._issuer_by_name:
            made = IssuingBody(name=text, region_id=region_of_issuer(text))
            made.clean_fields(exclude=("name_folded", "pinyin", "region"))
            made.derive()
            made.pk = next(self._issuer_keys)
            self.new_issuers.add(made)
            self._issuer_by_name[fold(text)] = int(made.pk)
        return self._issuer_by_name[fold(text)]

    def _recogniser(self, text: str) -> str:
        """Whom our own lists name in the place of the body (江苏省工业和信息化厅认定), or ""."""
        if bodies_called(text):
            return ""
        for language in LANGUAGES:
            with override(language):
                before, after = (fold(part) for part in _("recognised by %(name)s").split("%(name)s"))
            if fold(text).startswith(before) and fold(text).endswith(after):
                return text[len(before) : len(text) - len(after)].strip()
        return ""

    def _standards(self, text: str) -> frozenset[int]:
        return frozenset(self.ask("standard", printed) for printed in several(text))

    def _standard(self, printed: str) -> int:
        code, edition = code_and_edition(printed)
        if known := known_standard(code, edition):
            return int(known.pk)
        key = (code.lower(), edition)
        if key not in self._standard_by_code:
            made = Standard(code=code, edition=edition)
            made.clean_fields(exclude=("statement_type", "replaced_by"))
            made.pk = next(self._standard_keys)
            self.new_standards.add(made)
            self._standard_by_code[key] = int(made.pk)
        return self._standard_by_code[key]

    @cached_property
    def _standard_by_code(self) -> dict[tuple[str, str], int]:
        return {}

    def _region(self, text: str) -> str:
        """A code or a name, from the province down as our own lists write it; a retired code keeps its city or province."""
        code = SIX_DIGITS.search(text)
        if code and (division := load().resolve_code(code[0])):
            text = division.code
        elif named := self._full_names.get(fold(text).replace(" ", "")):
            text = named
        return str(RegionField().clean(text).pk)

    @cached_property
    def _full_names(self) -> dict[str, str]:
        return {fold(load().full_name(division.code)): division.code for division in load()}

    def _industry(self, text: str) -> str:
        """By code (C39, 39) or by exactly the name."""
        key = fold(text).upper()
        if found := self._industries.get(key):
            return found
        raise ValidationError(_("“%(text)s” is no industry of GB/T 4754: give its code or its full name.") % {"text": text[:60]})

    @cached_property
    def _industries(self) -> dict[str, str]:
        known: dict[str, str] = {}
        for code, name, name_en in Industry.objects.values_list("code", "name", "name_en"):
            keys = (code, fold(name), fold(name_en), fold(f"{code} {name}"), code[1:])
            known |= {key.upper(): code for key in keys if key}
        return known

    @staticmethod
    def choice(choices: type[models.TextChoices], printed: Mapping[str, str] | None = None) -> Callable[[str], str]:
        """One of `choices` by its value, by its label in either language, or by another word that is `printed` for it."""
        known = {fold(word): str(value) for word, value in (printed or {}).items()}
        for value, label in choices.choices:
            known[fold(value)] = value
            for language in LANGUAGES:
                with override(language):
                    known[bare_choice(str(label))] = value

        def find(text: str) -> str:
            key = fold(text) if fold(text) in known else bare_choice(text)
            if key in known:
                return str(known[key])
            raise ValidationError(
                _("“%(text)s” is none of: %(names)s.")
                % {"text": text[:40], "names": _(", ").join(str(each) for each in choices.labels)}
            )

        return find

    def staged_bodies(self) -> list[str]:
        """Names of the bodies that are about to be made."""
        return self._staged(self.new_bodies)

    def staged_issuers(self) -> list[str]:
        """Names of the issuing bodies that are about to be made."""
        return self._staged(self.new_issuers)

    @staticmethod
    def _staged(stage: Stage) -> list[str]:
        return [str(name) for (name,) in rows_of(f"SELECT name FROM {stage.name} ORDER BY name")]  # noqa: S608

    def finish(self) -> None:
        self.new_bodies.flush()
        self.new_issuers.flush()
        self.new_standards.flush()
