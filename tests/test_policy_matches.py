"""Pages say which policies concern a company or a statement, why, and which do not although they are near."""

import datetime as dt
import re
from html import unescape

import pytest
from django.utils import timezone
from lxml import html

from certifications import panels
from certifications.models import Company, CompanyPolicy, StatementPolicy
from policies.models import Incentive, Policy
from tanxun.digest import intake
from tanxun.site import reference
from tests import factory
from tests.reading import listed, read, words

pytestmark = pytest.mark.django_db

CONCERNING, MONEY, NEAR = "Policies that concern it", "Open incentives that accept its evidence", "Near, but not known"


@pytest.fixture
def company():
    """A company of 苏州 with a statement on zero-carbon factories."""
    topic = factory.topic("zero-carbon-factory", "零碳工厂")
    made = factory.company("苏州样例超净科技有限公司", region=factory.region("320500"), industry=factory.industry())
    factory.region("320583")
    factory.statement(company=made, statement_type=factory.statement_type("zero_carbon_factory", topic=topic))
    return made


def law(headline, code=None, topics=("zero-carbon-factory",), **kwargs):
    where = {"region": factory.region(code), "level": "city"} if code else {}
    return factory.policy(headline, topics=[factory.topic(slug) for slug in topics], **where | kwargs)


def section(page, heading):
    """The part of the panel under that heading, up to the next."""
    page = words(page)
    if heading not in page:
        return ""
    start = page.index(heading)
    ends = [end for end in (page.find("<h3>", start), page.find("</section>", start)) if end > 0]
    return page[start : min(ends)]


def test_a_company_is_told_why_a_policy_concerns_it(client, company):
    law("江苏样例方案", "320000")
    law("苏州样例方案", "320500")
    law("全国样例方案", topics=("green-factory",))
    law("浙江样例方案", "330000")
    law("行业样例方案").industries.set([factory.industry().parent])
    law("他业样例方案").industries.set([factory.industry("C17")])
    page = section(read(client, company.get_absolute_url()), CONCERNING)
    assert re.search(r">江苏样例方案</a><br><span [^>]*>Jiangsu ⊃ Suzhou · topic 零碳工厂 ·", page)
    assert re.search(r">苏州样例方案</a><br><span [^>]*>Suzhou · topic 零碳工厂 ·", page)
    assert re.search(r">全国样例方案</a><br><span [^>]*>nationwide · <", page)
    assert re.search(r">行业样例方案</a><br><span [^>]*>nationwide · industry C 制造业 · topic 零碳工厂 ·", page)
    assert "浙江样例方案" not in page
    assert "他业样例方案" not in page
    address = f"/policies/?company={company.pk}"
    assert f'<a href="{address}">all {listed(address)} policies<' in page
    assert listed(address) == 4


def test_policies_of_its_evidence_stand_first(client, company):
    law("有证的老方案", "320000", issued_on=dt.date(2020, 1, 1))
    law("无证的新方案", "320000", topics=("green-factory",), issued_on=dt.date(2026, 1, 1))
    page = section(read(client, company.get_absolute_url()), CONCERNING)
    assert page.index("有证的老方案") < page.index("无证的新方案")


def test_a_policy_of_a_place_below_is_near_and_does_not_concern_it(client, company):
    law("昆山样例方案", "320583")
    law("园区样例方案", "320500", level="park", park_name="样例工业园区")
    law("杭州样例方案", "330100")
    page = read(client, company.get_absolute_url())
    near = section(page, NEAR)
    assert re.search(r">昆山样例方案</a><br><span [^>]*>it is in Suzhou, not known to be in (昆山市|Kunshan)<", near)
    assert re.search(r">园区样例方案</a><br><span [^>]*>it is in Suzhou, not known to be in 样例工业园区<", near)
    assert "昆山样例方案" not in section(page, CONCERNING)
    assert "杭州样例方案" not in page
    there = factory.company(region=factory.region("320583"))
    assert "昆山样例方案" in section(read(client, there.get_absolute_url()), CONCERNING)


