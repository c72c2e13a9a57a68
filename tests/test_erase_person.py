"""DATA-11: a person is erased: the name stands nowhere any more, what they did stays counted, and the histories stay sealed."""

import json

import pytest
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection, models
from simple_history.models import HistoricalChanges

from certifications.models import VerificationStatement
from tanxun.alerts.models import Message
from tanxun.jobs.models import Job
from tanxun.listing import exports
from tanxun.listing.models import SavedFilter
from tanxun.records import sealing
from tanxun.records.models import Proposal
from tanxun.site import soundness
from tanxun.site.models import User
from tanxun.site.tables import kept_models
from tests import factory
from tests.four_eyes import browser, decide, people, save, waiting  # noqa: F401 - a fixture
from tests.holdings import Holdings

pytestmark = pytest.mark.django_db
SOUND = [check for check in soundness.CHECKS if check is not soundness.search_index]  # written at a commit, which no test makes
NAMES = ("wangxiaoming", "王小明", "xiaoming.wang@example.com")


@pytest.fixture
def person(people):  # noqa: F811
    """A manager who left traces everywhere: history, approval, mails, jobs, a file, a filter, sign-ins."""
    user = factory.user("manager", username=NAMES[0], display_name=NAMES[1], email=NAMES[2])
    me = type(people.editor)(user=user, page=browser(user))
    statement = factory.statement()
    save(me, statement, summary="by me", change_reason="王小明核对")
    decide(people.manager, waiting())
    save(people.editor, statement, summary="approved by me")
    decide(me, waiting())
    save(me, factory.statement(), summary="not yet")
    holdings = Holdings(user)
    SavedFilter.objects.create(owner=people.editor.user, page="statements", query="", name="王小明的客户")
    Message.objects.filter(recipient=f"user-{user.pk}").update(payload={"to": NAMES[2]}, subject="王小明:周报")
    Job.objects.filter(pk=holdings.open_job.pk).update(title="为王小明导出", arguments={"who": NAMES[1]})
    AccessAttempt.objects.create(username=NAMES[0], ip_address="192.0.2.1", user_agent="x", failures_since_start=1)
    AccessFailureLog.objects.create(username="WangXiaoming", ip_address="192.0.2.1", user_agent="x")
    AccessLog.objects.create(username=NAMES[2].upper(), ip_address="192.0.2.1", user_agent="x")
    if apps.is_installed("tanxun.site.sso"):
        of_company(user)
    root = factory.superuser()
    LogEntry.objects.create(user=root, action_flag=2, object_repr="王小明", change_message="email wangxiaoming")
    company = factory.company("王小明机械有限公司")  # a firm may be called so: it is a fact, and no trace of the person
    return user, statement, holdings, company


def of_company(user):
    """What the company's server said of them, and their second factor."""
    from allauth.mfa.models import Authenticator
    from allauth.socialaccount.models import SocialAccount

    claims = {"sub": "u-7", "preferred_username": NAMES[0], "name": NAMES[1], "email": NAMES[2]}
    SocialAccount.objects.create(user=user, provider="https://id.example", uid="u-7", extra_data=claims)
    for kind in ("totp", "recovery_codes"):
        Authenticator.objects.create(user=user, type=kind, data={"secret": "x"})


def everywhere():
    """Each (model, column) in which one of the names stands as text, on whatever engine."""
    found = set()
    kept = [*kept_models(), *(model for model in apps.get_models() if model._meta.app_label == "sessions")]
    for model in kept:
        for field in model._meta.concrete_fields:
            if not isinstance(field, models.CharField | models.TextField | models.JSONField):
                continue
            for value in model._base_manager.values_list(field.attname, flat=True):
                text = json.dumps(value, ensure_ascii=False, default=str)
                if any(name in text for name in NAMES):
                    found.add((model._meta.label, field.name))
    return found


def numbers():
    kept = [model for model in apps.get_models() if issubclass(model, HistoricalChanges)]
    rows = {model._meta.label: model._base_manager.count() for model in kept}
    return rows | {
        model._meta.label: model.objects.count() for model in (VerificationStatement, Proposal, SavedFilter, User, Job)
    }


def test_the_name_is_nowhere_and_every_count_is_the_same(person, capsys):
    """DATA-11."""
    user, statement, holdings, company = person
    facts = {(f"{label}", name) for label, name in everywhere() if label.startswith(("certifications.", "search."))}
    assert ("records.Proposal", "data") in everywhere()
    assert ("certifications.HistoricalVerificationStatement", "history_change_reason") in everywhere()
    before = numbers()
    of_them = statement.history.filter(history_user=user).count()
    call_command("erase_person", NAMES[0], "--yes", "--reason", "asked for by letter", "--lang", "en")
    assert "Erased: account" in capsys.readouterr().out
    left = everywhere()
    assert left <= {each for each in facts if each[1] not in ("history_change_reason", "deleted_reason")}
    assert {label for label, _name in left} >= {"certifications.Company"}
    company.refresh_from_db()
    assert company.name == "王小明机械有限公司"
    assert numbers() == before
    assert statement.history.filter(history_user=user).count() == of_them > 0
    user.refresh_from_db()
    assert (user.is_active, user.email, user.has_usable_password()) == (False, "", False)
    assert str(user) != NAMES[1]
    assert not (exports.folder() / f"{holdings.export.pk}.csv").exists()
    assert LogEntry.objects.filter(object_id=str(user.pk), change_message="asked for by letter").exists()
    assert not AccessFailureLog.objects.exists()
    assert not AccessLog.objects.exists()
    for model in apps.get_models():
        if model._meta.app_label in ("mfa", "socialaccount"):
            assert not model.objects.exists()
    assert sealing.standing("default") == set(sealing.histories())
    assert not [fault for check in SOUND for fault in check(connection.alias)]


