"""DATA-10: what lay in the bin for long goes for good by a manager's decision; its history stays, with an entry that says who,
when and why; whatever something that stays points to remains.
"""

import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from certifications.models import Company, Product, VerificationStatement
from policies.models import Policy, PolicyLink
from tanxun.records.models import Attachment
from tanxun.site import soundness
from tests import factory

pytestmark = pytest.mark.django_db
SOUND = [check for check in soundness.CHECKS if check is not soundness.search_index]  # written at a commit, which no test makes


def purge(*options):
    """(what it says, exit code)."""
    out = io.StringIO()
    try:
        call_command("purge_bin", *options, lang="en", stdout=out, stderr=io.StringIO())
    except CommandError as error:
        return f"{out.getvalue()}{error}", error.returncode
    return out.getvalue(), 0


def for_good(*options):
    return purge("--yes", "--reason", "年度清理", *options)[0]


def binned(record, days=400):
    """In the bin for so long."""
    record.remove("录入重复")
    then = timezone.now() - dt.timedelta(days=days)
    type(record).with_deleted.filter(pk=record.pk).update(deleted_at=then)
    return record


@pytest.fixture
def manager():
    return factory.user("manager", username="boss")


def test_a_trial_says_what_would_go_and_changes_nothing(manager):
    statement = binned(factory.statement())
    entries = VerificationStatement.history.count()
    said, code = purge()
    assert code == 0
    assert "Would go: Verification statements 1" in said
    assert "--yes" in said
    assert VerificationStatement.with_deleted.filter(pk=statement.pk).exists()
    assert VerificationStatement.history.count() == entries
    assert purge("--yes")[1] == 2  # no reason was given
    assert purge("--days", "0")[1] == 2
    assert purge("--as", "nobody")[1] == 2


def test_what_goes_leaves_its_history_and_the_entry_of_who_when_and_why(manager, client):
    company = factory.company()
    product = factory.product(company)
    statement = factory.statement(company=company, products=[product], standards=[factory.standard()])
    statement.policy_links.create(policy=binned(factory.policy()), note="写明")
    binned(statement)
    before = list(statement.history.values_list("history_id", flat=True))
    assert "Gone for good: Verification statements 1" in for_good("--as", "boss")
    assert not VerificationStatement.with_deleted.exists()
    entries = list(VerificationStatement.history.filter(id=statement.pk).order_by("-history_id"))
    assert [entry.history_id for entry in entries[1:]] == before
    stub = entries[0]
    assert (stub.history_type, stub.history_user, stub.company_id) == ("-", manager, company.pk)
    assert "年度清理" in stub.history_change_reason
    assert abs(stub.history_date - timezone.now()) < dt.timedelta(hours=1)
    client.force_login(manager)
    assert client.get(f"/statements/{statement.pk}/").status_code == 404
    assert client.get("/bin/").status_code == 200
    assert Product.objects.filter(pk=product.pk).exists()
    assert Company.objects.filter(pk=company.pk).exists()
    assert [fault for check in SOUND for fault in check("default")] == []


def test_what_is_in_the_bin_for_less_long_stays():
    binned(factory.statement(), days=300)
    factory.statement()
    assert "nothing in the bin that could go" in for_good()
    assert "Gone for good" in for_good("--days", "200")
    assert VerificationStatement.with_deleted.count() == 1


def test_a_company_goes_with_its_statements_and_not_before_them():
    statement = factory.statement()
    younger = factory.statement(company=statement.company)
    binned(statement)
    binned(younger, days=10)
    binned(statement.company)
    said = for_good()
    assert "Stays: Companies 1, held by" in said
    assert set(VerificationStatement.with_deleted.values_list("pk", flat=True)) == {younger.pk}
    binned(younger)
    assert "Gone for good: Companies 1" in for_good()
    assert not Company.with_deleted.exists()
    assert Company.history.filter(id=statement.company_id, history_type="-").count() == 1


def test_what_something_that_stays_points_to_remains_with_its_ties():
    """A later statement that replaces it, a link from a live statement, one between policies, a draft it was accepted from."""
    old = binned(factory.statement())
    factory.statement(company=old.company, replaces=old)
    policy = binned(factory.policy(headline="甲"))
    live = factory.statement(company=old.company)
    live.policy_links.create(policy=policy)
    linked, other = binned(factory.policy(headline="乙")), factory.policy(headline="丙")
    PolicyLink.objects.create(policy=other, other=linked, kind=PolicyLink._meta.get_field("kind").choices[0][0])
    ties = (live.policy_links.count(), PolicyLink.objects.count())
    said = for_good()
    assert "Gone for good" not in said
    assert said.count("Stays:") == 3
    assert Policy.with_deleted.filter(pk__in=[policy.pk, linked.pk]).count() == 2
    assert VerificationStatement.objects.get(replaces=old.pk)
    assert (live.policy_links.count(), PolicyLink.objects.count()) == ties


def test_two_policies_that_stand_on_each_other_go_together_and_one_after_its_successor():
    first, second = factory.policy(headline="甲"), factory.policy(headline="乙")
    PolicyLink.objects.create(policy=first, other=second, kind=PolicyLink._meta.get_field("kind").choices[0][0])
    old = factory.statement()
    new = factory.statement(company=old.company, replaces=old)
    for record in (first, second, old, new):
        binned(record)
    said = for_good()
    assert "Stays:" not in said
    assert not Policy.with_deleted.exists()
    assert not VerificationStatement.with_deleted.exists()
    assert PolicyLink.history.filter(history_type="-").count() == 1


def test_its_attachments_go_with_it_and_leave_their_history():
    statement = factory.statement()
    attachment = factory.attachment(of=statement)
    other = factory.attachment(of=factory.statement(), content=b"%PDF-1.4\nother\n%%EOF\n")
    binned(statement)
    for_good()
    assert list(Attachment.with_deleted.all()) == [other]
    assert Attachment.history.filter(id=attachment.pk, history_type="-").exists()
    assert [fault for check in SOUND for fault in check("default")] == []


def test_what_is_taken_out_of_the_bin_is_no_longer_meant():
    statement = binned(factory.statement())
    VerificationStatement.with_deleted.get(pk=statement.pk).restore()
    for_good()
    assert VerificationStatement.objects.filter(pk=statement.pk).exists()
