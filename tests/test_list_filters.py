"""What each parameter of the lists means."""

import datetime as dt

import pytest
import time_machine
from django.http import QueryDict

from certifications.models import BodyAccreditation
from policies.models import Incentive, Target
from tanxun.listing.page import find
from tests import factory as f

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_today")]


@pytest.fixture
def _today():
    with time_machine.travel("2026-03-10T12:00:00+08:00", tick=False):
        yield


def ids(slug, query):
    return {row[0] for row in find(slug).rows(QueryDict(query)).one_page().rows}


def test_a_region_means_itself_and_all_below():
    kunshan = f.statement(company=f.company(region=f.region("320583"))).pk
    suzhou = f.statement(company=f.company(region=f.region("320500"))).pk
    hangzhou = f.statement(company=f.company(region=f.region("330100"))).pk
    nowhere = f.statement().pk
    assert ids("statements", "region=320000") == {kunshan, suzhou}
    assert ids("statements", "region=320583") == {kunshan}
    assert ids("statements", "region=320500&region=330000") == {kunshan, suzhou, hangzhou}
    assert ids("statements", "region=none") == {nowhere}
    assert ids("statements", "region!=320000") == {hangzhou, nowhere}
    assert ids("statements", "region=320583&region=none") == {kunshan, nowhere}


def test_bodies_undisclosed_none_and_excluded():
    named = f.statement(verification_body=f.body("sgs")).pk
    other = f.statement(verification_body=f.body("cti")).pk
    hidden = f.statement(verification_body=None, is_body_undisclosed=True).pk
    listed = f.statement(verification_body=None, statement_type=f.statement_type("green_factory")).pk
    assert ids("statements", "body=sgs") == {named}
    assert ids("statements", "body=undisclosed") == {hidden}
    assert ids("statements", "body=undisclosed&body=cti") == {hidden, other}
    assert ids("statements", "body=none") == {listed}
    assert ids("statements", "body=none&body=undisclosed") == {hidden, listed}
    assert ids("statements", "body!=none") == {named, other, hidden}
    assert ids("statements", "body!=sgs") == {other, hidden, listed}
    assert ids("statements", "body!=undisclosed") == {named, other, listed}


def test_dates_are_inclusive_and_presets_follow_the_calendar():
    days = {day: f.statement(issued_on=dt.date(2026, month, day)).pk for month, day in ((3, 9), (3, 8), (3, 2), (2, 27))}
    assert ids("statements", "issued_after=2026-03-02&issued_before=2026-03-08") == {days[2], days[8]}
    assert ids("statements", "issued_after=2026-03-09") == {days[9]}
    assert ids("statements", "issued=this_week") == {days[9]}
    assert ids("statements", "issued=last_week") == {days[8], days[2]}
    assert ids("statements", "issued=this_month") == {days[9], days[8], days[2]}
    assert ids("statements", "issued=last_90_days") == set(days.values())
    old = f.statement(issued_on=dt.date(2025, 12, 31)).pk
    assert old not in ids("statements", "issued=this_year")
    assert old in ids("statements", "issued=last_90_days")


def test_a_start_after_the_end_is_refused(client):
    client.force_login(f.user("manager"))
    response = client.get("/statements.csv?issued_after=2026-02-02&issued_before=2026-02-01")
    assert response.status_code == 400
    assert response.json().keys() == {"issued_before"}


def test_validity_moves_with_the_days_asked_for():
    soon = f.statement(valid_until=dt.date(2026, 3, 30)).pk
    later = f.statement(valid_until=dt.date(2026, 5, 30)).pk
    gone = f.statement(valid_until=dt.date(2026, 3, 9)).pk
    undated = f.statement().pk
    assert ids("statements", "validity=expiring") == {soon, later}
    assert ids("statements", "validity=expiring&expiring_days=30") == {soon}
    assert ids("statements", "validity=valid&expiring_days=30") == {later}
    assert ids("statements", "validity=expired&validity=undated") == {gone, undated}
    assert ids("statements", "validity!=expired") == {soon, later, undated}


def test_the_year_covered():
    both = f.statement(period_start=dt.date(2024, 7, 1), period_end=dt.date(2025, 6, 30)).pk
    only_end = f.statement(period_end=dt.date(2025, 12, 31)).pk
    f.statement()
    assert ids("statements", "period=2025") == {both, only_end}
    assert ids("statements", "period=2024") == {both}
    assert ids("statements", "period=2023") == set()


