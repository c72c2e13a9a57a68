"""What the admin's autocomplete tells: nothing to who may not enter, nothing of what a role may not see (CWE-639, CWE-862)."""

import pytest
from django.apps import apps

from tests import factory as f

pytestmark = pytest.mark.django_db
ADDRESS = "/admin/autocomplete/"


def relations():
    """(app label, model, field, the model that it points to) of all there are, and of none."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.is_relation and not field.auto_created and field.related_model:
                yield model._meta.app_label, model._meta.model_name, field.name, field.related_model._meta.label_lower
    yield "nothing", "nothing", "nothing", ""
    yield "site", "user", "password", ""


def ask(client, app_label, model_name, field_name, term=""):
    asked = {"app_label": app_label, "model_name": model_name, "field_name": field_name, "term": term}
    return client.get(ADDRESS, asked)


@pytest.mark.parametrize("role", ["reader", "consultant"])
def test_who_may_not_enter_the_admin_is_told_nothing_of_any_model(client, role):
    """ADM-12"""
    statement = f.statement()
    client.force_login(f.user(role))
    for *names, _other in relations():
        answer = ask(client, *names, term=statement.company.name[:2])
        assert answer.status_code == 403, names
        assert statement.company.name not in answer.content.decode()


@pytest.mark.parametrize("role", ["editor", "manager"])
def test_staff_are_told_of_what_their_role_sees_alone(client, role):
    """ADM-12: neither users nor keys nor filters of others, by whatever relation they are asked for."""
    secret = f.user("manager", username="zhang-secret", display_name="张秘密")
    user = f.user(role, username="asking")
    client.force_login(user)
    told = set()
    for *names, other in relations():
        answer = ask(client, *names)
        assert answer.status_code in (200, 403), names
        if answer.status_code == 200:
            told.add(other)
        assert secret.display_name not in answer.content.decode()
        assert secret.username not in answer.content.decode()
    labels = {label: label.split(".") for label in told}
    assert told, "staff choose companies and bodies"
    assert not [label for label, (app, model) in labels.items() if not user.has_perm(f"{app}.view_{model}")]
    assert not told & {"site.user", "listing.accesskey", "listing.savedfilter", "sessions.session"}


def test_nobody_is_led_to_the_sign_in_page(client):
    """ADM-12"""
    assert "/login/?next=" in ask(client, "certifications", "verificationstatement", "company").url
