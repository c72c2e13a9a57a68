"""A wrong declaration of a list page is refused at start-up."""

import pytest

from certifications.models import VerificationStatement
from certifications.pages import StatementFilter, StatementPage
from tanxun.listing.checks import check_page, list_pages
from tanxun.listing.columns import Column
from tanxun.listing.parameters import SearchFilter

pytestmark = pytest.mark.any_engine

COMPANY = StatementPage.columns[0]


def codes(**declaration):
    page = type("BrokenPage", (StatementPage,), {"entry": (), **declaration})
    return [message.id.removeprefix("listing.") for message in check_page(page)]


def test_the_pages_of_the_site_are_sound():
    assert list_pages(None) == []


@pytest.mark.parametrize(
    ("code", "column"),
    [
        ("E001", Column("company", "Another", path="tier")),
        ("E001", Column("another", COMPANY.label, path="tier")),
        ("E002", Column("Bad-Key", "Label", path="tier")),
        ("E003", Column("nameless", "", path="tier")),
        ("E004", Column("odd", "Odd", path="tier", kind="picture")),
        ("E005", Column("lost", "Lost", path="company__nonsense")),
        ("E005", Column("astray", "Astray", path="tier", link="x", link_path="nonsense_id")),
        ("E007", Column("perhaps", "Perhaps", path="issued_on", sort="issued_on")),
        ("E007", Column("far", "Far", path="region__name", sort="region__name")),
        ("E007", Column("computed", "Computed", path="validity", sort="validity")),
        ("E007", Column("many", "Many", path="tier", sort="products__name")),
    ],
)
def test_a_wrong_column_is_named(code, column):
    assert codes(columns=(COMPANY, column)) == [code]


@pytest.mark.parametrize("ordering", [(), ("-dated_on",), ("pk", "-dated_on")])
def test_an_ordering_ends_in_the_key(ordering):
    assert codes(ordering=ordering) == ["E006"]


def test_an_ordering_never_rests_on_what_may_be_empty():
    assert codes(ordering=("issued_on", "pk")) == ["E007"]


def test_every_filter_has_its_label():
    class Nameless(StatementFilter):
        q = SearchFilter()

        class Meta:
            model = VerificationStatement
            fields = []

    assert codes(filterset_class=Nameless) == ["E008"]


@pytest.mark.parametrize("wrong", [{"entry": ("nonsense",)}, {"came_in": "born_at"}, {"changed": "company__nonsense"}])
def test_a_feed_rests_on_what_is_there(wrong):
    assert codes(**wrong) == ["E010"]