def test_further_filters_of_statements():
    consultant = f.company("碳衡样例")
    chips = f.company(industry=f.industry())
    one = f.statement(company=chips, consultant=consultant, emissions_tco2e="12.5", standards=[f.standard()]).pk
    two = f.statement(statement_type=f.statement_type("carbon_label", topic=f.topic())).pk
    assert ids("statements", "industry=C39") == ids("statements", "industry=C") == {one}
    assert ids("statements", "standard=ISO+14064-1") == {one}
    assert ids("statements", "topic=product-carbon-footprint") == {two}
    assert ids("statements", "topic!=product-carbon-footprint") == {one}
    assert ids("statements", f"company={chips.pk}") == ids("statements", f"consultant={consultant.pk}") == {one}
    assert ids("statements", "consultant=none") == {two}
    assert ids("statements", "has_value=1") == {one}
    assert ids("statements", "has_value=0") == {two}
    assert ids("statements", "type=carbon_label&type=ghg_verification") == {one, two}
    assert ids("statements", "standard=none") == {two}


def test_two_standards_of_one_statement_list_it_once():
    made = f.statement(standards=[f.standard(), f.standard("GB/T 32150", "2015")])
    rows = find("statements").rows(QueryDict("standard=ISO+14064-1&standard=GB/T+32150")).one_page().rows
    assert [row[0] for row in rows] == [made.pk]


def test_search_is_literal():
    percent = f.statement(company=f.company("百分之100%样例")).pk
    f.statement(company=f.company("百分之1000样例"))
    assert ids("statements", "q=100%25") == {percent}
    assert ids("statements", "q=１００％") == {percent}
    assert ids("statements", "q=100_") == set()


def test_companies_are_asked_by_one_and_the_same_statement():
    both = f.company("甲", region=f.region())
    f.statement(company=both, verification_body=f.body("sgs"))
    f.statement(company=both, statement_type=f.statement_type("carbon_label"), verification_body=f.body("cti"))
    bare = f.company("乙").pk
    assert ids("companies", "") == {both.pk}
    assert ids("companies", "statements_min=0") == {both.pk, bare}
    assert ids("companies", "statements_min=3") == set()
    assert ids("companies", "type=carbon_label&body=cti") == {both.pk}
    assert ids("companies", "type=carbon_label&body=sgs") == set()
    assert ids("companies", "type!=carbon_label&statements_min=0") == {bare}
    assert ids("companies", "region=320000&validity=undated") == {both.pk}


def test_gap_means_no_statement_for_so_many_months():
    quiet, busy = f.company("静"), f.company("忙")
    f.statement(company=quiet, issued_on=dt.date(2025, 3, 10))
    f.statement(company=busy, issued_on=dt.date(2025, 3, 11))
    assert ids("companies", "gap=12") == {quiet.pk}
    assert ids("companies", "gap=11") == {quiet.pk, busy.pk}


def test_bodies_by_kind_and_accreditation():
    accredited, lapsed = f.body("sgs"), f.body("cti", kind="testing_body")
    BodyAccreditation.objects.create(body=accredited, accreditor="UKAS")
    BodyAccreditation.objects.create(body=lapsed, accreditor="CNAS", valid_until=dt.date(2026, 3, 9))
    assert ids("bodies", "accredited=1") == {accredited.pk}
    assert ids("bodies", "accredited=0") == ids("bodies", "kind=testing_body") == {lapsed.pk}


def test_a_region_of_policies_has_three_scopes():
    national = f.policy(level="national").pk
    province = f.policy(region=f.region("320000")).pk
    city = f.policy(region=f.region("320500"), level="city").pk
    county = f.policy(region=f.region("320583"), level="county").pk
    assert ids("policies", "region=320500") == ids("policies", "region=320500&scope=within") == {city, county}
    assert ids("policies", "region=320500&scope=exact") == {city}
    assert ids("policies", "region=320500&scope=applies") == {national, province, city}
    assert ids("policies", "region!=320500") == {national, province}


def test_further_filters_of_policies():
    issuer = f.issuing_body()
    goal = f.policy(issuers=[issuer], topics=[f.topic(), f.topic("carbon-market", "碳市场")], stage="trial")
    Target.objects.create(policy=goal, indicator="样例指标")
    money = f.policy()
    Incentive.objects.create(policy=money, apply_by=dt.date(2026, 3, 10))
    comment = f.policy(comment_by=dt.date(2026, 3, 9))
    assert ids("policies", "has=target") == ids("policies", f"issuer={issuer.pk}") == {goal.pk}
    assert ids("policies", "has=incentive") == ids("policies", "has=deadline") == {money.pk}
    assert ids("policies", "topic=carbon-market&topic=product-carbon-footprint") == {goal.pk}
    assert ids("policies", "topic=none") == {money.pk, comment.pk}
    assert ids("policies", "stage=trial") == {goal.pk}
    assert ids("policies", "stage=none") == {money.pk, comment.pk}


def test_empty_values_and_decorations_count_as_absent():
    made = f.statement().pk
    assert ids("statements", "type=&q=&page=&utm_campaign=x&from=singlemessage&sharer_shareid=1") == {made}


def test_what_was_deleted_is_in_no_list():
    made = f.statement()
    made.remove("wrong")
    assert ids("statements", "") == set()
    assert ids("companies", "") == set()
