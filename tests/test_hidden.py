"""What a person may not see is on no page of theirs, and no page of theirs tells by order, filter, search or count that it is
there: removed records, drafts, weeks not yet out, other people's notes, filters, jobs, keys and sheets.

SEC-13, SEC-03, SEC-04, SEC-05, NWS-13, EXP-18 (CWE-203, CWE-862).
"""

import datetime as dt
import difflib
import re
from io import BytesIO
from urllib.parse import quote
from zipfile import ZipFile

import pytest
import time_machine
from django.utils import timezone

from certifications.models import CompanyNote, CompanyPolicy, StatementPolicy
from policies.models import PolicyLink
from tanxun.digest.models import Digest, Draft, NewsItem
from tanxun.listing.keys import AccessKey
from tanxun.listing.models import SavedFilter
from tanxun.listing.page import find, pages
from tests import factory as f
from tests.holdings import Holdings, World, filled, newsletter
from tests.rights import addresses, table
from tests.test_rights import ACCOUNTS, STRANGERS, TOKENS
from tests.tokens import token

pytestmark = pytest.mark.django_db
REMOVED, DRAFT, WEEK, NOTE, PRIVATE = "隐去甲", "隐稿乙", "隐周丙", "隐注丁", "隐私戊"
ALL = (REMOVED, DRAFT, WEEK, NOTE, PRIVATE)
SOON = timezone.localdate() + dt.timedelta(days=20)
CHANGES = re.compile(  # of every request: tokens of forms, and when a document was written
    r'name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": *"[^"]*"|[0-9a-f]{32}|<updated>[^<]*</updated>'
    r"|<dcterms:[^<]*"
)
# Where staff do meet what others do not see.
WORK = {
    "editor": {
        REMOVED: ("/bin/", "/admin/"),
        DRAFT: ("/review/", "/admin/digest/", "/digests/compose/"),
        WEEK: ("/digests/compose/", "/admin/digest/"),
        NOTE: ("/", "/companies/"),
        PRIVATE: (),
    }
}
WORK["manager"] = WORK["editor"] | {PRIVATE: ("/admin/jobs/", "/admin/alerts/")}


def hide(world, others):
    """Beside everything that there is, what is not for everybody; and links to it, as staff left them."""
    company, policy, statement = world.statement.company, world.policy, world.statement
    gone = [
        f.statement(company=company, certificate_number=f"{REMOVED}-1", valid_until=SOON, summary=REMOVED),
        f.company(f"{REMOVED}公司"),
        f.policy(f"{REMOVED}政策", comment_by=SOON, region=policy.region, topics=policy.topics.all()),
        f.body("gone", f"{REMOVED}机构"),
        NewsItem.objects.create(headline=f"{REMOVED}消息", kind="other", section="industry", text=REMOVED, source_on=SOON),
    ]
    f.target(gone[2], indicator=f"{REMOVED}指标", value=3, unit="家", year=2030)
    f.incentive(gone[2], who_qualifies=f"{REMOVED}单位", apply_by=SOON)
    for kind, one, another in (("implements", policy, gone[2]), ("amends", gone[2], policy)):
        PolicyLink.objects.create(policy=one, other=another, kind=kind)
    type(statement).objects.filter(pk=statement.pk).update(replaces=gone[0])
    type(company).objects.filter(pk=company.pk).update(parent=gone[1])
    StatementPolicy.objects.create(statement=statement, policy=gone[2], concerns=True)
    StatementPolicy.objects.create(statement=gone[0], policy=policy, concerns=True)
    CompanyPolicy.objects.create(company=company, policy=gone[2], concerns=True)
    CompanyPolicy.objects.create(company=gone[1], policy=policy, concerns=True)
    for record in gone:
        record.remove(REMOVED)
    for number, (name, record) in enumerate((("statement", gone[0]), ("policy", gone[2]), ("news_item", gone[4]))):
        newsletter(Draft.Status.ACCEPTED, headline=f"{DRAFT}{name}", text=f"{DRAFT}{number}{company}\n", **{name: record})
    newsletter(headline=f"{DRAFT}题", text=f"{DRAFT}正文\n")
    newsletter(Draft.Status.REJECTED, headline=f"{DRAFT}弃", text=f"{DRAFT}弃稿\n")
    Digest.objects.create(week="2026-W41", title=f"{WEEK}题", lead=WEEK)
    for author in others:
        CompanyNote.objects.create(company=company, written_by=author, text=NOTE, follow_up_on=timezone.localdate())
    private(others[0])


