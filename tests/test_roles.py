"""The roles of the contract: made after every migrate, and each may what its row says."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.urls import reverse

from tanxun.site.models import Role
from tanxun.site.roles import SYSTEM_USER, acting_user
from tests import factory

pytestmark = pytest.mark.django_db


def test_the_step_after_migrate_is_idempotent_and_mends_what_was_changed():
    before = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert set(before) == set(Role.values)
    Group.objects.get(name="editor").permissions.add(Permission.objects.get(codename="export_lists"))
    call_command("migrate", verbosity=0)
    after = {group.name: set(group.permissions.values_list("codename", flat=True)) for group in Group.objects.all()}
    assert after == before


@pytest.mark.parametrize(
    ("role", "enters_admin", "reviews", "exports", "sees_history"),
    [
        (Role.READER, False, False, False, False),
        (Role.CONSULTANT, False, False, False, False),
        (Role.EDITOR, True, True, False, False),
        (Role.MANAGER, True, True, True, True),
    ],
)
def test_each_role_may_what_its_row_says(client, role, enters_admin, reviews, exports, sees_history):
    statement = factory.statement()
    client.force_login(factory.user(role))

    def may(address):
        return client.get(address).status_code == 200

    assert may(reverse("statements"))
    assert may(reverse("admin:index")) is enters_admin
    assert may(reverse("digest:inbox")) is reviews
    assert may(reverse("statements-csv")) is exports
    assert may(reverse("admin:certifications_verificationstatement_history", args=[statement.pk])) is sees_history


def test_a_change_of_role_holds_at_the_next_request(client):  # SEC-12
    user = factory.user(Role.MANAGER)
    client.force_login(user)
    assert client.get(reverse("statements-csv")).status_code == 200
    user.role = Role.READER
    user.save()
    assert client.get(reverse("statements-csv")).status_code == 403
    assert client.get(reverse("admin:index")).status_code != 200


def test_who_stands_in_the_history_of_a_command():
    assert acting_user().username == SYSTEM_USER
    assert not acting_user().is_active
    first = factory.superuser(username="first")
    factory.superuser(username="second")
    assert acting_user() == first
    assert acting_user("second").username == "second"
