"""The page of one policy says what the policy says, in its order, with figures as people read them."""

import datetime as dt
import re

import pytest

from certifications.models import StatementPolicy
from policies.models import Incentive, KeyPoint, PolicyDocument, Target
from tests import factory
from tests.reading import read, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy():
    policy = factory.policy(
        "江苏发布零碳园区样例方案",
        region=factory.region("320000"),
        stage="trial",
        issued_on=dt.date(2026, 1, 10),
        declared_issuer_count=5,
        issuers=[factory.issuing_body("江苏省工业和信息化厅"), factory.issuing_body("江苏省生态环境厅")],
        topics=[factory.topic(definition="产品在生命周期内的排放")],
    )
    PolicyDocument.objects.create(policy=policy, title="零碳园区样例方案", number="苏工信节能〔2026〕12号")
    for position, text in enumerate(("先建平台", "再定标准", "后给奖励")):
        KeyPoint.objects.create(policy=policy, position=position, text=text)
    Target.objects.create(policy=policy, indicator="省级零碳园区", comparator=">=", value=50, unit="个", base="total", year=2030)
    Incentive.objects.create(policy=policy, amount=300000, currency="CNY", kind="one_off", who_qualifies="首次认证的企业")
    Incentive.objects.create(policy=policy, amount=30, currency="%", kind="share", cap=5000000)
    return policy


def test_everything_in_its_order(client, policy):
    page = words(read(client, policy.get_absolute_url()))
    for text in (
        "《零碳园区样例方案》",
        "苏工信节能〔2026〕12号",
        "产品在生命周期内的排放",
        "at least 50 个",
        "in total",
        ">2030<",
        "首次认证的企业",
    ):
        assert text in page, text
    assert page.index("先建平台") < page.index("再定标准") < page.index("后给奖励")
    assert page.index(">江苏省工业和信息化厅<") < page.index(">江苏省生态环境厅<") < page.index("and 3 not named")
    badges = re.findall(r'<span class="badge[^"]*">([^<]+)</span>', page)
    assert badges[:3] == ["province", "Jiangsu", "trial"]


def test_money_reads_short_in_chinese_and_exact_on_hover(client, policy):
    page = read(client, policy.get_absolute_url())
    assert "300,000 CNY" in page
    assert ">30%<" in page
    assert "5,000,000 CNY" in page
    client.cookies["django_language"] = "zh-hans"
    chinese = client.get(policy.get_absolute_url()).content.decode()
    assert re.search(r'title="300,000[^"]*">30万', chinese)
    assert re.search(r'title="5,000,000[^"]*">500万', chinese)


def test_a_sparse_policy_says_not_stated(client):
    page = words(read(client, factory.policy().get_absolute_url()))
    assert not re.search(r"<dd>\s*</dd>|<ul class=\"values\"> </ul>", page)
    for heading in ("Key points", "Documents", "Issuing bodies", "Topics"):
        section = page[page.index(f"<h2>{heading}</h2>") :]
        assert "not stated" in section[: section.index("</section>")], heading
    assert "<h2>Targets</h2>" not in page
    assert "not named" not in page


def test_linked_statements_are_listed(client, policy):
    linked, unlinked, refused = (
        factory.statement(company=factory.company(name)) for name in ("甲样例公司", "乙样例公司", "丙样例公司")
    )
    StatementPolicy.objects.create(statement=linked, policy=policy)
    StatementPolicy.objects.create(statement=refused, policy=policy, concerns=False)
    page = read(client, policy.get_absolute_url())
    assert linked.company.name in page
    assert unlinked.company.name not in page
    assert refused.company.name not in page


def test_a_deleted_policy_is_not_found(client, policy):
    policy.remove("entered twice")
    for key in (policy.pk, 999, 2**63):
        read(client, f"/policies/{key}/", status=404)


def test_the_number_of_queries_does_not_grow(client, policy, django_assert_max_num_queries):
    for serial in range(10):
        KeyPoint.objects.create(policy=policy, position=serial + 5, text=f"要点{serial}")
        Target.objects.create(policy=policy, indicator=f"指标{serial}")
        Incentive.objects.create(policy=policy, sentence=f"奖励{serial}")
        StatementPolicy.objects.create(statement=factory.statement(), policy=policy)
    client.force_login(factory.user())
    with django_assert_max_num_queries(21):  # two for whom it touches, one for its family, one for attachments
        client.get(policy.get_absolute_url())