def private(other):
    theirs = Holdings(other)
    SavedFilter.objects.filter(owner=other).update(name=PRIVATE)
    theirs.job(title=PRIVATE)
    type(theirs.sheet).objects.filter(pk=theirs.sheet.pk).update(name=f"{PRIVATE}.xlsx")
    AccessKey.objects.filter(user=other).update(label=PRIVATE)
    type(theirs.message).objects.filter(pk=theirs.message.pk).update(subject=PRIVATE)


def asked_of(role, world, mine):
    """Every address that the table opens to that role, and the lists asked in every order."""
    lines = table()
    open_ones = [(one, name) for one, name in addresses().items() if lines.get((one, "GET"), {}).get(role) == "ok"]
    yield from (filled(address, name, world, mine) for address, name in open_ones)
    for page in pages():
        for start in (f"/{page.slug}/", f"/api/v1/{page.slug}/") if role != "read" else (f"/api/v1/{page.slug}/",):
            yield from (f"{start}?sort={column.key}&columns=all" for column in find(page.slug).columns if column.sort)
    if role != "read":
        yield from ("/companies/?gap=12", "/companies/?statements_min=0", "/expiring/?within=90", "/search/?q=样例")


@pytest.fixture
def person(request, settings, client):
    role = request.param
    settings.PUBLIC_READ, settings.API_BURST = role == "public", 10_000
    world, user = World(), f.user(ACCOUNTS.get(role, role))
    mine, headers = Holdings(user), {"Accept-Language": "en"}
    if role in TOKENS:
        headers["Authorization"] = f"Bearer {mine.tokens[role][1]}"
    elif role not in STRANGERS:
        client.force_login(user)
    with time_machine.travel(timezone.now(), tick=False):  # files say to the minute when they were written
        yield role, client, headers, world, mine


@pytest.mark.parametrize("person", ["editor", "manager"], indirect=True)
def test_staff_meet_hidden_things_where_they_work_with_them(person):
    """SEC-13, EXP-18: drafts at the desk, removed records in the admin, an open week where it is composed; nowhere else, and
    nobody's filters, keys and sheets at all."""
    role, client, headers, world, mine = person
    others = [f.user(other, username=f"hider-{other}") for other in ("editor", "consultant")]
    hide(world, others)
    met = dict.fromkeys(ALL, 0)
    for path in asked_of(role, world, mine):
        answer = client.get(path, headers=headers)
        content = text_of(path, b"".join(answer) if answer.streaming else answer.content)
        for word, places in WORK[role].items():
            is_work = any(path == place or (place != "/" and path.startswith(place)) for place in places)
            assert is_work or word not in content, (path, word)
            met[word] += word in content
    assert all(met[word] for word, places in WORK[role].items() if places), met


def text_of(path, content):
    """What a file says, unpacked where it is a workbook; of calendars only what still stands."""
    ending = path.partition("?")[0].rpartition(".")[2]
    if ending == "xlsx" and content[:2] == b"PK":
        with ZipFile(BytesIO(content)) as book:
            return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    text = content.decode()
    return "".join(one for one in text.split("BEGIN:VEVENT") if "STATUS:CANCELLED" not in one) if ending == "ics" else text


def answers(client, headers, paths):
    made = {}
    for path in paths:
        answer = client.get(path, headers=headers)
        content = b"".join(answer) if answer.streaming else answer.content
        made[path] = answer.status_code, CHANGES.sub("", text_of(path, content))
    return made


def without(text, word):
    """`text` without the word itself, as it was asked for and as addresses carry it."""
    return text.replace(word, "").replace(quote(quote(word)), "").replace(quote(word), "")


