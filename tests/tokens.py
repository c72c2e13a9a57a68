"""Tokens for the tests of the API, and what they ask with."""

from django.utils import timezone

from tanxun.listing.keys import AccessKey
from tests import factory as f


def token(user=None, scopes=("read",), **kwargs):
    """The text of a new token."""
    kwargs.setdefault("expires_at", timezone.now() + timezone.timedelta(days=30))
    return AccessKey.make(user or f.user(), AccessKey.Kind.TOKEN, "a program", scopes=list(scopes), **kwargs)[1]


def bearing(text, language="en"):
    """The headers of a request with it."""
    return {"Authorization": f"Bearer {text}", "Accept-Language": language}


def some_of_everything():
    """One record at least on every list; gives the statement."""
    company = f.company("苏州样例科技", region=f.region(), industry=f.industry())
    statement = f.statement(company=company, products=[f.product(company)], standards=[f.standard()], emissions_tco2e="1200.5")
    policy = f.policy(region=f.region(), topics=[f.topic()])
    f.target(policy, indicator="绿色工厂", value=3, unit="家", year=2030)
    f.incentive(policy, who_qualifies="样例申报单位", amount=3, currency="CNY")
    f.digest()
    return statement
