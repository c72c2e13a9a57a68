"""An issuing body that is already on record changes nothing in what the next issue says of place and level."""

import datetime as dt

import pytest

from policies.models import IssuingBody, Policy
from tanxun.digest import intake
from tanxun.digest.reader import read
from tanxun.digest.vocabulary import current
from tanxun.site import reference
from tanxun.site.samples import SAMPLE_FOLDER
from tests import factory

pytestmark = pytest.mark.django_db

ISSUE = """地方动态

昆山:绿色园区有了管理办法
3月2日,昆山市人民政府印发《昆山市绿色园区管理办法》,支持园区建设零碳工厂。
"""


def test_a_local_body_stays_local_once_it_is_known():
    reference.load(lambda line: None)
    editor = factory.user("editor")
    for day, text in ((3, ISSUE), (9, ISSUE.replace("绿色园区", "零碳社区"))):
        result = intake.bring_in("", text, reference_date=dt.date(2026, 3, day), user=editor)
        assert not intake.accept_all(result.newsletter, editor).left
    assert set(Policy.objects.values_list("level", "region")) == {("county", "320583")}
    assert Policy.objects.count() == 2
    assert IssuingBody.objects.get(name="昆山市人民政府").region_id == "320583"


def test_every_reading_is_the_same_before_and_after_acceptance():
    reference.load(lambda line: None)
    editor = factory.user("editor")
    for path in sorted(SAMPLE_FOLDER.glob("*.txt")):
        day = dt.date.fromisoformat(path.name[:10])
        before = read(path.read_text(encoding="utf-8"), day, current())
        result = intake.bring_in(path.name, path.read_bytes(), reference_date=day, user=editor)
        intake.accept_all(result.newsletter, editor)
        assert read(path.read_text(encoding="utf-8"), day, current()) == before


def test_a_central_body_that_staff_add_is_known_to_the_reader():
    reference.load(lambda line: None)
    IssuingBody.objects.create(name="国家样例碳计量中心")
    text = "国家动态\n\n样例中心:发布碳计量规划\n3月2日,国家样例碳计量中心印发《碳计量样例规划》。\n"
    (item,) = read(text, dt.date(2026, 3, 3), current()).items
    assert [issuer.value for issuer in item.policy.issuers] == ["国家样例碳计量中心"]
    assert item.policy.level.value == "national"
