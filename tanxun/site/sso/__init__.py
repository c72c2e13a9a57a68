"""Second factors and the company's own sign-in server: an app of its own, which the site has only where the settings say so.

This file alone is read by every site. The others import the libraries of the extra `sso`.
"""

from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps as registry
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

APPS = ("allauth.account", "allauth.socialaccount", "allauth.socialaccount.providers.openid_connect", "allauth.mfa")
LABELS = ("account", "socialaccount", "mfa", "sso")
OF_ACCOUNTS = ("mfa_authenticator", "socialaccount_socialaccount")
REFERRING = (*OF_ACCOUNTS, "socialaccount_socialtoken", "account_emailaddress", "account_emailconfirmation")
ROLES = {"reader", "consultant", "editor", "manager", "superuser"}
NEWCOMERS = {"", "reader", "consultant"}  # never staff: that an administrator decides
LONGEST_ADDRESS = 200  # of a server: people are kept under it


def settings(env: Any, apps: list[str], middleware: list[str]) -> dict[str, Any]:
    """What the site needs beside its own settings; adds to `apps` and `middleware`. Raises ImproperlyConfigured."""
    if find_spec("allauth") is None:
        raise ImproperlyConfigured(
            "SECOND_FACTOR, SECOND_FACTOR_FOR and SSO_URL need the extra sso: uv run --extra sso manage.py …"
        )
    server = {name: env.str(f"SSO_{name.upper()}", default="") for name in ("url", "client", "secret")}
    if unknown := set(env.list("SECOND_FACTOR_FOR", default=[])) - ROLES:
        raise ImproperlyConfigured(f"SECOND_FACTOR_FOR: no such role: {', '.join(sorted(unknown))}")
    if env.str("SSO_NEWCOMERS", default="") not in NEWCOMERS:
        raise ImproperlyConfigured("SSO_NEWCOMERS is reader, consultant or empty: staff are made by an administrator.")
    if server["url"]:
        check(server)
    apps += [*APPS, "tanxun.site.sso"]
    middleware.insert(
        middleware.index("django.contrib.messages.middleware.MessageMiddleware") + 1, f"{__name__}.asking.AskFactor"
    )
    middleware.append("allauth.account.middleware.AccountMiddleware")
    return {
        "MFA_ADAPTER": f"{__name__}.keeping.Sealed",
        "MFA_SUPPORTED_TYPES": ["totp", "recovery_codes"],
        "MFA_TOTP_ISSUER": "Tanxun",
        "ACCOUNT_ADAPTER": f"{__name__}.company.SignsIn",
        "ACCOUNT_EMAIL_VERIFICATION": "none",
        "SOCIALACCOUNT_ADAPTER": f"{__name__}.company.Arrives",
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "SOCIALACCOUNT_PROVIDERS": providers(**server),
    }


def left_behind(using: str) -> list[str]:
    """Tables of the extra in the database of a site that has it no longer: they point to accounts, and no model knows of them."""
    if registry.is_installed(__name__):
        return []
    return sorted(set(REFERRING) & set(connections[using].introspection.table_names()))


def forget(sender: Any, instance: Any, using: str, **kwargs: Any) -> None:
    """An account goes, and what such tables hold of it with it. Connected in `site.apps`."""
    if left_behind(using):
        take_ways(instance, using)


def take_ways(user: Any, using: str) -> int:
    """Their second factor, and what the company's server said of them, whether the extra is on or was: asked by `site.erasing`.

    Nothing stays to know them by: where the server lets them in again, they come as anybody who was never here.
    """
    with connections[using].cursor() as cursor:
        there = set(OF_ACCOUNTS) & set(connections[using].introspection.table_names(cursor))
        gone = 0
        for table in sorted(there):
            cursor.execute(f"DELETE FROM {table} WHERE user_id = %s", [user.pk])  # noqa: S608 - our own names
            gone += cursor.rowcount
    return gone


def unasked(using: str) -> int:
    """How many accounts have a second factor that this site does not ask for, being switched off."""
    if OF_ACCOUNTS[0] not in left_behind(using):
        return 0
    with connections[using].cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {OF_ACCOUNTS[0]} WHERE type = 'totp'")  # noqa: S608 - our own names
        return cursor.fetchone()[0]


def check(server: dict[str, str]) -> None:
    """Raises ImproperlyConfigured for a server that cannot be asked, or not safely."""
    if missing := [name for name, value in server.items() if not value]:
        raise ImproperlyConfigured(f"SSO_URL needs SSO_{missing[0].upper()}, too.")
    parts = urlsplit(server["url"])
    is_here = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if len(server["url"]) > LONGEST_ADDRESS:
        raise ImproperlyConfigured(f"SSO_URL has {LONGEST_ADDRESS} signs at most.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
        raise ImproperlyConfigured("SSO_URL begins with https:// (http:// only for a server on this machine).")


def issuer(url: str) -> str:
    """What a server at SSO_URL calls itself. People are known by this and its key for them: another server's 1 is another."""
    return url.partition("/.well-known/")[0].rstrip("/")


def providers(url: str, client: str, secret: str) -> dict[str, Any]:
    """The one server, as allauth wants it said; none where `url` is empty."""
    if not url:
        return {}
    options = {"server_url": url, "oauth_pkce_enabled": True}
    app = {"provider_id": issuer(url), "name": "company", "client_id": client, "secret": secret, "settings": options}
    return {"openid_connect": {"APPS": [app]}}