def test_an_industry_that_is_not_known_keeps_a_policy_near(client, company):
    law("行业样例方案", "320500").industries.set([factory.industry()])
    company.industry = factory.industry().parent
    company.save()
    page = read(client, company.get_absolute_url())
    assert "it is not known to be of the industry C39" in section(page, NEAR)
    company.industry = None
    company.save()
    assert "it is not known to be of the industry C39" in section(read(client, company.get_absolute_url()), NEAR)


def test_a_persons_word_goes_before_the_rules(client, company):
    far, ours = law("杭州样例方案", "330100"), law("苏州样例方案", "320500")
    CompanyPolicy.objects.create(company=company, policy=far, note="在杭州有工厂")
    CompanyPolicy.objects.create(company=company, policy=ours, concerns=False, note="已搬走")
    page = read(client, company.get_absolute_url())
    assert re.search(r">杭州样例方案</a><br><span [^>]*>entered by hand: 在杭州有工厂 ·", section(page, CONCERNING))
    no = r">苏州样例方案</a><br><span [^>]*>by a person.{1,6}s word it does not concern it: 已搬走<"
    assert re.search(no, section(page, NEAR))
    assert listed(f"/companies/?policy={far.pk}&evidence=with") == 1
    assert listed(f"/companies/?policy={ours.pk}&statements_min=0") == 0


def test_a_statement_is_told_its_own_policies_and_a_word_on_it_goes_first(client, company):
    statement = company.statements.get()
    law("江苏样例方案", "320000")
    law("别的主题", "320000", topics=("green-factory",))
    law("昆山样例方案", "320583")
    law("昆山别的主题", "320583", topics=("green-factory",))
    said = law("杭州样例方案", "330100")
    CompanyPolicy.objects.create(company=company, policy=said, concerns=False)
    StatementPolicy.objects.create(statement=statement, policy=said, note="对象")
    page = read(client, statement.get_absolute_url())
    concerning = section(page, CONCERNING)
    assert "Jiangsu ⊃ Suzhou · topic 零碳工厂" in concerning
    assert "entered by hand: 对象" in concerning
    assert "昆山样例方案" in section(page, NEAR)
    assert "别的主题" not in page
    address = f"/policies/?statement={statement.pk}"
    assert f'<a href="{address}">all 2 policies<' in concerning
    assert listed(address) == 2
    assert listed(f"/statements/?policy={said.pk}") == 1


@pytest.mark.parametrize(
    ("end", "stage", "is_open"),
    [(-1, "", False), (0, "", True), (1, "", True), (None, "", True), (None, "repealed", False)],
)
def test_open_incentives_for_the_evidence_until_their_day(client, company, end, stage, is_open):
    apply_by = None if end is None else timezone.localdate() + dt.timedelta(days=end)
    paid = law("江苏样例方案", "320000", stage=stage)
    Incentive.objects.create(policy=paid, amount=200000, currency="CNY", who_qualifies="零碳工厂企业", apply_by=apply_by)
    for url in (company.get_absolute_url(), company.statements.get().get_absolute_url()):
        money = section(read(client, url), MONEY)
        assert ("200,000 CNY" in money) == is_open
        assert ("Jiangsu ⊃ Suzhou · topic 零碳工厂" in money) == is_open


def test_an_incentive_for_another_evidence_is_not_offered(client, company):
    paid = law("江苏样例方案", "320000")
    offered = Incentive.objects.create(policy=paid, sentence="奖励绿色工厂")
    offered.topics.set([factory.topic("green-factory", "绿色工厂")])
    assert "奖励绿色工厂" not in read(client, company.get_absolute_url())
    offered.topics.add(factory.topic("zero-carbon-factory"))
    assert "奖励绿色工厂" in section(read(client, company.get_absolute_url()), MONEY)


