"""What is somebody else's, or was removed, is to everybody else as if it had never been: by address, by form, by sheet, in a
bulk action, with whatever right.

SEC-02, SEC-05, SEC-06, SEC-07, SEC-08, SEC-09, SEC-11, SEC-35 (CWE-639, CWE-203).
"""

import re
import uuid

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from certifications.models import Company, CompanyNote, StatementPolicy, VerificationBody, VerificationStatement
from tanxun.alerts.models import Hook, ScheduledExport, Subscription
from tanxun.digest.models import Digest, NewsItem
from tanxun.listing.models import SavedFilter
from tests import factory as f
from tests.holdings import Holdings, World, body, filled
from tests.hooking import hook
from tests.rights import OWNED, addresses
from tests.sheets import bring, csv_file, row, vocabulary
from tests.test_admin_statement_entry import ADD, CHANGE, sentence
from tests.tokens import bearing, token

pytestmark = pytest.mark.django_db
NEVER = 987_654_321
TOKENS = re.compile(r'name="(?:csrfmiddlewaretoken|form_token)" value="[^"]*"|"X-CSRFToken": *"[^"]*"')


def answered(client, verb, path, data=None, headers=None):
    """(status, headers, text, number of queries) of an answer; what it wrote is taken back."""
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        answer = getattr(client, verb)(path, data or {}, headers=headers or {})
        transaction.set_rollback(True)
    kept = {name: value for name, value in answer.headers.items() if name not in ("Content-Length", "Set-Cookie", "X-Request-ID")}
    return answer.status_code, kept, TOKENS.sub("", answer.content.decode()), len(queries)


def gone():
    """One of each kind of record that has a page, removed; and a week that is not out."""
    news = NewsItem.objects.create(headline="样例", kind="other", section="industry", text="样")
    policy = f.policy()
    made = {"statements": f.statement(), "companies": f.company(), "bodies": f.body("gone"), "policies": policy, "news": news}
    for record in made.values():
        record.remove("样例")
    made |= {"targets": f.target(policy), "incentives": f.incentive(policy), "digests": Digest.objects.create(week="2026-W40")}
    return made


@pytest.mark.parametrize("role", ["reader", "editor", "manager"])
def test_what_was_removed_answers_as_what_never_was(client, role):
    """SEC-02: the same status, headers and body, and as many queries: neither words nor work tell that there was something."""
    user = f.user(role)
    client.force_login(user)
    client.get("/statements/")
    for slug, record in gone().items():
        client.get(f"/{slug}/{NEVER}/")  # what is read once and kept, such as templates and content types
        removed, never = (answered(client, "get", f"/{slug}/{key}/") for key in (record.pk, NEVER))
        assert removed[0] == 404, slug
        assert removed == never, slug
        if slug != "news":
            headers = bearing(token(user))
            client.get(f"/api/v1/{slug}/{NEVER}/", headers=headers)
            made = [answered(client, "get", f"/api/v1/{slug}/{key}/", headers=headers) for key in (record.pk, NEVER)]
            assert made[0] == made[1], slug
    for address in ("/statements/{}.jsonld", "/statements/{}/credential.jsonld", "/policies/{}.jsonld"):
        key = VerificationStatement.with_deleted.first().pk if "statements" in address else f.policy().pk
        if "policies" in address:
            type(f.policy()).objects.get(pk=key).remove("样例")
        assert answered(client, "get", address.format(key)) == answered(client, "get", address.format(NEVER)), address


@pytest.mark.parametrize("role", ["consultant", "manager"])
def test_what_is_anothers_answers_as_what_never_was(client, role):
    """SEC-02, SEC-06, SEC-35: filters, jobs, files, keys, subscriptions, exports and sheets of somebody else."""
    world, user = World(), f.user(role)
    mine = Holdings(user)
    client.force_login(user)
    asked = 0
    for address, name in addresses().items():
        if not OWNED.fullmatch(name) or "<other's>" not in address:
            continue
        if role == "manager" and name == "approval":
            continue  # what others propose is theirs to decide
        theirs = filled(address, name, world, mine)
        key = str(uuid.uuid4()) if re.search(r"[0-9a-f]{8}-", theirs) else str(NEVER)
        never = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+", key, theirs)
        for verb, data in (("get", {}), ("post", body(name, world))):
            client.get(never)
            made = [answered(client, verb, path, data) for path in (theirs, never)]
            assert made[0] == made[1], (verb, address)
            assert made[0][0] in (403, 404, 405), (verb, address)
            asked += made[0][0] == 404
    assert asked >= 8


@pytest.mark.parametrize("key", ["%00", "9" * 30, str(2**63), "-1", "0", "%2e%2e", "abc"])
def test_an_id_that_cannot_be_is_not_found(client, key):
    """API-17, ADM-10: on both engines alike, at every address that carries one; in the admin also the way back to the list."""
    world = World()
    mine = Holdings(f.superuser())
    client.force_login(mine.user)
    for address, name in addresses().items():
        if not re.search(r"<(id|own)>", address) or address.startswith("/admin/r/"):
            continue
        path = re.sub(r"<(id|own)>", key, address)
        path = re.sub(r"<\w+>", "text", path)
        statuses = {client.get(path).status_code, client.post(path, body(name, world)).status_code}
        assert statuses <= ({302, 403, 404} if address.startswith("/admin/") else {404, 405}), address


