"""The search page: groups by kind, counts equal to the lists, hit words lit, a reason beside the box for a refusal."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certifications.models import CompanyName
from policies.models import KeyPoint
from tanxun.digest.models import NewsItem
from tanxun.search.lit import by_sound, named
from tests import factory as f
from tests.reading import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    client.force_login(f.user("reader"))
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def records():
    company = f.company("昆山储能科技有限公司", region=f.region())
    CompanyName.objects.create(company=company, name="昆储")
    battery = f.product(company, "储能电池")
    for _ in range(7):
        f.statement(company=company, products=[battery])
    f.company("储能但无声明")
    policy = f.policy("新型储能方案")
    KeyPoint.objects.create(policy=f.policy("另一政策"), text="一般内容。支持储能<b>项目</b>建设。")
    NewsItem.objects.create(headline="市场综述", kind="other", section="industry", text="本周储能价格平稳。")
    return company, policy


def groups(html):
    return re.findall(r'<section class="card" id="(\w+)"', html)


def test_every_kind_is_found_with_counts_that_the_lists_hold(reader, records):
    html = reader.get("/search/?q=储能").content.decode()
    assert groups(html) == ["companies", "statements", "policies", "products", "news"]
    links = re.findall(r'<span class="muted number">([\d,]+)</span></span>\s*<a href="([^"]+)"', html)
    for count, address in links:
        found = reader.get(address.replace("&amp;", "&")).context["found"]
        assert found.count == int(count), address
    assert [count for count, _address in links] == ["2", "7", "2"]


def test_what_policies_say_in_figures_is_found_by_its_own_words(reader, records):
    policy = f.policy("样例行动方案", topics=[f.topic("green", "绿色工厂")])
    target = f.target(policy, indicator="新型储能装机", value=3, unit="万千瓦", year=2027, sentence="装机达到3万千瓦。")
    money = f.incentive(policy, who_qualifies="", sentence="对首次获评的企业给予20万元一次性奖励。", apply_by=dt.date(2027, 3, 1))
    gone = f.policy("被删方案")
    f.target(gone, indicator="储能的旧指标")
    gone.remove("entered twice")
    html = reader.get("/search/?q=储能").content.decode()
    assert f'<a href="/targets/{target.pk}/"> 新型<mark>储能</mark>装机' in words(html)
    assert "2027 · 样例行动方案" in words(html)
    assert "旧指标" not in html
    for text, where in (("储能", "targets"), ("首次获评", "incentives"), ("样例行动", "targets"), ("样例行动", "incentives")):
        html = reader.get(f"/search/?q={text}").content.decode()
        [section] = re.findall(rf'<section class="card" id="{where}".*?</section>', html, re.DOTALL)
        [(count, address)] = re.findall(r'<span class="muted number">([\d,]+)</span></span>\s*<a href="([^"]+)"', section)
        assert int(count) == reader.get(address.replace("&amp;", "&")).context["found"].count == 1, (text, where)
    html = words(reader.get("/search/?q=首次获评").content.decode())
    assert f'<a href="/incentives/{money.pk}/"> 对<mark>首次获评</mark>的企业给予20万元一次性奖励。' in html
    assert "2027-03-01 · 样例行动方案" in html


def test_hit_words_are_lit_and_everything_is_escaped(reader, records):
    html = reader.get("/search/?q=储能").content.decode()
    assert "支持<mark>储能</mark>&lt;b&gt;项目&lt;/b&gt;建设。" in html
    assert "新型<mark>储能</mark>方案" in html
    assert "本周<mark>储能</mark>价格平稳。" in html
    html = reader.get("/search/?q=<script>alert(1)</script>").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html


def test_a_company_found_by_its_short_name_shows_it(reader, records):
    assert "<mark>昆储</mark>" in reader.get("/search/?q=昆储").content.decode()


def test_what_is_removed_is_not_found(reader, records):
    records[1].remove("样例")
    assert "新型" not in reader.get("/search/?q=储能").content.decode()


def test_nothing_found_and_nothing_asked_say_what_to_do(reader, records):
    assert "Nothing was found" in reader.get("/search/?q=麒麟瑞兽").content.decode()
    for address in ("/search/", "/search/?q=", "/search/?q=%20"):
        assert "What are you looking for?" in reader.get(address).content.decode()


@pytest.mark.parametrize("text", ["%00", "a%00b", "x" * 201, "a+" * 11, "x" * 100_000])
def test_what_cannot_be_asked_is_refused_beside_the_box(reader, records, text):
    answer = reader.get(f"/search/?q={text}")
    assert answer.status_code == 400
    assert 'id="q-errors"' in answer.content.decode()
    assert not groups(answer.content.decode())


@pytest.mark.parametrize(
    "text", ["'", '"', "%25", "_", "%5C", "-", "--", "-a", '"a', "(", "*", "NOT", "%FF", "%ED%A0%80", "%EF%BF%BE"]
)
def test_odd_text_is_answered(reader, records, text):
    assert reader.get(f"/search/?q={text}").status_code == 200


def test_the_page_is_for_readers(client, records, settings):
    assert client.get("/search/?q=储能").url.startswith("/accounts/login/?next=/search/")
    settings.PUBLIC_READ = True
    assert client.get("/search/?q=储能").status_code == 200


def test_the_head_of_every_page_leads_here(reader):
    assert 'action="/search/"' in reader.get("/statements/").content.decode()
    assert reader.get("/search/").content.decode().count("data-search") == 1
    assert reader.post("/search/").status_code == 405


def test_queries_do_not_grow_with_what_is_found(reader, records, django_assert_max_num_queries):
    reader.get("/search/?q=储能")
    with django_assert_max_num_queries(80):  # at most eight for each of ten kinds
        reader.get("/search/?q=储能")


@pytest.mark.parametrize(("text", "lit"), [("kunshan", "昆山"), ("KSCN", "昆山储能"), ("chuneng", "储能"), ("kunc", "昆储")])
def test_a_name_typed_in_pinyin_or_by_initials_is_lit_as_characters(reader, records, text, lit):
    html = reader.get(f"/search/?q={text}").content.decode()
    assert f"<mark>{lit}</mark>" in html


@given(st.text(max_size=30), st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=6))
def test_what_is_lit_by_sound_stands_in_the_name(name, word):
    for start, end in by_sound(name, word):
        assert 0 <= start < end <= len(name)
    assert "".join(piece.text for piece in named(name, [word])) == name