def test_money_for_a_topic_that_only_the_incentive_names_is_offered_where_its_policy_touches_the_company(client, company):
    """The plan is on something else; one sentence of it pays for zero-carbon factories."""
    topics = ("green-factory",)
    law("别处的计划", "330000", topics=topics).incentives.create(sentence="别处的奖励").topics.set(
        [factory.topic("zero-carbon-factory")]
    )
    plan = law("江苏样例计划", "320000", topics=topics)
    plan.incentives.create(sentence="奖励零碳工厂").topics.set([factory.topic("zero-carbon-factory")])
    plan.incentives.create(sentence="奖励别的")
    statement = company.statements.get()
    for url in (company.get_absolute_url(), statement.get_absolute_url()):
        money = section(read(client, url), MONEY)
        assert re.search(r"奖励零碳工厂</a> *<br><span [^>]*>江苏样例计划 · Jiangsu ⊃ Suzhou · topic 零碳工厂<", money), money
        assert "别处的奖励" not in money
        assert "奖励别的" not in money
    word = StatementPolicy.objects.create(statement=statement, policy=plan, concerns=False)
    assert "奖励零碳工厂" not in read(client, company.get_absolute_url())
    word.delete()
    CompanyPolicy.objects.create(company=company, policy=plan, concerns=False)
    assert "奖励零碳工厂" not in read(client, statement.get_absolute_url())


def test_where_no_policy_is_known_there_is_no_panel(client, company):
    assert CONCERNING not in read(client, company.get_absolute_url())
    law("全国样例方案")
    nowhere = factory.company()
    page = section(read(client, nowhere.get_absolute_url()), CONCERNING)
    assert "全国样例方案" in page
    assert "Its place is not known" in page


def test_a_policy_says_whom_it_touches_and_each_count_is_its_list(client, company):
    policy = law("苏州样例方案", "320500")
    kunshan = factory.company("昆山没有声明", region=factory.region("320583"))
    factory.statement(company=factory.company("昆山另有声明", region=factory.region("320583")))
    factory.statement(company=factory.company(region=factory.region("330100")), statement_type=factory.statement_type())
    page = words(read(client, policy.get_absolute_url()))
    panel = page[page.index("Whom it touches") :]
    panel = panel[: panel.index("</section>")]
    found = re.findall(r'<li><a href="([^"]+)">[^<]*</a> <span class="number">([\d,+]+)<', panel)
    counts = {url.replace("&amp;", "&"): int(count) for url, count in found}
    assert [listed(url) for url in counts] == list(counts.values()) == [3, 1, 2, 1]
    assert f'<a href="{company.get_absolute_url()}">' in panel
    assert f'<a href="{kunshan.get_absolute_url()}">' in panel
    assert "zero_carbon_factory" in panel


def test_a_policy_of_many_counts_to_a_glance_and_fetches_the_exact_figures(client, company, monkeypatch):
    monkeypatch.setattr(panels, "GLANCE", 1)
    policy = law("苏州样例方案", "320500")
    for _each in range(3):
        factory.statement(company=factory.company(region=factory.region("320583")))
    page = words(read(client, policy.get_absolute_url()))
    found = re.findall(r'<li><a href="([^"]+)">[^<]*</a> <span class="number" hx-get="([^"]+)" [^>]*>1\+<', page)
    assert len(found) == 2
    for url, total in (map(unescape, pair) for pair in found):
        assert f"<strong>{listed(url)}</strong>" in client.get(total).content.decode()
    assert "htmx" in page


@pytest.mark.parametrize("page", ["/admin/certifications/company/{}/change/", "/admin/policies/policy/{}/change/"])
def test_who_enters_a_word_is_told_that_readers_see_its_note(client, company, page):
    policy = law("苏州样例方案", "320500")
    CompanyPolicy.objects.create(company=company, policy=policy, note="已搬走")
    key = company.pk if "company" in page else policy.pk
    assert "Shown to readers" in read(client, page.format(key), factory.user("editor"))
    assert "已搬走" in read(client, company.get_absolute_url())


def test_a_park_touches_only_whom_a_person_names(client, company):
    policy = law("园区样例方案", "320500", level="park", park_name="样例工业园区")
    assert listed(f"/companies/?policy={policy.pk}&statements_min=0") == 0
    assert "which companies lie in it is not recorded" in read(client, policy.get_absolute_url())
    CompanyPolicy.objects.create(company=company, policy=policy)
    assert listed(f"/companies/?policy={policy.pk}&evidence=with") == 1


@pytest.mark.parametrize(
    "query", ["evidence=with", "policy=none", "policy=0", "policy=x", "policy!=1&evidence=without", "policy=1&evidence=both"]
)
def test_what_cannot_be_matched_is_refused(client, company, query):
    policy = law("苏州样例方案", "320500")
    page = read(client, f"/companies/?{query.replace('=1', f'={policy.pk}')}", status=400)
    assert company.name not in page