def test_a_shared_filter_gives_no_rights(client):
    """SEC-05: by its link a reader sees what readers see, and no file."""
    owner = f.user("manager")
    kept = SavedFilter.objects.create(owner=owner, page="statements", name="样", query="q=%E6%A0%B7", shared_with_role="reader")
    f.statement().remove("样例")
    client.force_login(f.user("reader"))
    answer = client.get(f"/saved/{kept.pk}/", follow=True)
    assert answer.status_code == 200
    assert "data-id=" not in answer.content.decode()
    assert client.get(f"/statements.csv?{kept.query}").status_code == 403


def test_who_may_not_see_who_did_what_sees_no_history(client):
    """SEC-07: neither of a record that stands nor of one that was removed, whatever its address."""
    statement = f.statement()
    removed = f.statement()
    removed.remove("样例")
    for role, status in (("reader", 403), ("consultant", 403), ("editor", 403), ("manager", 200)):
        client.force_login(f.user(role))
        for record in (statement, removed):
            assert client.get(f"/admin/certifications/verificationstatement/{record.pk}/history/").status_code == status
    CompanyNote.objects.create(company=statement.company, written_by=f.user("editor"), text="密语")
    page = client.get(f"/admin/certifications/company/{statement.company.pk}/history/").content.decode()
    assert "密语" not in page


@pytest.mark.parametrize("outside", ["removed", "never", "odd"])
def test_a_bulk_edit_is_of_all_that_were_ticked_or_of_none(client, outside):
    """SEC-08: one row that is not there, and nothing is written; what was typed stands."""
    client.force_login(f.user("editor"))
    client.cookies["django_language"] = "en"
    two = [f.statement(), f.statement()]
    two[1].remove("样例")
    keys = [two[0].pk, {"removed": two[1].pk, "never": NEVER, "odd": "abc"}[outside]]
    values = {"register_status": "valid", "reason": "核对"}
    shown = client.post("/statements/edit/", {"id": [two[0].pk], **values}).content.decode()
    version = re.search(r'name="version" value="(\w+)"', shown)[1]
    for more in ({}, {"write": "1", "version": version}):
        answer = client.post("/statements/edit/", {"id": keys, **values, **more})
        assert answer.status_code == 409
        assert "Not every ticked statement is there any more" in answer.content.decode()
        assert 'value="核对"' in answer.content.decode()
    assert not VerificationStatement.with_deleted.filter(register_status="valid").exists()


@pytest.mark.parametrize("action", ["mark_checked", "remove_selected", "confirm_selected"])
def test_an_action_of_the_admin_is_on_all_that_were_ticked_or_on_none(client, action):
    """SEC-08: with a key that the list does not hold, removed meanwhile or made up."""
    client.force_login(f.user("editor"))
    client.cookies["django_language"] = "en"
    stands, removed = f.statement(), f.statement()
    removed.remove("样例")
    before = VerificationStatement.with_deleted.order_by("pk").values()
    was = list(before)
    for other in (removed.pk, NEVER):
        values = {"action": action, "_selected_action": [stands.pk, other], "reason": "样例", "index": "0"}
        answer = client.post(reverse("admin:certifications_verificationstatement_changelist"), values, follow=True)
        assert "Not every ticked row is there any more" in answer.content.decode()
        assert list(before.all()) == was


@pytest.mark.parametrize("key", ["removed", "never"])
def test_a_form_takes_no_record_that_is_not_there(client, key):
    """SEC-09, SEC-11: the company, body, product and replaced statement of a statement, and the policy it is linked to."""
    client.force_login(f.user("editor"))
    company, policy, old = f.company(), f.policy(), f.statement()
    other = f.product(f.company(), "别家产品")
    records = {"company": f.company(), "verification_body": f.body("gone"), "replaces": f.statement(), "consultant": f.company()}
    for record in records.values():
        record.remove("样例")
    policy.remove("样例")
    for name, record in records.items():
        values = sentence(company) | {name: record.pk if key == "removed" else NEVER}
        answer = client.post(reverse(ADD), values)
        assert name in answer.context["adminform"].form.errors, name
    link = {"policy_links-TOTAL_FORMS": 1, "policy_links-0-policy": policy.pk if key == "removed" else NEVER}
    for address in (reverse(ADD), reverse(CHANGE, args=[old.pk])):
        assert client.post(address, sentence(company) | link).status_code == 200
    refused = client.post(reverse(ADD), sentence(company, products=[other.pk if key == "removed" else NEVER]))
    assert "products" in refused.context["adminform"].form.errors
    assert not StatementPolicy.objects.exists()
    assert VerificationStatement.objects.count() == 1


