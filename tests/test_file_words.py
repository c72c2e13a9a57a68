"""What the database writes into a file is what Python makes of the same values, for every column of every list and layout."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.utils.translation import gettext, override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certifications.models import BodyAccreditation, CompanyName, Programme, VerificationStatement
from certifications.models.vocabulary import Standard, standard_citation, standard_words
from policies.models import PolicyDocument, Target
from tanxun.listing import export
from tanxun.listing.page import find, page_slugs
from tests import factory as f

pytestmark = pytest.mark.django_db

FORMULA = re.compile(r"[\s\"'\u2018-\u201f\u200b-\u200f\u2060\ufeff\x00-\x1f]*[=+\-@＝＋－＠\t\r\x00]")
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
NASTY = [
    "=1+1",
    " \t@x",
    "\u3000＝甲",
    '"=1',
    "“+1”",
    'a"b,c\r\nd',
    "\\N",
    "\\.",
    "%s %(name)s {0}",
    "{1,2}",
    "'",
    "a\x0bb\x7fc\ufffe\uffff",
    "𠮷野家=",
    "\ufeff-",
    "  x",
    "é",
    "0=1",
    "\uf900=",
    "～",
]


def expected(column, values):
    """The text of a cell by the Python side of the column, as a careful writer of CSV would put it."""
    value, note = column.read(values)
    if value in (None, "", []):
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    if column.kind == "number":
        digits = format(value, "f" if isinstance(value, Decimal) else "")
        return re.sub(r"\.?0+$", "", digits) if "." in digits else digits
    text = gettext(", ").join(map(str, value)) if isinstance(value, list) else str(value)
    text = f"{text} ({note})" if note and column.kind == "list" else text
    return UNWRITABLE.sub("\ufffd", f"'{text}" if FORMULA.match(text) else text)


def parts(row, columns):
    """The columns of a row, each with its own values: they follow the key."""
    start = 1
    for column in columns:
        yield column, row[start : start + len(column.fields)]
        start += len(column.fields)


def assert_same(page, query="", language="zh-hans"):
    with override(language):
        rows = page.rows(QueryDict(query))
        columns = [column for column in rows.file_columns if not (column.text and column.value is None and not column.path)]
        paths = [path for column in columns for path in column.fields]
        stored = rows.page.with_lists(rows.found, columns).values_list("pk", *paths)
        wanted = [[expected(column, values) for column, values in parts(row, columns)] for row in stored]
        assert wanted
    written = b"".join(export.csv_blocks(rows, language)).decode("utf-8-sig")
    _head, *found = csv.reader(io.StringIO(written, newline=""))
    places = [rows.file_columns.index(column) for column in columns]
    for row, cells in zip(wanted, found, strict=True):
        for column, want, got in zip(columns, row, (cells[place] for place in places), strict=True):
            assert (column.key, got) == (column.key, want)


@pytest.fixture
def records():
    """Records of all kinds, with the nasty texts in all their text columns."""
    place, programme = f.region("320583"), Programme.objects.create(slug="p", name='"名单"')
    for number, text in enumerate(NASTY):
        is_odd = number % 2 == 1
        region = {"region": place} if is_odd else {}
        company = f.company(text, website="https://a.example", industry=f.industry(), **region)
        CompanyName.objects.create(company=company, name=f"{text}简", kind="short")
        CompanyName.objects.create(company=company, name=f"-{text}", kind="brand")
        make_statements(number, text, company, programme=programme if is_odd else None, consultant=company if is_odd else None)
        policy = f.policy(
            text,
            issuers=[f.issuing_body(f"{text}厅"), f.issuing_body(f"={text}")][: number % 3],
            topics=[f.topic(f"t{number}", text, name_en="Topic" if is_odd else "")],
            declared_issuer_count=[None, 1, 9][number % 3],
            source_note=text,
            park_name=text if is_odd else "",
            **loose_days(number),
            **region,
        )
        make_figures(number, text, policy)
        f.digest(title=text, lead=text)
        for position, title in enumerate((text, "乙")[: number % 3]):
            PolicyDocument.objects.create(policy=policy, title=title, number=title if is_odd else "", position=position)


def loose_days(number):
    """Dates of a policy, each known to the day, the month or the year."""
    names = ("issued_on", "signed_on", "in_force_on", "comment_by")
    known = {name: ("month", "year", "day")[(number + place) % 3] for place, name in enumerate(names)}
    loose = {name: word for name, word in known.items() if word != "day"}
    days = {name: dt.date(2026, 1 + number % 12, 1) for name in names[: 1 + number % 4]}
    return days | {"precisions": {name: word for name, word in loose.items() if name in days}}


def make_figures(number, text, policy):
    """A target and an incentive with these texts; some without a figure, a year, a topic of their own."""
    is_odd = number % 2 == 1
    own = [f.topic("own", "自有")] if is_odd else []
    comparators = [value for value, _label in Target.Comparator.choices]
    f.target(
        policy,
        own,
        indicator=text,
        value=Decimal("-12.5000") * number if number % 3 else None,
        unit=text[:20],
        comparator=comparators[number % 4],
        base=["", "new", "total", "per_year"][number % 4],
        year=2026 + number if is_odd else None,
        sentence=text,
    )
    f.incentive(
        policy,
        own,
        amount=Decimal("1200000.50") * number if number % 3 else None,
        currency=["CNY", "%", "HKD", "MOP"][number % 4],
        kind=["", "one_off", "share"][number % 3],
        cap=5_000_000 if is_odd else None,
        who_qualifies=text if number % 4 else "",
        evidence_needed=text,
        apply_by=dt.date(2026, 3, 1) if is_odd else None,
        sentence=text,
    )


def make_statements(number, text, company, **given):
    """One by a named body, one by a body that the source keeps to itself, one that a list recognises."""
    is_odd = number % 2 == 1
    body = f.body(f"body-{number}", text, full_name=text, name_en=text if number % 3 else "")
    BodyAccreditation.objects.create(body=body, accreditor=text[:30])
    listed = {"recognised_by": f.issuing_body("=国务院"), "statement_type": f.statement_type("green_factory")}
    texts = {"tier": text, "batch": text, "scheme": text[:50], "source_note": text, "result_as_printed": text}
    products = [f.product(company, f"{text}{end}") for end in ("", "=2")]
    for kind in ({"verification_body": body}, {"is_body_undisclosed": True}, listed):
        f.statement(
            products if is_odd else (),
            [f.standard(), f.standard("GB/T 24067", "2024"), f.standard("ISO 14067", "")][: number % 4],
            company=company,
            summary=text * 3,
            certificate_number=text[:40],
            declared_unit=text[:30],
            emissions_tco2e=Decimal("-12.5000") * number,
            footprint_kgco2e=Decimal("0.000125") if is_odd else None,
            categories=[1, 3] if is_odd else [],
            scopes=[1, 2, 3][: number % 4],
            issued_on=dt.date(2026, 1, 1) + dt.timedelta(days=number) if is_odd else None,
            valid_until=dt.date(2029, 1, 1) if number % 3 else None,
            period_start=dt.date(2025, 1, 1) if is_odd else None,
            period_end=dt.date(2025, 12, 31) if is_odd else None,
            register_status=["unknown", "valid", "suspended", "revoked"][number % 4],
            **texts | given | {"verification_body": None} | kind,
        )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_column_of_every_list_and_layout(records, language):
    for slug in page_slugs():
        assert_same(find(slug), "columns=all", language)
        for layout in find(slug).layouts:
            for sheet in layout.sheets:
                assert_same(sheet.made(), "", language)


def test_a_search_and_a_filter_write_what_they_list(records):
    f.statement(company=f.company("苏州样例"), tier="=1")
    assert_same(find("statements"), "q=样例&columns=tier,company")
    assert_same(find("statements"), "body=undisclosed&sort=-company&columns=company,body,region,validity")


@pytest.fixture
def one_statement():
    return f.statement(emissions_tco2e=1).pk


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(
        alphabet=st.one_of(
            st.sampled_from(" \t\r\n\"'=+-@＝＋－＠a1\\,\u3000\u200b\ufeff、\x0b\x1f\x85\xa0"),
            st.characters(exclude_characters="\0", exclude_categories=("Cs",)),
        ),
        max_size=12,
    ),
    number=st.decimals(min_value=-(10**9), max_value=10**9, places=4),
)
def test_any_text_and_any_number(one_statement, text, number):
    VerificationStatement.objects.filter(pk=one_statement).update(tier=text, emissions_tco2e=number)
    assert_same(find("statements"), "columns=tier,emissions")


def test_a_standard_is_cited_as_python_cites_it():
    for code in ("ISO 14064-1", "GB/T 24067", "T/CIECCPA 002", "PAS 2050", "DB32/T 1", "GHG Protocol"):
        for edition in ("", "2018"):
            f.standard(code, edition)
    for code, edition, cited in Standard.objects.values_list("code", "edition", standard_citation()):
        assert cited == standard_words(code, edition)


def test_guard_agrees_with_the_rule():
    for text in [*NASTY, "碳衡科技", "TW23/00193GG", "3-5 号", "a=b", "", "\0=", "\t", "'x", "'\t"]:
        assert export.guarded(text) == (f"'{text}" if FORMULA.match(text) else text)
