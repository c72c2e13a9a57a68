"""The catalogue tells the truth: each of its rows, which tests carry it, and why another has none."""

import re

import pytest

from tests import catalogue

pytestmark = pytest.mark.any_engine


def test_the_page_is_what_the_tests_say():
    assert catalogue.PAGE.read_text(encoding="utf-8") == catalogue.page(), "run: python -m tests.catalogue"


def test_no_test_names_a_row_that_is_not_there():
    assert set(catalogue.carried()) <= {row.id for row in catalogue.rows()}


def test_every_row_has_what_tries_it_or_a_reason():
    known = set(catalogue.carried()) | {row.id for row in catalogue.rows() if row.reason}
    assert [row.id for row in catalogue.rows() if row.id not in known] == []


def test_reasons_are_few_and_whole_and_only_where_they_may_be():
    excused = [row for row in catalogue.rows() if row.reason]
    assert len(excused) <= 25
    assert all(row.lifted_by and re.search(r"\b[NWP]\b", row.by) for row in excused)
    assert not {row.id for row in excused} & set(catalogue.carried())


def test_ids_are_read_alone_and_in_a_row():
    assert catalogue.ids_in("DB-01, API-05 … 07 (SEC-01 to SEC-03)") == {
        *("DB-01", "API-05", "API-06", "API-07", "SEC-01", "SEC-02", "SEC-03")
    }
