"""Two reviewers at one record: neither loses what the other wrote, and nothing that was removed comes back."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from certifications.models import VerificationStatement
from tanxun.digest import intake, review
from tanxun.digest.entry import open_draft, posted
from tanxun.digest.models import Draft
from tests.test_intake import FRIDAY, STATEMENT, bring, editor  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
LATER = FRIDAY.replace(day=20)


def issue(number, user):
    text = f"碳讯丨测试周报第{number}期\n\n01. 行业动态\n\n{STATEMENT}".replace("近日", f"近日第{number}次")
    return bring(text, user, reference_date=FRIDAY if number == 1 else LATER).newsletter


@pytest.fixture
def known(editor):  # noqa: F811
    """The record of the first issue."""
    intake.accept_all(issue(1, editor), editor)
    return VerificationStatement.objects.get()


def opened(number, user, **typed):
    """A draft of a further issue on a reviewer's desk, its likely duplicates already looked up."""
    draft = issue(number, user).drafts.get()
    first = open_draft(draft)
    entry = open_draft(draft, data=posted(first.form) | typed)
    assert [twin.record for twin in entry.twins] == [VerificationStatement.objects.get()]
    return draft, entry


def merged(draft, entry, user, **kwargs):
    return review.merge(draft, entry, entry.twins[0].record, user, **kwargs)


def test_two_merges_that_both_looked_before_both_stay(known, editor):  # noqa: F811
    one = opened(2, editor, certificate_number="CN26/001", summary="先到")
    other = opened(3, editor, announced_on="2026-03-11", standards=["ISO 14067"], summary="后到")
    merged(*one, editor)
    draft, entry = other
    merged(draft, entry, editor)
    known.refresh_from_db()
    assert (known.certificate_number, str(known.announced_on)) == ("CN26/001", "2026-03-11")
    assert [standard.code for standard in known.standards.all()] == ["ISO 14067"]
    assert known.summary == "先到"
    assert "summary" not in draft.corrections
    assert all(f"第{number}期" in known.source_note for number in (1, 2, 3))
    assert {"certificate_number", "announced_on"} <= {name for name, how in known.field_status.items() if how == "confirmed"}
    assert known.drafts.count() == 3


def test_what_is_ticked_is_taken_whoever_wrote_before(known, editor):  # noqa: F811
    one, other = opened(2, editor, summary="先到"), opened(3, editor, summary="后到")
    merged(*one, editor)
    merged(*other, editor, take=("summary",))
    known.refresh_from_db()
    assert known.summary == "后到"


def test_a_merge_never_revives_what_was_removed(known, editor):  # noqa: F811
    draft, entry = opened(2, editor)
    review.undo(known.drafts.get(), editor)
    with pytest.raises(ValidationError):
        merged(draft, entry, editor)
    assert not VerificationStatement.objects.exists()
    draft.refresh_from_db()
    assert draft.is_pending


def test_the_desk_says_that_the_record_is_gone(known, client, editor, monkeypatch):  # noqa: F811
    """Removed after the desk looked for duplicates, before it wrote."""
    draft, entry = opened(2, editor)
    review.undo(known.drafts.get(), editor)
    monkeypatch.setattr("tanxun.digest.views.open_draft", lambda *args: entry)
    client.force_login(editor)
    values = {"draft": draft.pk, "action": f"merge:{known.pk}"}
    answer = client.post(draft.newsletter.get_absolute_url(), values)
    assert answer.status_code == 422
    assert not VerificationStatement.objects.exists()
    assert Draft.objects.filter(status="merged").count() == 0


def test_taking_back_what_was_removed_elsewhere_only_reopens(known, editor):  # noqa: F811
    known.remove("重复")
    draft = Draft.objects.get()
    review.undo(draft, editor)
    draft.refresh_from_db()
    assert draft.is_pending
    assert VerificationStatement.with_deleted.get().deleted_reason == "重复"


@pytest.mark.django_db(transaction=True)
def test_taking_back_waits_for_a_merge_under_way(known, editor):  # noqa: F811
    """The merge holds the record: who takes its first draft back must see the second one, not hide the record under it."""
    if not connection.features.has_select_for_update:
        # A row cannot be locked there for another to wait at: the state that is tested does not come about.
        pytest.skip("SQLite lets one writer in at a time: there is no merge under way to wait for")
    first = known.drafts.get()
    draft, entry = opened(2, editor)
    errors = []

    def take_back():
        try:
            review.undo(first, editor)
        except ValidationError as error:
            errors.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=take_back)
    with transaction.atomic():
        merged(draft, entry, editor)
        other.start()
        other.join(timeout=1)
    other.join()
    assert len(errors) == 1
    known.refresh_from_db()
    assert known.deleted_at is None
    assert known.drafts.count() == 2
