"""Row 59: what happens is told to programs and group chats, once, filtered, in the form that each of them takes."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from django.utils.translation import override
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from certifications.models import VerificationStatement
from tanxun.alerts.hooks.events import plan
from tanxun.alerts.hooks.formats import MOST_BYTES, text
from tanxun.alerts.hooks.telling import Telling
from tanxun.alerts.models import Hook, Message
from tanxun.digest.models import Digest
from tanxun.listing.models import SavedFilter
from tests import factory
from tests.hooking import hook, hurry, round_of_duties, told
from tests.receivers import Receiver

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("patient")]
YES = b'{"errcode":0,"errmsg":"ok"}'


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


@pytest.fixture
def receiver(settings):
    with Receiver(lambda request: (200, {}, YES)) as one:
        settings.OUTGOING_HOSTS = [f"127.0.0.1:{one.port}"]
        yield one


def test_a_published_statement_is_told_once_with_a_signature_that_can_be_checked(receiver):
    factory.statement()  # was there before the hook
    hook(receiver.url)
    made = factory.statement(company=factory.company("苏州星河家电有限公司"))
    assert round_of_duties() == 1
    assert round_of_duties() == 0
    ((method, _path, headers, body),) = receiver.requests
    parts = dict(part.split("=", 1) for part in headers["X-Tanxun-Signature"].split(","))
    expected = hmac.new(b"s3cret", f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    assert method == "POST"
    assert hmac.compare_digest(parts["v1"], expected)
    assert abs(int(parts["t"]) - time.time()) < 60
    said = json.loads(body)
    (record,) = said["records"]
    assert (headers["X-Tanxun-Event"], said["event"]) == ("statement.published", "statement.published")
    assert headers["X-Tanxun-Delivery"] == said["delivery"]
    assert record["company"] == "苏州星河家电有限公司"
    assert record["url"].endswith(made.get_absolute_url())


def test_a_policy_is_told_to_who_asked_for_policies_alone(receiver):
    hook(receiver.url, events=["policy.published"])
    factory.statement()
    factory.policy("零碳园区办法", issuers=[factory.issuing_body()])
    round_of_duties()
    ((said),) = told(receiver)
    assert (said["event"], said["records"][0]["headline"]) == ("policy.published", "零碳园区办法")


def test_a_renewal_is_a_later_statement_of_company_type_and_product(receiver):
    company = factory.company()
    router, lamp = factory.product(company, "路由器"), factory.product(company, "灯")
    factory.statement(company=company, products=[router], issued_on=dt.date(2025, 1, 1))
    hook(receiver.url, events=["statement.renewed"])
    factory.statement(company=company, products=[lamp], issued_on=dt.date(2026, 1, 1))
    factory.statement(issued_on=dt.date(2026, 1, 1))
    factory.statement(company=company, products=[router], issued_on=dt.date(2024, 1, 1))  # older than the known one
    renewed = factory.statement(company=company, products=[router], issued_on=dt.date(2026, 1, 2))
    # The one of 2024 came in later than its follower: only what is dated later renews.
    round_of_duties()
    assert [said["url"].rstrip("/").rpartition("/")[2] for said in told(receiver)] == [str(renewed.pk)]


def due(days, **kwargs):
    kind = factory.statement_type("product_carbon_footprint")
    return factory.statement(statement_type=kind, valid_until=timezone.localdate() + dt.timedelta(days=days), **kwargs)


def test_what_falls_due_is_told_when_it_comes_near_and_when_it_is_over(receiver, time_machine):
    now = timezone.now()
    one = due(32)
    hook(receiver.url, events=["statement.expiring", "statement.expired"])
    for days in (0, 1, 2, 2, 3, 20, 32, 33, 34, 40):
        time_machine.move_to(now + dt.timedelta(days=days))
        round_of_duties()
    found = [(said["event"], said["at"][:10]) for said in told(receiver)]
    moments = [(now + dt.timedelta(days=days)).date().isoformat() for days in (2, 33)]
    assert found == list(zip(("statement.expiring", "statement.expired"), moments, strict=True))
    assert {said["records"][0]["url"].rpartition("/statements/")[2] for said in told(receiver)} == {f"{one.pk}/"}


def test_days_on_which_nobody_worked_are_made_up(receiver, time_machine):
    now = timezone.now()
    near, over = due(45), due(5)
    hook(receiver.url, events=["statement.expiring", "statement.expired"])
    time_machine.move_to(now + dt.timedelta(days=21))
    assert round_of_duties() == 2
    assert {(said["event"], said["records"][0]["due_on"]) for said in told(receiver)} == {
        ("statement.expiring", near.valid_until.isoformat()),
        ("statement.expired", over.valid_until.isoformat()),
    }


def test_more_days_ahead_tell_what_came_within_them_by_that(receiver, time_machine):
    now = timezone.now()
    one, other = due(50), due(61)
    made = hook(receiver.url, events=["statement.expiring"])
    assert round_of_duties() == 0
    made.refresh_from_db()
    made.lead_days = 60
    made.save()
    for days in (0, 0, 1, 2):
        time_machine.move_to(now + dt.timedelta(days=days))
        round_of_duties()
    assert [said["records"][0]["url"].rpartition("/statements/")[2] for said in told(receiver)] == [f"{one.pk}/", f"{other.pk}/"]


def test_a_hook_that_cannot_be_planned_keeps_no_other_from_its_events(receiver):
    broken = hook(receiver.url)
    broken.marks = {}
    broken.save()
    hook(receiver.url)
    factory.statement()
    assert round_of_duties() == 1


def test_what_was_renewed_before_it_went_out_is_silent(receiver, time_machine):
    one = due(31)
    hook(receiver.url, events=["statement.expiring"])
    time_machine.move_to(timezone.now() + dt.timedelta(days=1))
    plan()
    due(400, company=one.company)
    assert (Message.objects.count(), round_of_duties(), receiver.requests) == (1, 0, [])
    assert Message.objects.get().state == "dropped"


def test_a_removed_record_is_not_told(receiver):
    hook(receiver.url)
    made = factory.statement()
    plan()
    made.remove("a mistake")
    assert (round_of_duties(), receiver.requests) == (0, [])


def test_filters_are_asked_with_the_rights_of_the_owner(receiver):
    owner = factory.user("manager")
    saved = SavedFilter.objects.create(owner=owner, page="statements", name="SGS", query="body=sgs")
    by_name = hook(receiver.url, owner=owner, saved_filter=saved, events=["statement.published", "policy.published"])
    by_query = hook(receiver.url, owner=owner, page="statements", query="body=cti", events=["statement.published"])
    factory.statement(verification_body=factory.body("sgs"))
    factory.statement(verification_body=factory.body("cti"))
    factory.statement(verification_body=factory.body("tuv-rheinland"))
    factory.policy()  # the filter of statements says nothing about policies
    round_of_duties()
    found = sorted((said["event"], said["records"][0].get("body")) for said in told(receiver))
    assert found == [("policy.published", None), ("statement.published", "CTI华测"), ("statement.published", "SGS")]
    saved.deleted_at = timezone.now()
    saved.save()
    owner.save()
    factory.statement(verification_body=factory.body("sgs"))
    round_of_duties()
    by_name.refresh_from_db()
    assert by_name.paused_at
    assert "saved filter" in by_name.pause_reason
    owner.role = "reader"
    owner.save()
    round_of_duties()
    by_query.refresh_from_db()
    assert by_query.paused_at
    assert len(receiver.requests) == 3


def test_many_at_once_are_one_message(receiver, django_assert_max_num_queries):
    """50,000 rows of an import are one message, not 50,000."""
    hook(receiver.url)
    chat = hook(receiver.url, "wecom", events=["statement.published"])
    company = factory.company()
    rows = [
        VerificationStatement(
            company=company,
            statement_type=factory.statement_type(),
            verification_body=factory.body(),
            source_on=dt.date(2026, 1, 16),
            certificate_number=f"N-{number}",
        )
        for number in range(2_000)
    ]
    VerificationStatement.objects.bulk_create(rows)
    with django_assert_max_num_queries(60):
        plan()
    assert Message.objects.count() == 2
    round_of_duties()
    first, second = told(receiver)
    assert (first["count"], len(first["records"])) == (2_000, 10)
    assert first["url"].endswith("/statements/")
    named = second["text"]["content"].count("/statements/") - 1
    assert 1 <= named <= 10
    assert f"{2_000 - named} more: http" in second["text"]["content"]
    assert len(second["text"]["content"].encode()) <= 2_048
    assert chat.messages.get().state == "sent"


def test_messages_and_marks_stand_together_or_not_at_all(receiver, monkeypatch):
    """The planner dies after queueing and before the marks: the next round tells all of it, once."""

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    hook(receiver.url)
    factory.statement()
    with monkeypatch.context() as patch:
        patch.setattr(Hook, "save", die)
        with pytest.raises(KeyboardInterrupt):
            plan()
    assert not Message.objects.exists()
    assert round_of_duties() == 1


def test_wecom_gets_a_short_text_with_its_address(receiver):
    hook(f"{receiver.url}cgi-bin/webhook/send?key=abcd-1234", "wecom", events=["statement.published"])
    made = factory.statement(company=factory.company("苏州星河家电有限公司"))
    assert round_of_duties() == 1
    (said,) = told(receiver)
    assert said["msgtype"] == "text"
    assert "苏州星河家电有限公司" in said["text"]["content"]
    assert made.get_absolute_url() in said["text"]["content"]
    assert receiver.requests[0][1] == "/cgi-bin/webhook/send?key=abcd-1234"


def test_dingtalk_is_signed_in_the_address(receiver):
    hook(f"{receiver.url}robot/send?access_token=abc", "dingtalk", secret="SEC123", events=["statement.published"])
    factory.statement()
    assert round_of_duties() == 1
    query = parse_qs(urlsplit(receiver.requests[0][1]).query)
    moment = query["timestamp"][0]
    digest = hmac.new(b"SEC123", f"{moment}\nSEC123".encode(), hashlib.sha256).digest()
    assert query["sign"] == [base64.b64encode(digest).decode()]
    assert query["access_token"] == ["abc"]
    assert abs(int(moment) / 1000 - time.time()) < 60


@pytest.mark.parametrize("answer", [b'{"errcode":93000,"errmsg":"invalid webhook url"}', b"<html>", b"[]", b'{"ok":1}'])
def test_a_group_robot_that_says_200_and_no_has_failed(settings, answer):
    with Receiver(lambda request: (200, {}, answer)) as one:
        settings.OUTGOING_HOSTS = [f"127.0.0.1:{one.port}"]
        made = hook(one.url, "wecom")
        factory.statement()
        assert round_of_duties() == 0
    failed = made.messages.get()
    assert failed.state == "failed"
    assert ("93000" in failed.error) == (b"93000" in answer)


def test_two_rounds_at_once_tell_once(receiver):
    hook(receiver.url)
    factory.statement()
    plan()
    plan()
    assert Message.objects.count() == 1
    hurry()
    assert round_of_duties() == 1


@trying(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.integers(0, 400).map(lambda length: "碳a" * length), max_size=12), st.integers(0, 10**9), st.text(max_size=60))
def test_a_text_for_a_chat_is_never_longer_than_it_takes(words, more, tail):
    named = [(one, f"https://tanxun.example/statements/{number}/") for number, one in enumerate(words)]
    telling = Telling("statement.published", "x" + tail, "", len(named) + more, "https://tanxun.example/statements/", [], named)
    assert len(text(telling).encode()) <= MOST_BYTES < 2_048


def test_a_frozen_issue_of_the_weekly_is_told_once(receiver):
    hook(receiver.url, events=["digest.frozen"])
    issue = Digest.objects.create(week="2026-W03", title="第三周")
    assert round_of_duties() == 0
    frozen = {"frozen": {"entries": []}, "frozen_at": timezone.now(), "published_on": timezone.localdate()}
    Digest.objects.filter(pk=issue.pk).update(**frozen)
    assert (round_of_duties(), round_of_duties()) == (1, 0)
    ((said),) = told(receiver)
    assert (said["event"], said["records"][0]["week"]) == ("digest.frozen", "2026-W03")
