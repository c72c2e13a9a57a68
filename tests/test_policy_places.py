"""What applies in a place: the lists, the due board and what matches policies with companies give one answer."""

import datetime as dt
import re

import pytest
from django.http import QueryDict
from django.utils import timezone

from tanxun.listing.facets import figures
from tanxun.listing.page import find
from tests import factory as f
from tests.reading import listed, read

pytestmark = pytest.mark.django_db

HERE = {
    "320000": {"全国", "江苏", "无主题"},
    "320500": {"全国", "江苏", "无主题", "苏州"},
    "320583": {"全国", "江苏", "无主题", "苏州", "昆山"},
    "330100": {"全国", "浙江"},
}


@pytest.fixture
def policies():
    """Policies with a target and money, at each level; two of parks, of which nobody knows who lies in them."""
    day = timezone.localdate() + dt.timedelta(days=20)
    where = {
        "全国": {},
        "江苏": {"region": f.region("320000")},
        "无主题": {"region": f.region("320000")},
        "苏州": {"region": f.region("320500"), "level": "city"},
        "苏州的园区": {"region": f.region("320500"), "level": "park", "park_name": "样例园区"},
        "昆山": {"region": f.region("320583"), "level": "county"},
        "昆山的园区": {"region": f.region("320583"), "level": "park", "park_name": "样例园区"},
        "浙江": {"region": f.region("330000")},
    }
    f.region("330100")
    for headline, place in where.items():
        policy = f.policy(headline, topics=[] if headline == "无主题" else [f.topic()], comment_by=day, **place)
        f.target(policy)
        f.incentive(policy, apply_by=day)


def headlines(slug, query):
    path = "headline" if slug == "policies" else "policy__headline"
    return set(find(slug).rows(QueryDict(query)).found.values_list(path, flat=True))


@pytest.mark.usefixtures("policies")
@pytest.mark.parametrize(("code", "wanted"), HERE.items())
def test_lists_board_and_matching_agree(client, code, wanted):
    for slug in ("policies", "targets", "incentives"):
        assert headlines(slug, f"region={code}&scope=applies") == wanted, slug
    company = f.company(region=f.region(code))
    assert headlines("policies", f"company={company.pk}") == wanted
    board = read(client, f"/expiring/?region={code}&kind=deadline")
    assert set(re.findall(r'<a href="/policies/\d+/">([^<]+)</a>', board)) == wanted
    [(address, count)] = re.findall(r'href="(/policies/\?has=deadline[^"]*)"[^>]*>\D*(\d+)', board)
    assert int(count) == listed(address.replace("&amp;", "&")) == len(wanted)


@pytest.mark.usefixtures("policies")
@pytest.mark.parametrize("slug", ["policies", "targets", "incentives"])
def test_the_other_reaches_hold_policies_of_parks_too(slug):
    assert headlines(slug, "region=320500") == {"苏州", "苏州的园区", "昆山", "昆山的园区"}
    assert headlines(slug, "region=320500&scope=exact") == {"苏州", "苏州的园区"}
    assert headlines(slug, "region!=320500&scope=applies") == {"浙江", "昆山", "苏州的园区", "昆山的园区"}


@pytest.mark.usefixtures("policies")
@pytest.mark.parametrize("scope", ["within", "exact", "applies"])
def test_the_count_beside_a_place_is_what_it_leads_to(scope):
    tally = figures(find("policies").rows(QueryDict(f"scope={scope}"))).tallies["region"]
    for code in (*HERE, "none"):
        assert tally.get(code, 0) == listed(f"/policies/?region={code}&scope={scope}"), code


def test_a_company_of_no_known_place_is_met_by_what_applies_everywhere(policies):
    assert headlines("policies", f"company={f.company().pk}") == {"全国"}