def test_pages_go_on_and_name_a_number(person, people):  # noqa: F811
    user, statement, _holdings, _company = person
    waits = Proposal.objects.waiting().exclude(told=[]).get()
    call_command("erase_person", NAMES[0], "--yes", "--lang", "en")
    shown = people.manager.page.get(f"/admin/certifications/verificationstatement/{statement.pk}/history/").content.decode()
    assert NAMES[1] not in shown
    assert str(User.objects.get(pk=user.pk)) in shown
    assert "disabled" in decide(people.manager, waits, status=409)
    assert people.manager.page.get("/approvals/?state=approved").status_code == 200


def test_it_asks_and_refuses(person, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda: "somebody")
    with pytest.raises(CommandError, match="nothing was changed"):
        call_command("erase_person", NAMES[0], "--lang", "en")
    with pytest.raises(CommandError, match="no such user"):
        call_command("erase_person", "nobody", "--lang", "en")
    with pytest.raises(CommandError, match="Nobody erases themselves"):
        call_command("erase_person", "root", "--yes", "--lang", "en")
    with pytest.raises(CommandError, match="last administrator"):
        call_command("erase_person", "root", "--yes", "--as", NAMES[0], "--lang", "en")
    assert User.objects.get(username=NAMES[0]).email == NAMES[2]


KEPT = (
    "zhang@other.cn",
    "li.zhang@other.cn and li-zhang@other.cn",
    "li+zhang@other.cn",
    "https://other.cn/zhang/1",
    "https://zhang.other.cn/",
    "see other.cn/people/zhang.html",
    "zhang-san.xlsx of ouzhang",
    "boss@zhang.cn",
    "zhang@corp.cn.example and old-zhang@corp.cn",
    "zhang_san is not him, nor is zhangs",
)
CHANGED = {
    "asked by zhang.": "asked by {}.",
    "(zhang)": "({})",
    "checked -zhang": "checked -{}",
    "@zhang please": "@{} please",
    "zhang/王 and 王/zhang": "{}/王 and 王/{}",
    "zhang": "{}",
    "mail zhang@corp.cn, or zhang": "mail {}, or {}",
    "by Zhang San-new/li": "by {}-new/li",
    "由zhang核对": "由{}核对",
}


def test_a_sign_in_name_inside_the_address_of_somebody_else_stays():
    """DATA-11: it would lead a mail astray, and break an address."""
    user = factory.user("reader", username="zhang", display_name="Zhang San", email="zhang@corp.cn")
    factory.superuser()
    filters = {}
    for number, words in enumerate((*KEPT, *CHANGED)):
        filters[words] = SavedFilter.objects.create(owner=User.objects.get(username="root"), page=str(number), name=words)
    fields = {"zhang": "zhang", "to": "zhang@other.cn", "all": ["zhang@other.cn", {"zhang": 1}]}
    message = Message.objects.create(channel="mail", recipient="user-0", key="k", kind="notice", payload=fields)
    call_command("erase_person", "zhang", "--yes", "--lang", "en")
    user.refresh_from_db()
    for words, row in filters.items():
        row.refresh_from_db()
        assert row.name == CHANGED.get(words, words).format(*[user.display_name] * 2)
    message.refresh_from_db()
    assert message.payload == fields | {"zhang": user.display_name}


def test_a_longer_name_that_holds_the_name_stays():
    """Chinese puts nothing between words: who is called 王伟 is not 王伟业, and no firm of that name."""
    user = factory.user("reader", username="ww", display_name="王伟", email="ww@corp.cn")
    factory.user("editor", username="wwy", display_name="王伟业")
    root = factory.superuser()
    factory.company("王伟精密机械有限公司")
    note = SavedFilter.objects.create(owner=root, page="statements", name="王伟核对：王伟业、王伟精密机械有限公司、（王伟）")
    statement = factory.statement()
    statement._change_reason = "王伟业已问过王伟"
    statement.save()
    call_command("erase_person", "ww", "--yes", "--lang", "en")
    user.refresh_from_db()
    note.refresh_from_db()
    now = user.display_name
    assert note.name == f"{now}核对：王伟业、王伟精密机械有限公司、（{now}）"
    assert statement.history.latest().history_change_reason == f"王伟业已问过{now}"


@pytest.mark.parametrize("name", ["王", "主管", "editor"])
def test_a_name_that_is_a_word_of_everybody_is_refused(name):
    user = factory.user("reader", username="ww", display_name=name)
    root = factory.superuser()
    note = SavedFilter.objects.create(owner=root, page="statements", name=f"问{name}")
    with pytest.raises(CommandError, match="change it in the account"):
        call_command("erase_person", "ww", "--yes", "--lang", "en")
    user.refresh_from_db()
    note.refresh_from_db()
    assert (user.display_name, note.name) == (name, f"问{name}")