def test_a_deleted_policy_is_no_question(client, company):
    policy = law("苏州样例方案", "320500")
    policy.remove("entered twice")
    read(client, f"/companies/?policy={policy.pk}", status=400)
    read(client, f"/statements/?policy={policy.pk}", status=400)


def test_the_number_of_queries_of_a_list_stays(client, company, django_assert_max_num_queries):
    policy = law("苏州样例方案", "320500")
    CompanyPolicy.objects.create(company=company, policy=policy)
    client.force_login(factory.user())
    for url in (f"/companies/?policy={policy.pk}&evidence=with", f"/statements/?policy={policy.pk}"):
        with django_assert_max_num_queries(7):  # two of them for who asks, two for who has evidence
            client.get(url)
    with django_assert_max_num_queries(6):
        client.get(f"/policies/?company={company.pk}")


def entered(client, address, rows, **values):
    """Adds a line with these values to the table `rows` of the form at `address` in the admin, and saves all as it stands."""
    page = html.fromstring(client.get(address).content)
    [form] = [form for form in page.forms if f"{rows}-TOTAL_FORMS" in form.fields]
    data = {name: value for name, value in form.form_values() if "__prefix__" not in name and not name.startswith("_")}
    line = int(data[f"{rows}-INITIAL_FORMS"])
    data[f"{rows}-TOTAL_FORMS"] = max(int(data[f"{rows}-TOTAL_FORMS"]), line + 1)
    data |= {f"{rows}-{line}-{name}": value for name, value in values.items()}
    response = client.post(address, data | {"_save": "1"})
    assert response.status_code == 302, response.context["errors"]


@pytest.mark.parametrize(("concerns", "count"), [({"concerns": "on"}, 1), ({"concerns": ""}, 0)])
def test_staff_say_on_either_page_whom_a_policy_concerns(client, company, concerns, count):
    """杭州's policies do not touch a company of 苏州, and 苏州's do, unless a person says otherwise."""
    editor = factory.user("editor")
    client.force_login(editor)
    for of_policy in (True, False):
        policy = law("样例方案", "330100" if count else "320500")
        pages = {"company": f"/admin/certifications/company/{company.pk}/change/"}
        pages["policy"] = f"/admin/policies/policy/{policy.pk}/change/"
        assert listed(f"/companies/?policy={policy.pk}") == 1 - count
        if of_policy:
            entered(client, pages["policy"], "company_links", company=company.pk, note="有工厂", **concerns)
        else:
            entered(client, pages["company"], "policy_links", policy=policy.pk, note="有工厂", **concerns)
        assert listed(f"/companies/?policy={policy.pk}") == count
        word = CompanyPolicy.objects.get(policy=policy)
        assert (word.company, word.concerns, word.note) == (company, bool(count), "有工厂")
        assert word.history.get().history_user == editor
        assert all("有工厂" in read(client, address, editor) for address in pages.values())


def test_the_real_company_of_suzhou(client, seeds):
    """The page of 苏州炘隆超净科技: Jiangsu's policy and the country's concern it, 昆山's are near, 常州's are not spoken of."""
    reference.load()
    editor = factory.user("editor")
    for path, day in seeds:
        brought = intake.bring_in(path.name, path.read_bytes(), reference_date=dt.date.fromisoformat(day), user=editor)
        intake.accept_all(brought.newsletter, editor)
    law("江苏样例方案", "320000", topics=("ghg-accounting",))
    page = read(client, Company.objects.get(name="苏州炘隆超净科技有限公司").get_absolute_url())
    concerning, near = section(page, CONCERNING), section(page, NEAR)
    assert "江苏样例方案" in concerning
    assert "Jiangsu ⊃ Suzhou · topic " in concerning
    for policy in Policy.objects.filter(region="320583"):
        assert policy.headline in near
        assert policy.headline not in concerning
    assert near.count("it is in Suzhou, not known to be in") == 2
    assert "昆山" in near
    for policy in Policy.objects.exclude(region="320583").exclude(region="320000").exclude(level="national"):
        assert policy.headline not in concerning + near, policy
    nationwide = Policy.objects.filter(level="national")
    assert nationwide.count() == 4
    assert all(policy.headline in concerning for policy in nationwide)
