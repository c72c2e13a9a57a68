"""With PUBLIC_READ everybody reads lists, records and the home board; nobody edits; without it all of it asks for sign-in."""

import pytest

from tests import factory

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses():
    statement = factory.statement()
    records = (statement, statement.company, statement.verification_body, factory.policy())
    return ["/", *(record.get_absolute_url() for record in records)]


def test_closed_unless_switched_on(client, addresses):
    """SEC-15."""
    for url in addresses:
        answer = client.get(url)
        assert (answer.status_code, answer.url) == (302, f"/accounts/login/?next={url}")


def test_public_pages_are_read_without_sign_in_and_without_editing_links(client, addresses, settings):
    settings.PUBLIC_READ = True
    client.cookies["django_language"] = "en"
    for url in addresses:
        answer = client.get(url)
        page = answer.content.decode()
        assert answer.status_code == 200, url
        assert "/admin/" not in page
        assert "/review/" not in page
        assert "Sign in" in page
        assert "sessionid" not in answer.cookies


@pytest.mark.parametrize("url", ["/review/", "/admin/"])
def test_work_stays_closed(client, settings, url):
    settings.PUBLIC_READ = True
    assert client.get(url).status_code == 302


def test_staff_still_get_their_links(client, addresses, settings):
    settings.PUBLIC_READ = True
    client.force_login(factory.user("editor"))
    assert "/change/" in client.get(addresses[1]).content.decode()
