"""The policies around one, on its page: every link of its own, two steps either way, and no endless circle."""

import datetime as dt

import pytest
from lxml import html

from policies.family import family
from policies.models import PolicyLink
from tests import factory
from tests.reading import read, select, words
from tests.test_policy_links import linked

pytestmark = pytest.mark.django_db


def titles(relatives):
    return {one.title: titles(one.further) for one in relatives}


def test_the_family_goes_two_steps_both_ways():
    law, national, province, city, county = (factory.policy(name) for name in ("法律", "国家办法", "省细则", "市方案", "县通知"))
    for lower, upper in ((national, law), (province, national), (city, province), (county, city)):
        linked(lower, upper)
    found = family(province)
    assert titles(found.above) == {"国家办法": {"法律": {}}}
    assert titles(found.below) == {"市方案": {"县通知": {}}}


READ = {
    "implements": ("implements", "implemented by"),
    "amends": ("amends", "amended by"),
    "replaces": ("replaces", "replaced by"),
    "repeals": ("repeals", "repealed by"),
    "interprets": ("interprets", "interpreted by"),
    "local_version_of": ("is the local version of", "local version"),
}


def family_lines(client, policy):
    """[(heading, badge, title, beside it)] of the family on the page of `policy`, from top to bottom."""
    [section] = select(html.fromstring(read(client, policy.get_absolute_url())), "section.family")
    lines, heading = [], ""
    for element in section.iter("h3", "li"):
        text = [" ".join(part.text_content().split()) for part in element if part.tag in ("span", "a")]
        if element.tag == "h3":
            heading = element.text_content()
        else:
            lines.append((heading, *text))
    return lines


@pytest.mark.parametrize("kind", PolicyLink.Kind)
def test_every_kind_reads_from_both_ends(client, kind):
    policy = factory.policy("甲样例", issued_on=dt.date(2026, 1, 10))
    other = factory.policy("乙样例", region=factory.region("320000"), issued_on=dt.date(2026, 1, 9))
    linked(policy, other, kind)
    does, was_done = READ[kind]
    assert family_lines(client, policy) == [("What it does", does, "乙样例", "2026-01-09 · Jiangsu")]
    assert family_lines(client, other) == [("What was done to it", was_done, "甲样例", "2026-01-10")]


def test_each_own_link_is_told_also_where_another_leads_there_too():
    """A triangle: the city carries out both others, and the province the nation's."""
    nation, province, city = (factory.policy(name) for name in ("国家办法", "省细则", "市方案"))
    linked(city, province)
    linked(city, nation, "local_version_of")
    linked(province, nation)
    assert titles(family(city).above) == {"省细则": {"国家办法": {}}, "国家办法": {}}
    assert [one.title for one in family(city).above] == ["省细则", "国家办法"]
    assert titles(family(nation).below) == {"省细则": {"市方案": {}}, "市方案": {}}
    found = family(province)
    assert (titles(found.above), titles(found.below)) == ({"国家办法": {}}, {"市方案": {}})


@pytest.mark.usefixtures("english_words")
def test_two_kinds_between_the_same_two_are_two_links():
    law, old, new, notice = (factory.policy(name) for name in ("法律", "旧办法", "新办法", "通知"))
    linked(new, old, "amends", sentence="修订")
    linked(new, old, "replaces", sentence="同时废止")
    linked(old, law)
    linked(notice, new)
    found = [(one.kind, one.title, one.sentence, titles(one.further)) for one in family(new).above]
    assert found == [("amends", "旧办法", "修订", {"法律": {}}), ("replaces", "旧办法", "同时废止", {})]
    found = [(one.kind, one.title, titles(one.further)) for one in family(old).below]
    assert found == [("amended by", "新办法", {"通知": {}}), ("replaced by", "新办法", {})]


def test_nothing_stands_more_than_two_steps_away():
    first, second, third, fourth = (factory.policy(name) for name in "甲乙丙丁")
    for one, other in ((first, second), (first, third), (second, third), (third, fourth)):
        linked(one, other)
    assert titles(family(first).above) == {"乙": {"丙": {}}, "丙": {"丁": {}}}
    assert titles(family(fourth).below) == {"丙": {"甲": {}, "乙": {}}}


def test_circles_end():
    """Each of three carries out the next; the first two carry out each other."""
    first, second, third = (factory.policy(name) for name in "甲乙丙")
    for one, other in ((first, second), (second, third), (third, first), (second, first)):
        linked(one, other)
    found = family(first)
    assert titles(found.above) == {"乙": {"丙": {}}}
    assert titles(found.below) == {"乙": {}, "丙": {"乙": {}}}


def test_unknown_documents_are_plain_text_and_deleted_policies_are_gone(client):
    policy, gone, child = factory.policy("甲样例"), factory.policy("乙被删"), factory.policy("丙被删")
    linked(policy, title="未收录的办法", sentence="落实《未收录的办法》。")
    linked(policy, gone, title="乙的文件")
    linked(child, policy)
    gone.remove("twice")
    child.remove("twice")
    page = words(read(client, policy.get_absolute_url()))
    assert "《未收录的办法》" in page
    assert "《乙的文件》" in page
    assert "乙被删" not in page
    assert "丙被删" not in page
    assert '<a href="">' not in page


def test_a_policy_without_links_shows_no_family(client):
    assert "Policy family" not in read(client, factory.policy().get_absolute_url())


def test_the_family_asks_few_questions(django_assert_max_num_queries):
    policy = factory.policy()
    for _serial in range(6):
        child = factory.policy()
        linked(child, policy)
        linked(factory.policy(), child)
        linked(policy, factory.policy())
    with django_assert_max_num_queries(3):
        found = family(policy)
    assert (len(found.above), len(found.below), len(found.below[0].further)) == (6, 6, 1)
