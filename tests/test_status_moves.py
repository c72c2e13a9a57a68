"""ADM-09: a status moves only as the table below says, on the desk, in forms and in the API alike; ADM-08 in the database."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certifications.models import VerificationStatement
from tanxun.digest import review
from tanxun.digest.entry import open_draft, posted
from tanxun.digest.models import Draft
from tests import factory
from tests.test_intake import STATEMENT, bring

pytestmark = pytest.mark.django_db
MOVES = {
    ("pending", "accept"): "accepted",
    ("pending", "skip"): "rejected",
    ("accepted", "undo"): "pending",
    ("rejected", "undo"): "pending",
}


def move(draft, act, user):
    if act == "accept":
        entry = open_draft(draft)
        entry = open_draft(draft, data=posted(entry.form))
        assert entry.form.is_valid(), entry.form.errors
        review.accept(draft, entry, user)
    else:
        getattr(review, act)(draft, user)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.sampled_from(["accept", "skip", "undo"]), min_size=1, max_size=6))
def test_a_draft_moves_as_the_table_says_and_no_otherwise(acts):
    with transaction.atomic():
        user = factory.user("editor")
        factory.body("sgs")
        factory.statement_type("product_carbon_footprint", cue_words="产品碳足迹")
        draft = bring(f"碳讯丨测试周报\n\n01. 行业动态\n\n{STATEMENT}", user).newsletter.drafts.get()
        status = "pending"
        for act in acts:
            wanted = MOVES.get((status, act))
            if wanted is None:
                with pytest.raises((review.AlreadyReviewed, ValidationError)):
                    move(Draft.objects.get(pk=draft.pk), act, user)
            else:
                move(Draft.objects.get(pk=draft.pk), act, user)
                status = wanted
            assert Draft.objects.get(pk=draft.pk).status == status
            assert VerificationStatement.objects.exists() == (status == "accepted")
        transaction.set_rollback(True)


def test_no_form_and_no_program_moves_a_status_past_the_table(client):
    client.force_login(factory.superuser())
    draft = bring(f"碳讯丨测试周报\n\n01. 行业动态\n\n{STATEMENT}", factory.user("editor")).newsletter.drafts.get()
    statement = factory.statement(valid_until=dt.date(2020, 1, 1))
    assert client.post(reverse("admin:digest_draft_change", args=[draft.pk]), {"status": "accepted"}).status_code == 403
    assert Draft.objects.get().status == "pending"
    columns = {
        "validity": "valid",
        "status": "draft",
        "deleted_at_0": "2026-01-01",
        "deleted_at_1": "00:00",
        "due_on": "2030-01-01",
    }
    client.post(reverse("admin:certifications_verificationstatement_change", args=[statement.pk]), columns)
    found = VerificationStatement.objects.get()
    assert (found.validity, found.due_on, found.deleted_at) == ("expired", dt.date(2020, 1, 1), None)
    for verb in (client.post, client.put, client.patch, client.delete):
        assert verb(f"/api/v1/statements/{statement.pk}/", {"validity": "valid"}).status_code == 405


@pytest.mark.parametrize(
    "wrong",
    [
        {"issued_on": dt.date(2026, 1, 9), "valid_until": dt.date(2026, 1, 8)},
        {"period_start": dt.date(2026, 1, 9), "period_end": dt.date(2026, 1, 8)},
        {"is_body_undisclosed": True, "verification_body": True},
    ],
)
def test_what_cannot_be_is_refused_by_the_database_itself(wrong):
    """ADM-08."""
    if "verification_body" in wrong:
        wrong = wrong | {"verification_body": factory.body()}
    with pytest.raises(IntegrityError), transaction.atomic():
        factory.statement(**wrong)
