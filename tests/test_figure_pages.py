"""The pages of one target and one incentive: the figure, its sentence, its policy; and the way there from the policy."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from policies.figure_views import IncentiveView, TargetView
from tests import factory as f
from tests.reading import read, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy():
    return f.policy(
        "昆山零碳方案", region=f.region(), level="county", issued_on=dt.date(2026, 1, 9), topics=[f.topic()], stage="trial"
    )


def test_a_target_says_what_its_policy_says(client, policy):
    said = {"value": 300_000, "unit": "千瓦", "comparator": ">=", "base": "new", "year": 2028}
    target = f.target(policy, indicator="绿色工厂", sentence="到2028年新增。", **said)
    page = words(read(client, target.get_absolute_url()))
    assert target.get_absolute_url() == f"/targets/{target.pk}/"
    for text in (
        "<h1>绿色工厂</h1>",
        "at least 300,000 千瓦",
        "<blockquote>到2028年新增。</blockquote>",
        f'href="/policies/{policy.pk}/#target-{target.pk}">昆山零碳方案',
        'href="/targets/?base=new">newly added',
        'href="/targets/?year=2028">2028',
        'href="/targets/?region=320583"',
        "2026-01-09",
        "trial",
        'href="/targets/?topic=product-carbon-footprint"',
        "those of the policy",
    ):
        assert text in page, text
    assert "Comparable value" not in page


def test_a_figure_in_another_unit_is_said_in_the_one_it_is_sorted_by(client, policy):
    page = words(read(client, f.target(policy, value=30, unit="万千瓦").get_absolute_url()))
    assert "30 万千瓦" in page
    assert "300,000 千瓦" in page


def test_topics_of_its_own_stand_alone(client, policy):
    page = words(read(client, f.target(policy, [f.topic("own", "自有主题")]).get_absolute_url()))
    assert "自有主题" in page
    assert "those of the policy" not in page
    assert "产品碳足迹" not in page


def test_an_incentive_says_who_what_and_until_when(client, policy):
    one = f.incentive(
        policy,
        amount=30,
        currency="%",
        kind="share",
        cap=5_000_000,
        who_qualifies="首次获评的企业",
        evidence_needed="绿色工厂公告",
        apply_by=dt.date(2026, 9, 30),
    )
    page = words(read(client, one.get_absolute_url()))
    for text in ("<h1>首次获评的企业</h1>", ">30%<", "5,000,000 CNY", "share of cost", "绿色工厂公告", "2026-09-30"):
        assert text in page, text


def test_one_that_does_not_say_who_goes_by_its_sentence(client, policy):
    one = f.incentive(policy, who_qualifies="", sentence="首次获评的,给予20万元。")
    assert "<h1>首次获评的,给予20万元。</h1>" in words(read(client, one.get_absolute_url()))


@pytest.mark.parametrize(("day", "word"), [("2026-09-29", "open"), ("2026-09-30", "open"), ("2026-10-01", "closed")])
def test_it_says_whether_it_is_open(client, policy, day, word):
    one = f.incentive(policy, apply_by=dt.date(2026, 9, 30))
    with time_machine.travel(f"{day}T09:00:00+08:00", tick=False):
        page = words(read(client, one.get_absolute_url()))
    assert f">{word}" in page
    assert ("open for applications" in page) is (word != "closed")


def test_what_is_not_printed_is_said_to_be_so(client):
    national = f.policy(level="national")
    for figure in (f.target(national), f.incentive(national, who_qualifies="")):
        page = words(read(client, figure.get_absolute_url()))
        assert "No figure is printed." in page
        assert "nationwide" in page
        assert "not stated" in page
        assert "<blockquote>" not in page


def test_the_tables_of_the_policy_lead_there_and_carry_anchors(client, policy):
    target, money, nameless = f.target(policy), f.incentive(policy), f.incentive(policy, who_qualifies="")
    page = words(read(client, policy.get_absolute_url()))
    for name, figure in (("target", target), ("incentive", money), ("incentive", nameless)):
        assert f'<tr id="{name}-{figure.pk}">' in page
        assert f'href="{figure.get_absolute_url()}"' in page


def test_figures_of_a_deleted_policy_are_not_found(client, policy):
    target, money = f.target(policy), f.incentive(policy)
    policy.remove("entered twice")
    for figure in (target, money):
        read(client, figure.get_absolute_url(), status=404)


@pytest.mark.parametrize("view", [TargetView, IncentiveView])
def test_panels_of_higher_packages_stand_on_the_page(rf, policy, view):
    figure = f.target(policy) if view is TargetView else f.incentive(policy)
    request = rf.get("/")
    request.user = f.user()

    def panel(request, record):
        return "site/_facts.html", {"facts": [{"label": f"panel of {record.pk}"}]}

    answer = view.as_view(panels=(panel, lambda request, record: None))(request, pk=figure.pk)
    assert f"panel of {figure.pk}" in answer.render().content.decode()


def test_staff_edit_it_on_the_form_of_its_policy(client, policy):
    target = f.target(policy)
    page = read(client, target.get_absolute_url(), f.user("editor"))
    assert f'href="{reverse("admin:policies_policy_change", args=[policy.pk])}"' in page
    assert "policies_policy" not in read(client, target.get_absolute_url())


def test_reading_needs_sign_in_unless_it_is_public(client, policy, settings):
    for figure in (f.target(policy), f.incentive(policy)):
        assert client.get(figure.get_absolute_url()).status_code == 302
        settings.PUBLIC_READ = True
        assert client.get(figure.get_absolute_url()).status_code == 200
        settings.PUBLIC_READ = False


def test_the_number_of_queries_is_fixed(client, policy, django_assert_max_num_queries):
    client.force_login(f.user())
    for figure in (f.target(policy), f.incentive(policy, [f.topic("own", "自有")])):
        with django_assert_max_num_queries(6):  # a target one more for what is known of it
            assert client.get(figure.get_absolute_url()).status_code == 200
