"""Row 91: entries come in once, with their day and link; addresses are asked only where that is on."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from certifications.models import VerificationStatement
from policies.models import Policy
from tanxun.digest import intake
from tanxun.digest.feeds import daily
from tanxun.digest.feeds.daily import read_all, read_due
from tanxun.digest.feeds.intake import AT_ONCE, take_file, take_source
from tanxun.digest.feeds.models import FeedEntry, FeedSource
from tanxun.digest.feeds.tasks import start_reading
from tanxun.digest.models import Newsletter
from tanxun.digest.sources import SourceError
from tanxun.jobs.models import State
from tests import factory
from tests.receivers import Receiver
from tests.test_intake import editor  # noqa: F401 - a fixture
from tests.working import work_off

SAMPLES = Path(__file__).parent / "samples" / "feeds"
MINISTRY = SAMPLES / "industry_ministry.xml"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


@pytest.fixture
def served(settings):
    """A feed at an address; `answer` may be changed."""
    settings.FEED_FETCH = True
    answers = [(200, {"ETag": '"v1"', "Content-Type": "application/rss+xml"}, MINISTRY.read_bytes())]
    with Receiver(lambda request: answers[-1]) as one:
        settings.OUTGOING_HOSTS = [f"127.0.0.1:{one.port}"]
        one.answers = answers
        yield one


def source(receiver, **kwargs):
    return FeedSource.objects.create(name="工信部", address=f"{receiver.url}rss.xml", **kwargs)


def many(count, first=0):
    items = "".join(f"<item><title>第{n}条动态</title><link>https://a.example/{n}</link></item>" for n in range(first, count))
    return f"<rss><channel><title>多</title>{items}</channel></rss>".encode()


def test_a_file_becomes_one_newsletter_with_an_item_for_each_entry(editor):  # noqa: F811
    taken = take_file("a.xml", MINISTRY.read_bytes(), editor)
    drafts = list(taken.newsletter.drafts.order_by("order"))
    assert (taken.new, len(drafts)) == (3, 3)
    assert [draft.kind for draft in drafts] == ["policy", "statement", "other"]
    assert drafts[0].headline == "工业和信息化部关于印发《零碳工厂建设指南（样例）》的通知"
    start, end = drafts[1].fields["company"]["spans"][0]
    assert taken.newsletter.text[start:end] == "苏州星河家电有限公司"
    assert not Policy.objects.exists()
    assert not VerificationStatement.objects.exists()


def test_the_same_entries_come_in_once_by_file_and_by_address(editor, served):  # noqa: F811
    take_file("a.xml", MINISTRY.read_bytes(), editor)
    again = take_file("b.xml", MINISTRY.read_bytes(), editor)
    by_address = take_source(source(served), editor)
    assert (again.newsletter, again.known, by_address.newsletter) == (None, 3, None)
    assert (Newsletter.objects.count(), FeedEntry.objects.exclude(source=None).count()) == (1, 0)


def test_what_is_accepted_keeps_the_day_and_the_link_of_its_entry(editor):  # noqa: F811
    newsletter = take_file("a.xml", MINISTRY.read_bytes(), editor).newsletter
    outcome = intake.accept_all(newsletter, editor)
    assert outcome.accepted == 3, [str(why) for _draft, why in outcome.left]
    policy, statement = Policy.objects.get(), VerificationStatement.objects.get()
    assert policy.source_url == "https://miit.example/zwgk/art/2026/art_001.html?from=rss&id=1"
    assert (policy.source_on, policy.week_on) == (dt.date(2026, 3, 5), dt.date(2026, 3, 5))
    assert statement.source_url == "https://miit.example/zwgk/art/2026/art_002.html"
    assert statement.source_on == dt.date(2026, 3, 6)


def test_only_new_entries_make_a_newsletter(editor, served):  # noqa: F811
    feed = source(served)
    served.answers.append((200, {}, many(2)))
    assert take_source(feed, editor).new == 2
    served.answers.append((200, {}, many(3)))
    taken = take_source(feed, editor)
    assert (taken.new, taken.known) == (1, 2)
    assert taken.newsletter.drafts.get().headline == "第2条动态"


def with_session(number, day="Thu, 05 Mar 2026 08:00:00 +0800", words=""):
    said = f"近日,苏州样例公司的洗衣机获得SGS颁发的产品碳足迹核查声明。{words}"
    date = f"<pubDate>{day}</pubDate>" if day else ""
    item = f"<item><title>苏州样例公司获证</title><link>http://a.example/1?session={number}</link>{date}<description>{said}</description></item>"
    return f"<rss><channel><title>部</title>{item}</channel></rss>".encode()


@pytest.mark.parametrize("day", ["Thu, 05 Mar 2026 08:00:00 +0800", ""])
def test_a_server_that_gives_its_entries_other_links_each_time_brings_them_in_once(editor, day):  # noqa: F811
    assert take_file("a.xml", with_session(1, day), editor).new == 1
    for number in (2, 3, 2):
        taken = take_file("a.xml", with_session(number, day), editor)
        assert (taken.new, taken.known, taken.newsletter) == (0, 1, None)
    assert take_file("a.xml", with_session(4, day, "另一条。"), editor).new == 1


def test_of_very_many_the_rest_waits_for_the_next_reading(editor, served):  # noqa: F811
    feed = source(served)
    served.answers.append((200, {"ETag": '"v1"'}, many(AT_ONCE + 3)))
    first, second = take_source(feed, editor), take_source(feed, editor)
    assert (first.new, first.waiting, second.new, second.waiting) == (AT_ONCE, 3, 3, 0)
    assert "If-None-Match" not in served.requests[1][2]


def test_an_unchanged_feed_is_not_sent_again(editor, served):  # noqa: F811
    feed = source(served)
    take_source(feed, editor)
    served.answers.append((304, {}, b""))
    assert take_source(feed, editor).newsletter is None
    assert served.requests[1][2]["If-None-Match"] == '"v1"'
    assert not feed.error


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((500, {}, b""), "500"),
        ((200, {}, b"<html></html>"), "web page"),
        ((302, {"Location": "http://10.0.0.1/"}, b""), "private"),
    ],
)
def test_what_cannot_be_read_says_why_and_loses_nothing(editor, served, answer, words):  # noqa: F811
    feed = source(served)
    take_source(feed, editor)
    served.answers.append(answer)
    with pytest.raises(SourceError, match=words):
        take_source(feed, editor)
    feed.refresh_from_db()
    assert words in feed.error
    assert feed.read_at
    assert FeedEntry.objects.exclude(source=None).count() == 3
    served.answers.append((200, {}, many(1)))
    assert take_source(feed, editor).new == 1
    assert not feed.error


def test_addresses_are_asked_only_where_that_is_on(settings, editor, served, client):  # noqa: F811
    """SEC-42: off by default."""
    feed = source(served)
    settings.FEED_FETCH = False
    with pytest.raises(SourceError, match="FEED_FETCH"):
        take_source(feed, editor)
    read_due()
    client.force_login(editor)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("digest:feeds")).content.decode()
    assert "FEED_FETCH=1" in page
    assert 'value="read"' not in page
    assert not served.requests


def test_every_feed_is_read_once_a_day(editor, served, time_machine):  # noqa: F811
    feed = source(served)
    source_paused = FeedSource.objects.create(name="停", address=f"{served.url}other.xml", is_active=False)
    read_all()
    read_all()
    assert len(served.requests) == 1
    time_machine.move_to(timezone.now() + dt.timedelta(hours=25))
    served.answers.append((500, {}, b""))
    read_all()
    read_all()
    assert len(served.requests) == 2
    feed.refresh_from_db()
    assert "500" in feed.error
    source_paused.refresh_from_db()
    assert source_paused.asked_at is None


def test_the_empty_date_of_a_program_is_none(editor):  # noqa: F811
    """What .NET writes where it has no date."""
    item = "<item><title>没有日期的动态</title><pubDate>0001-01-01T00:00:00Z</pubDate></item>"
    taken = take_file("a.xml", f"<rss><channel>{item}</channel></rss>".encode(), editor)
    assert (taken.new, taken.newsletter.drafts.get().source_on.year) == (1, timezone.localdate().year)


def test_a_fault_of_ours_in_one_feed_stands_with_it_and_holds_up_no_other(editor, served, monkeypatch):  # noqa: F811
    first, second = source(served), FeedSource.objects.create(name="后", address=f"{served.url}later.xml")

    def breaks(feed, user):
        return take_source(feed, user) if feed.pk == second.pk else 1 // 0

    monkeypatch.setattr(daily, "take_source", breaks)
    read_all()
    first.refresh_from_db()
    second.refresh_from_db()
    assert "fault of the program" in first.error
    assert second.read_at
    assert not second.error


def test_read_now_is_a_job_with_a_way_to_the_drafts(editor, served):  # noqa: F811
    feed = source(served)
    job = work_off(start_reading(feed, editor))
    assert (job.state, job.result["url"]) == (State.DONE, Newsletter.objects.get().get_absolute_url())
    served.answers.append((404, {}, b""))
    job = work_off(start_reading(feed, editor))
    assert job.state == State.FAILED
    assert "404" in job.error


def test_the_page_takes_a_file_an_address_and_says_what_is_wrong(client, editor, served):  # noqa: F811
    client.force_login(editor)
    client.cookies["django_language"] = "en"
    address = reverse("digest:feeds")
    assert "No feed yet" in client.get(address).content.decode()
    answer = client.post(address, {"upload": "1", "file": SimpleUploadedFile("a.xml", MINISTRY.read_bytes())})
    assert answer["Location"] == Newsletter.objects.get().get_absolute_url()
    assert "https://miit.example/zwgk/art/2026/art_001.html" in client.get(answer["Location"]).content.decode()
    for data, words in ((b"<html/>", "web page"), (b"", "feed"), (b"x" * 2_000_001, "2 MB")):
        answer = client.post(address, {"upload": "1", "file": SimpleUploadedFile("a.xml", data)})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert client.post(address, {"upload": "1"}).status_code == 422
    for bad in ("http://10.0.0.1/rss", "file:///etc/passwd", "hello", ""):
        answer = client.post(address, {"name": "My name", "address": bad})
        assert answer.status_code == 422
        assert "My name" in answer.content.decode()
    assert client.post(address, {"name": "工信部", "address": f"{served.url}rss.xml"}).status_code == 302
    assert client.post(address, {"name": "再来", "address": f"{served.url}rss.xml"}).status_code == 422
    feed = FeedSource.objects.get()
    place = reverse("digest:feed", args=[feed.pk])
    client.post(place, {"action": "pause"})
    assert not FeedSource.objects.get().is_active
    client.post(place, {"action": "remove"})
    assert not FeedSource.objects.exists()
    assert Newsletter.objects.count() == 1


def test_only_reviewers_see_feeds(client):
    for role, status in (("reader", 403), ("consultant", 403), ("editor", 200)):
        client.force_login(factory.user(role))
        assert client.get(reverse("digest:feeds")).status_code == status
        if status == 403:
            assert client.post(reverse("digest:feeds"), {"name": "a", "address": "https://a.example/"}).status_code == 403


def test_the_command_reads_files_and_addresses(editor, served, capsys, tmp_path):  # noqa: F811
    call_command("read_feed", str(MINISTRY), str(SAMPLES / "ecology_department.atom"), lang="en")
    assert "3 new entries to review." in capsys.readouterr().out
    assert Newsletter.objects.count() == 2
    source(served)
    served.answers.append((200, {}, many(2)))
    call_command("read_feed", "--all", lang="en")
    assert "工信部: 2 new entries to review." in capsys.readouterr().out
    bad = tmp_path / "bad.xml"
    bad.write_text("nothing")
    with pytest.raises(CommandError) as fault:
        call_command("read_feed", str(bad), str(tmp_path / "missing.xml"), lang="en")
    assert fault.value.returncode == 1
    errors = capsys.readouterr().err
    assert errors.count("\n") == 2
    with pytest.raises(CommandError) as fault:
        call_command("read_feed", lang="en")
    assert fault.value.returncode == 2
