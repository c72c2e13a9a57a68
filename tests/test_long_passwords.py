"""A password of a megabyte is refused before it is hashed or looked at by any rule, wherever one is typed (CWE-400, CWE-770)."""

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.tokens import default_token_generator
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tests import factory as f

pytestmark = [pytest.mark.django_db, pytest.mark.any_engine]
LONG = "Kiefern7" * 131_072
OLD, NEW = "pass-word-1", "Kiefern-und-Moos-7"


@pytest.fixture
def hashed(monkeypatch):
    """Every text that is hashed from now on."""
    texts, plain = [], MD5PasswordHasher.encode
    monkeypatch.setattr(MD5PasswordHasher, "encode", lambda self, text, salt: texts.append(text) or plain(self, text, salt))
    return texts


def link(user):
    return f"/accounts/new/{urlsafe_base64_encode(force_bytes(user.pk))}/{default_token_generator.make_token(user)}/"


PLACES = {
    "sign-in": lambda root, user: ("/accounts/login/", {"username": "wang", "password": LONG}),
    "change, the old one": lambda root, user: (
        "/accounts/password/",
        {"old_password": LONG, "new_password1": NEW, "new_password2": NEW},
    ),
    "change": lambda root, user: ("/accounts/password/", {"old_password": OLD, "new_password1": LONG, "new_password2": LONG}),
    "change in the admin": lambda root, user: (
        "/admin/password_change/",
        {"old_password": OLD, "new_password1": LONG, "new_password2": LONG},
    ),
    "reset": lambda root, user: (link(user), {"new_password1": LONG, "new_password2": LONG}),
    "another's in the admin": lambda root, user: (
        f"/admin/site/user/{user.pk}/password/",
        {"usable_password": "true", "password1": LONG, "password2": LONG},
    ),
    "a new account": lambda root, user: (
        "/admin/site/user/add/",
        {"username": "new", "role": "reader", "usable_password": "true", "password1": LONG, "password2": LONG},
    ),
    "the admin's sign-in": lambda root, user: ("/admin/login/", {"username": "wang", "password": LONG}),
}


@pytest.mark.parametrize("place", PLACES)
def test_a_password_without_end_costs_nothing(client, hashed, place, django_user_model):  # ADM-13
    root, user = f.superuser(), f.user("reader", username="wang")
    if place not in ("sign-in", "reset", "the admin's sign-in"):
        client.force_login(root)
    path, data = PLACES[place](root, user)
    if place == "reset":
        path = client.get(path).url
    before = list(django_user_model.objects.values_list("password", flat=True))
    del hashed[:]
    answer = client.post(path, data, headers={"Accept-Language": "en"})
    assert answer.status_code == 413
    assert not hashed
    assert LONG not in answer.content.decode()
    assert list(django_user_model.objects.values_list("password", flat=True)) == before


def test_a_long_one_that_somebody_may_type_is_taken(client):
    """A sentence as password is a good one."""
    sentence = "Neun Kiefern stehen im Moos " * 40
    user = f.user("reader", username="wang")
    client.force_login(user)
    client.post("/accounts/password/", {"old_password": OLD, "new_password1": sentence, "new_password2": sentence})
    client.logout()
    client.post("/accounts/login/", {"username": "wang", "password": sentence})
    assert client.get("/statements/").status_code == 200
