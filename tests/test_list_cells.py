"""The table body is joined by hand: whatever a value holds, it comes out as text, in every column of every list."""

import datetime as dt
import re
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString
from hypothesis import example, given
from hypothesis import settings as rounds
from hypothesis import strategies as st

from tanxun.listing.cells import drawing, opening
from tanxun.listing.columns import Column
from tanxun.listing.cursor import fields_of
from tests import factory as f

COLUMNS = [(page, column) for page in import_string(settings.LIST_PAGES) for column in page.columns]
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</td></tr></table><h1>",
    "&lt;b&gt;",
    "{{ 7*7 }}{% load x %}",
    "<!-- ",
    "javascript:alert(1)",
]
texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n"), min_size=1, max_size=30)
)


class Seen(HTMLParser):
    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.words, self.others = [], [], "", []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.words += data

    def handle_comment(self, data):
        self.others.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def value_of(page, path, text):
    """A value that the column may hold under that path: the text itself wherever one can stand."""
    try:
        *_earlier, field = fields_of(page.queryset.model, path)
    except FieldDoesNotExist:
        return {"is_due_computed": True, "statement_count": 1, "target_count": 1, "incentive_count": 1}.get(
            path,
            dt.date(2026, 1, 1)
            if path == "latest_on"
            else [f"{text}\n{text}"]
            if path == "standards_in_order"
            else [text, text]
            if path.endswith("_in_order")
            else text,
        )
    field = getattr(field, "target_field", field)
    known = {
        models.DateField: dt.date(2026, 1, 1),
        models.BooleanField: True,
        models.JSONField: [text],
        models.DecimalField: Decimal("1.5"),
    }
    for kind, value in known.items():
        if isinstance(field, kind):
            return value
    return 7 if isinstance(field, models.IntegerField) else text


@rounds(max_examples=60, deadline=None)
@example(HOSTILE[0])
@example(HOSTILE[1])
@given(texts)
def test_no_value_of_any_column_becomes_markup(text):
    for page, column in COLUMNS:
        for given_text in (text, SafeString(text)):
            values = [value_of(page, path, given_text) for path in column.fields]
            seen = Seen(drawing(column)(values))
            assert set(seen.tags) <= {"a", "span"}, (column.key, text)
            assert not seen.others
            for name, value in seen.attributes:
                if name == "href":
                    assert re.fullmatch(r"/[a-z]+/\d+/", value), (column.key, value)
                else:
                    assert name == "class"
                    assert value in ("unknown", "beside") or (column.kind == "badge" and value == f"badge {text}"), (
                        column.key,
                        value,
                    )
            if not column.value and not column.choices and values[0] == text:
                assert text in seen.words


@given(texts)
def test_no_label_becomes_markup(text):
    seen = Seen(opening(Column("key", text, path="x")))
    assert seen.tags == ["td"]
    assert dict(seen.attributes)["data-label"] == text


@pytest.mark.django_db
def test_hostile_names_come_out_as_text_on_the_page(client):
    client.force_login(f.user("reader"))
    for number, text in enumerate(HOSTILE):
        company = f.company(text)
        f.statement(
            company=company,
            verification_body=f.body(f"b{number}", name=text),
            products=[f.product(company, text)],
            certificate_number=f"{number}{text}",
        )
        policy = f.policy(text, issuers=[f.issuing_body(f"{number}{text}")])
        f.target(policy, indicator=text, value=1, unit=text[:40], sentence=text)
        f.incentive(policy, who_qualifies=text, evidence_needed=text, sentence=text)
    for slug in ("statements", "companies", "policies", "bodies", "targets", "incentives"):
        html = client.get(f"/{slug}/?columns=all").content.decode()
        table = html[html.index("<tbody") : html.index("</tbody>")]
        seen = Seen(table)
        assert set(seen.tags) <= {"tbody", "tr", "td", "a", "span"}
        assert {name for name, _value in seen.attributes} <= {"role", "data-id", "data-label", "class", "href", "title"}
        assert all(text in seen.words for text in HOSTILE), slug
