"""Every strange string has one status, written down, whichever database answers (trust.md 8: 100 % the same; no 500)."""

from pathlib import Path

import pytest
from django.urls import reverse

from tests import factory as f
from tests.statuses import ADMIN, probes
from tests.test_list_hostile import manager  # noqa: F401 - a fixture
from tests.tokens import bearing, token

pytestmark = pytest.mark.django_db
WRITTEN = Path(__file__).with_name("statuses.txt")


@pytest.fixture
def root(client, manager, settings):  # noqa: F811
    settings.API_BURST = 10_000
    user = f.superuser()
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return user


def test_each_has_the_status_that_is_written_down(client, root, tmp_path):
    """FLT-14, FLT-18, ADM-11: both runs of the suite are held to one file, in which nothing is 500."""
    headers, found = bearing(token(root)), {}
    for address, name in probes():
        answer = client.get(address, headers=headers if address.startswith("/api/") else {})
        found[name] = answer.status_code
        if answer.streaming:
            b"".join(answer.streaming_content)
    lines = sorted(f"{status} {name}\n" for name, status in found.items())
    (tmp_path / WRITTEN.name).write_text("".join(lines), encoding="utf-8")
    written = WRITTEN.read_text(encoding="utf-8").splitlines(keepends=True)
    differs = "".join(sorted(set(lines) ^ set(written)))
    assert lines == written, f"{differs[:2000]}\nIf that is right, take {tmp_path / WRITTEN.name}"
    assert {line[:3] for line in lines} <= {"200", "302", "400", "403", "404"}


def test_a_refusal_of_any_list_of_the_admin_is_one_message(client, root):
    """ADM-11: back to the whole list, which says so, on every list that there is."""
    refused = [line.split(" ", 1)[1].strip() for line in WRITTEN.read_text(encoding="utf-8").splitlines() if line[:3] == "302"]
    known = {name: address for address, name in probes()}
    assert len({name.partition("?")[0] for name in refused}) > 20
    for name in refused:
        if "title=%00" in name or "__iregex" in name:
            answer = client.get(known[name], follow=True)
            assert (answer.status_code, len(answer.context["messages"])) == (200, 1), name
            assert answer.redirect_chain, name


def test_lookups_of_the_admin_are_refused_for_what_they_are(client, root):
    """FLT-14, FLT-18: whatever the value, so that no answer tells a right guess from a wrong one."""
    address = reverse("admin:certifications_company_changelist")
    hidden = [query.partition("=")[0] for query in ADMIN if "regex" in query or "password__" in query]
    for lookup in dict.fromkeys(hidden):
        assert {client.get(address, {lookup: value}).status_code for value in ("a", "(", "p", root.password[:9])} == {302}, lookup
