"""Dates of a policy that are known to their month or year only are shown so: in lists, on its page, in files."""

import csv
import datetime as dt
import io

import pytest
from python_calamine import CalamineWorkbook

from tests import factory as f
from tests.reading import read, words

pytestmark = pytest.mark.django_db
COLUMNS = "headline,dated_on,issued_on,in_force_on,expires_on,comment_by"


@pytest.fixture
def policies():
    """One known to the day, one to the month, one to the year: a beginning stands on its first day, an end on its last."""
    f.policy("按日", issued_on=dt.date(2026, 3, 5), expires_on=dt.date(2027, 6, 15))
    f.policy(
        "按月",
        issued_on=dt.date(2026, 2, 1),
        in_force_on=dt.date(2026, 5, 1),
        expires_on=dt.date(2027, 6, 30),
        precisions={"issued_on": "month", "in_force_on": "month", "expires_on": "month"},
    )
    f.policy(
        "按年",
        issued_on=dt.date(2025, 1, 1),
        expires_on=dt.date(2027, 12, 31),
        comment_by=dt.date(2026, 4, 30),
        precisions={"issued_on": "year", "expires_on": "year", "comment_by": "month"},
    )


def test_lists_show_as_much_as_is_known(client, policies):
    page = words(read(client, f"/policies/?columns={COLUMNS}"))
    rows = [row.split("</tr>")[0] for row in page.split('<tr role="row" data-id=')[1:]]
    by_name = {name: next(row for row in rows if name in row) for name in ("按日", "按月", "按年")}
    for text in (">2026-03-05<", ">2027-06-15<"):
        assert text in by_name["按日"]
    for text in (">2026-02<", ">2026-05<", ">2027-06<"):
        assert text in by_name["按月"]
    for text in (">2025<", ">2027<", ">2026-04<"):
        assert text in by_name["按年"]
    assert "2026-02-01" not in page
    assert "2027-12-31" not in page


@pytest.mark.parametrize("slug", ["targets", "incentives"])
def test_the_date_of_the_policy_beside_its_figures(client, slug):
    policy = f.policy(issued_on=dt.date(2026, 2, 1), precisions={"issued_on": "month"})
    figure = {"targets": f.target, "incentives": f.incentive}[slug](policy)
    for address in (f"/{slug}/", figure.get_absolute_url(), policy.get_absolute_url()):
        page = words(read(client, address))
        assert ">2026-02<" in page, address
        assert "2026-02-01" not in page, address


def test_the_page_of_the_policy_shows_each_date_so(client, policies):
    page = read(client, "/policies/")
    for name, known in (("按月", ["2026-02", "2026-05", "2027-06"]), ("按年", ["2025", "2027", "2026-04"])):
        address = page[: page.index(f">{name}<")].rpartition('href="')[2].partition('"')[0]
        shown = words(read(client, address))
        for text in known:
            assert f"<li>{text}</li>" in shown.replace("<li> ", "<li>").replace(" </li>", "</li>"), (name, text)


def test_lists_still_sort_and_filter_by_the_first_day(client, policies):
    page = words(read(client, "/policies/?sort=dated_on&columns=headline,dated_on"))
    assert page.index(">按年<") < page.index(">按月<") < page.index(">按日<")
    assert ">按月<" in read(client, "/policies/?issued_after=2026-02-01&issued_before=2026-02-28")


def test_files_hold_days_as_dates_and_the_rest_as_it_is_known(client, policies):
    client.force_login(f.user("manager"))
    query = f"columns={COLUMNS}&sort=-dated_on"
    text = b"".join(client.get(f"/policies.csv?{query}").streaming_content).decode("utf-8-sig")
    _head, *lines = csv.reader(io.StringIO(text, newline=""))
    assert [line[:6] for line in lines] == [
        ["按日", "2026-03-05", "2026-03-05", "", "2027-06-15", ""],
        ["按月", "2026-02", "2026-02", "2026-05", "2027-06", ""],
        ["按年", "2025", "2025", "", "2027", "2026-04"],
    ]
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/policies.xlsx?{query}").content))
    _head, *rows = book.get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows] == [dt.date(2026, 3, 5), "2026-02", "2025"]
    assert [row[4] for row in rows] == [dt.date(2027, 6, 15), "2027-06", "2027"]