def difference(before, after):
    lines = [f"{status}\n{text}".splitlines() for status, text in (before, after)]
    return "\n".join(line for line in difflib.unified_diff(*lines, n=0, lineterm="") if line[:3] not in ("---", "+++"))


@pytest.mark.parametrize("person", ["public", "reader", "consultant", "read", "export"], indirect=True)
def test_hidden_things_change_nothing(person):
    """SEC-13: each answer is, to the letter, what it was before there was anything to hide; so nothing can be asked out of it."""
    role, client, headers, world, mine = person
    paths = [path for path in asked_of(role, world, mine) if not path.endswith(".ics")]  # calendars are told what was called off
    others = [f.user(other, username=f"hider-{other}") for other in ("editor", "consultant")]
    answers(client, headers, paths)  # once for what is noted of a first time, such as the use of a key
    before = answers(client, headers, paths)
    hide(world, others)
    after = answers(client, headers, paths)
    assert len(paths) > 40
    wrong = {path: difference(before[path], after[path]) for path in paths if before.get(path) != after.get(path)}
    assert not wrong, "\n".join(f"{path}\n{lines}" for path, lines in wrong.items())
    assert not [path for path, (_status, text) in after.items() if any(word in text for word in ALL)]


@pytest.mark.parametrize("person", ["public", "reader", "consultant"], indirect=True)
def test_hidden_words_find_nothing(person):
    """SEC-13, NWS-13: who searches for what is hidden is told what they are told of a word that is nowhere."""
    _role, client, headers, world, _mine = person
    hide(world, [f.user(other, username=f"hider-{other}") for other in ("editor", "consultant")])
    nowhere = "虚无己"
    for address in ("/search/", *(f"/{page.slug}{ending}" for page in pages() for ending in ("/", "/total/", ".atom"))):
        answer = {word: client.get(address, {"q": word}, headers=headers) for word in (nowhere, *ALL)}
        plain = {word: CHANGES.sub("", one.content.decode()) for word, one in answer.items()}
        for word in ALL:
            texts = [without(plain[one], one) for one in (nowhere, word)]
            assert difference((200, texts[0]), (200, texts[1])) == "", (address, word)


NO_PARAMETERS = (
    *(
        "notes__text=a",
        "notes__follow_up_on=2026-01-01",
        "notes=1",
        "deleted_at=none",
        "deleted_reason=a",
        "drafts__status=pending",
    ),
    *("owner__password__startswith=a", "created_by__email=a", "frozen_by__password__startswith=a", "history__history_user=1"),
    *(
        "sort=notes",
        "sort=notes__follow_up_on",
        "sort=deleted_at",
        "sort=-owner__password",
        "columns=notes",
        "columns=deleted_reason",
    ),
)


@pytest.mark.parametrize("query", NO_PARAMETERS)
def test_no_parameter_reaches_a_hidden_field(client, settings, query):
    """FLT-18, SEC-13: neither filter nor order nor column, whoever asks and in whatever representation; 400 before any row."""
    settings.API_BURST = 10_000
    World()
    user = f.superuser()
    client.force_login(user)
    bearer = {"Authorization": f"Bearer {token(user)}"}
    for page in pages():
        for ending in ("/", ".csv", ".xlsx", ".jsonl", ".atom"):
            assert client.get(f"/{page.slug}{ending}?{query}").status_code == 400, (page.slug, ending)
        assert client.get(f"/api/v1/{page.slug}/?{query}", headers=bearer).status_code == 400, page.slug


@pytest.mark.parametrize("lookup", ["created_by__password__startswith", "owner__password__startswith", "company__notes__text"])
def test_the_admin_filters_by_no_hidden_field_either(client, lookup):
    """FLT-18: what its lists do not offer leads back to the whole list, with a message, whatever the value."""
    world = World()
    client.force_login(f.user("manager"))
    for path in ("certifications/verificationstatement", "digest/newsletter", "alerts/hook", "jobs/job"):
        places = {
            client.get(f"/admin/{path}/", {lookup: value}).status_code for value in ("a", "p", world.other.user.password[:9])
        }
        assert places == {302}, path
