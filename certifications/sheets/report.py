"""The report of an import as XLSX, and the sheet to start from. Pure functions over `Outcome` and the declared fields."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from rustpy_xlsxwriter import Format, write_worksheets

from tanxun.listing.export import UNWRITABLE

from .findings import State, label_of
from .heads import FIELDS, NEEDED
from .intake import Outcome

EXAMPLE = {
    "company": "苏州样例电子有限公司",
    "short_name": "样例电子",
    "region": "昆山市",
    "industry": "C39",
    "statement_type": "产品碳足迹",
    "verification_body": "SGS",
    "certificate_number": "SGS-PCF-0001",
    "products": "路由器；交换机",
    "standard": "ISO 14067:2018",
    "issued_on": "2026-01-16",
    "valid_until": "2028-01-15",
    "period_year": "2025",
    "footprint_kgco2e": "12.5",
    "declared_unit": "台",
}
# A sheet as consultancies keep it has these; what else may be given stands on the second page.
TEMPLATE_FIELDS = (
    *("company", "credit_code", "short_name", "region", "industry", "statement_type", "verification_body"),
    *("certificate_number", "products", "standard", "issued_on", "valid_until", "period_year", "emissions_tco2e"),
    *("footprint_kgco2e", "declared_unit", "categories", "assurance_level", "consultant", "source", "summary"),
)


def report_bytes(name: str, outcome: Outcome) -> bytes:
    """Two pages: what came of the sheet `name`, and every row that a person should look at."""
    overview, rows = _("Overview"), _("Rows")
    return _book([(overview, _overview(name, outcome)), (rows, _rows(outcome))], {overview: [26.0, 70.0], rows: WIDTHS})


WIDTHS = [8.0, 24.0, 30.0, 20.0, 70.0, 12.0]


def _overview(name: str, outcome: Outcome) -> Iterator[dict[str, Any]]:
    item, content = _("Item"), _("Content")
    findings = outcome.findings
    lines = [(_("File"), name)]
    lines += [(str(state.label), str(findings.counts[state.value])) for state in State]
    lines.append((_("New companies"), str(outcome.new_companies)))
    lines.append((_("Written"), _("yes") if outcome.moment else _("no, this was a check")))
    lines += [(_("New body, to be confirmed"), body) for body in outcome.made_bodies]
    lines += [(_("New issuing body"), body) for body in outcome.made_issuers]
    for head, field in zip(outcome.heads.texts, outcome.heads.fields, strict=True):
        lines.append((_("Column “%(head)s”") % {"head": head}, label_of(field) or _("left out")))
    if findings.left_out:
        lines.append((_("Further lines, not listed"), str(findings.left_out)))
    for title, text in lines:
        yield {item: _text(title), content: _text(text)}


def _rows(outcome: Outcome) -> Iterator[dict[str, Any]]:
    heads = [_("Row"), _("State"), _("Company"), _("Column"), _("What was found"), _("Record")]
    labels = dict(State.choices)
    if not outcome.findings.lines:
        yield dict.fromkeys(heads)
    for line in sorted(outcome.findings.lines, key=lambda line: line.row):
        state = str(labels.get(line.state, _("note")))
        record = line.record if line.record and line.record > 0 else None
        values = (line.row, state, _text(line.company), label_of(line.field), _text(line.words), record)
        yield dict(zip(heads, values, strict=True))


def template_bytes() -> bytes:
    """A sheet with the heads and one row to be written over; a second page explains each."""
    page, help_ = _("Statements"), _("What the columns take")
    needed = {name: f"{_label(name)}*" if name in NEEDED else _label(name) for name in TEMPLATE_FIELDS}
    example = {head: EXAMPLE.get(name) for name, head in needed.items()}
    widths = {page: [18.0] * len(needed), help_: [24.0, 60.0, 60.0]}
    return _book([(page, iter([example])), (help_, _explained())], widths)


def _label(name: str) -> str:
    return next(str(field.label) for field in FIELDS if field.name == name)


def _explained() -> Iterator[dict[str, Any]]:
    hints = {
        "company": _("In full, as on the certificate"),
        "credit_code": _("18 characters; it decides which company is meant"),
        "region": _("Name or six-digit code (GB/T 2260)"),
        "industry": _("Code or full name (GB/T 4754)"),
        "statement_type": _("Its name here, or words that only one type has"),
        "verification_body": _("Empty or 未披露: the source does not name it"),
        "products": _("Several divided by ； or 、"),
        "standard": _("Several divided by ； or 、"),
        "issued_on": "2026-01-16",
        "valid_until": "2028-01-15",
        "period_year": _("2025, or 2025-01-01 to 2025-12-31"),
        "programme": _("A programme of the admin, by its name or a further name; it says the type"),
        "tier": _("National, provincial, city or county level"),
        "list_stage": _("How far the company is: 培育, 建设, 公示, 列入"),
        "recognised_by": _("The issuing body that keeps the list"),
        "removed_on": _("The day on which the company was taken off the list"),
        "categories": _("1 to 6, such as 1、2、3 or 1-4"),
    }
    for field in FIELDS:
        words = "、".join(field.words.split("|"))
        yield {
            _("Column"): str(field.label),
            _("What it takes"): hints.get(field.name, ""),
            _("Other heads that are known"): words,
        }


def _book(pages: list[tuple[str, Iterator[dict[str, Any]]]], widths: dict[str, list[float]]) -> bytes:
    buffer = io.BytesIO()
    titles = [title for title, _records in pages]
    write_worksheets(
        pages,
        buffer,
        freeze_panes={title: {"row": 1, "col": 0} for title in titles},
        column_widths=widths,
        header_format={"general": Format().set_bold()},
        autofilter=dict.fromkeys(titles, True),
    )
    return buffer.getvalue()


def _text(text: str) -> str:
    return UNWRITABLE.sub("\ufffd", text)[:32_000]