def test_nobody_follows_sends_or_tells_by_what_is_not_theirs(client):
    """SEC-11, SEC-09: a private filter of somebody else in a subscription, an export by mail, a hook; removed records in a
    subscription; each answered as one that never was."""
    other, user = Holdings(f.user("manager", username="another")), f.user("manager")
    client.force_login(user)
    company, policy = f.company(), f.policy()
    company.remove("样例")
    policy.remove("样例")
    for name, key in (("saved_filter", other.filter.pk), ("company", company.pk), ("policy", policy.pk)):
        made = [client.post("/alerts/follow/", {name: one}).status_code for one in (key, NEVER)]
        assert made == [404, 404], name
    schedule = {"ending": "csv", "weekday": 0, "recipients": [user.pk]}
    hooked = {"name": "a", "format": "feishu", "address": "https://open.feishu.cn/open-apis/bot/v2/hook/x", "lead_days": 30}
    for address, values in (("/alerts/exports/add/", schedule), ("/hooks/new/", hooked | {"events": ["statement"]})):
        texts = []
        for key in (other.filter.pk, NEVER):
            answer = client.post(address, values | {"saved_filter": key})
            assert answer.status_code in (400, 422), address
            texts.append(TOKENS.sub("", answer.content.decode()))
        assert texts[0] == texts[1], address
    assert not Subscription.objects.filter(user=user).exists()
    assert not ScheduledExport.objects.filter(owner=user).exists()
    assert not Hook.objects.exists()


def test_a_note_and_a_hook_stay_where_they_are(client):
    """SEC-09: a note is not moved to another company, a removed hook is not written to."""
    first, second = f.company(), f.company()
    user = f.user("consultant")
    note = CompanyNote.objects.create(company=first, written_by=user, text="我的")
    client.force_login(user)
    values = {"action": "save", "note": note.pk, "version": 1, "text": "改", "company": second.pk}
    assert client.post(second.get_absolute_url(), values).status_code == 404
    assert client.post(first.get_absolute_url(), values).status_code == 302
    note.refresh_from_db()
    assert (note.company, note.text) == (first, "改")
    removed = hook("https://hooks.example.org/1", removed_at=note.written_at)
    client.force_login(f.user("manager"))
    assert client.post(f"/hooks/{removed.pk}/", {"action": "go_on"}).status_code == 404


@pytest.mark.parametrize("name", ["company", "consultant", "policy"])
def test_a_list_asked_by_a_removed_record_is_asked_by_none(client, name):
    """SEC-11, SEC-13: the filter by id answers for a removed record as for one that never was."""
    client.force_login(f.user())
    company, policy = f.company(), f.policy()
    made = f.statement()
    StatementPolicy.objects.create(statement=made, policy=policy, concerns=True)
    for statement in (f.statement(company=company), f.statement(consultant=company)):
        statement.remove("样例")
    record = policy if name == "policy" else company
    record.remove("样例")
    for slug in ("statements", "policies", "companies"):
        answers = []
        for key in (record.pk, NEVER):
            text = client.get(f"/{slug}.atom?{name}={key}")
            answers.append((text.status_code, re.sub(r"<updated>.*?</updated>", "", text.content.decode()).replace(str(key), "")))
        assert answers[0] == answers[1], slug


def test_a_sheet_attaches_nothing_to_what_was_removed(tmp_path):
    """SEC-11: rows that name a removed company or body make new ones, and say so; the removed ones stay as they are."""
    vocabulary()
    company, lost = f.company("苏州样例电子有限公司"), f.body("lost", "样例核查所")
    company.remove("样例")
    lost.remove("样例")
    outcome = bring(csv_file(tmp_path, row(body="样例核查所")), user=f.user("editor").pk)
    made = VerificationStatement.objects.get()
    assert made.company.name == company.name
    assert made.company.deleted_at is made.verification_body.deleted_at is None
    assert (made.company.pk, made.verification_body.pk) != (company.pk, lost.pk)
    assert Company.with_deleted.filter(name=company.name).count() == 2
    assert VerificationBody.with_deleted.filter(name=lost.name).count() == 2
    assert outcome.findings.counts


def test_a_token_speaks_for_its_owner_alone(client):
    """SEC-35: whoever is named in the address beside it, the answer is its owner's or a refusal."""
    one, other = Holdings(f.user("consultant")), Holdings(f.user("manager"))
    headers = bearing(one.tokens["read"][1])
    for query in (f"user={other.user.pk}", f"owner={other.user.pk}", f"as={other.user.username}"):
        assert client.get(f"/api/v1/statements/?{query}", headers=headers).status_code == 400
    for path in (f"/saved/{other.filter.pk}/", f"/jobs/{other.open_job.pk}/hint/", f"/saved/{one.filter.pk}/"):
        assert "/login/" in client.get(path, headers=headers)["Location"]
    assert client.get(f"/exports/{other.export.pk}/", headers=headers).status_code == 404
    assert client.get("/statements.csv", headers=bearing(one.tokens["export"][1])).status_code == 403
