"""However a list is asked for, a person sees the same records: page, detail, files, API, feed, calendar, search, autocomplete,
counts and history, whatever was removed, is still a draft or not yet published.

SEC-02, SEC-03 (CWE-862), SEC-04, EXP-18, NWS-13.
"""

import datetime as dt
import json
import re
from io import BytesIO

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from certifications.models import Company, VerificationBody, VerificationStatement
from policies.models import Incentive, Policy, Target
from tanxun.digest.models import Digest, NewsItem
from tests import factory as f
from tests.effort import IS_NIGHTLY
from tests.holdings import newsletter
from tests.tokens import bearing, token

pytestmark = pytest.mark.django_db
SOON = timezone.localdate() + dt.timedelta(days=40)
WORD = "样例共词"
HOW_MANY = 4
WHOLE = {"companies": {"statements_min": "0"}}  # parameters with which a list leaves nothing out by itself
ONE_VALUED = {"statements": ["type", "body", "validity"], "policies": ["level"], "digests": ["year"]}
CHOSEN = {  # whose form offers them
    "statements": ("certifications", "statementpolicy", "statement"),
    "companies": ("certifications", "verificationstatement", "company"),
    "bodies": ("certifications", "verificationstatement", "verification_body"),
    "policies": ("certifications", "statementpolicy", "policy"),
}
STAFF = ("editor", "manager", "superuser")
# By day who may least, somebody signed in, and who may all; by night each.
ROLES = ("public", "reader", "consultant", *STAFF) if IS_NIGHTLY else ("public", "reader", "superuser")
MANAGERS = ("manager", "superuser")
KEPT = {  # whose every change managers can look up in the admin
    "statements": "certifications/verificationstatement",
    "companies": "certifications/company",
    "bodies": "certifications/verificationbody",
    "policies": "policies/policy",
    "news": "digest/newsitem",
}
QUICK = effort(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))


def fill():
    """Four of everything, each found by one word, due soon where it has a date; and a draft, a note-to-be, a week not yet out."""
    for number in range(HOW_MANY):
        company = f.company(f"{WORD}{number}公司", region=f.region())
        body = f.body(f"body-{number}", f"{WORD}{number}机构")
        f.statement(company=company, verification_body=body, valid_until=SOON, certificate_number=f"A-{number}")
        policy = f.policy(f"{WORD}{number}政策", comment_by=SOON)
        f.target(policy, indicator=f"{WORD}{number}指标")
        f.incentive(policy, who_qualifies=f"{WORD}{number}单位", apply_by=SOON)
        NewsItem.objects.create(headline=f"{WORD}{number}消息", kind="other", section="industry", text="样", source_on=SOON)
        f.digest(headlines=(f"{WORD}{number}周报",))
    newsletter(headline=f"{WORD}草稿", text=f"{WORD}草稿\n")
    Digest.objects.create(week="2026-W40", title=f"{WORD}未出")


def remove(numbers):
    """Take back those records that bear these numbers, as staff may: first what holds others, then what they held."""
    for model, field in (
        (VerificationStatement, "company__name"),
        (Company, "name"),
        (VerificationBody, "name"),
        (Policy, "headline"),
        (NewsItem, "headline"),
    ):
        for record in model.objects.filter(
            **{f"{field}__regex": f"{WORD}[{''.join(map(str, numbers))}]"} if numbers else {"pk": 0}
        ):
            record.remove("样例")


def expected():
    """{slug: ids} of what everybody who reads may see, without asking a list."""
    live = {"deleted_at__isnull": True}
    of_policies = {"policy__deleted_at__isnull": True}
    sets = {
        "statements": VerificationStatement.with_deleted.filter(**live),
        "companies": Company.with_deleted.filter(**live),
        "bodies": VerificationBody.with_deleted.filter(**live),
        "policies": Policy.with_deleted.filter(**live),
        "targets": Target.objects.filter(**of_policies),
        "incentives": Incentive.objects.filter(**of_policies),
        "digests": Digest.objects.filter(frozen_at__isnull=False),
        "news": NewsItem.with_deleted.filter(**live),
    }
    return {slug: set(rows.values_list("pk", flat=True)) for slug, rows in sets.items()}


def ids(slug, text):
    return {int(found) for found in re.findall(rf"/{slug}/(\d+)/", text)}


def text_of(client, address, params=None, **headers):
    answer = client.get(address, params, headers=headers)
    assert answer.status_code == 200, address
    content = b"".join(answer) if answer.streaming else answer.content
    if not address.endswith(".xlsx"):
        return content.decode()
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    return "\n".join(str(cell) for row in rows for cell in row)


def seen(client, slug, role, bearer):
    """{where: ids} that one person meets of one list; news have none, they are found and follow from the weekly."""
    found = {"search": ids(slug, text_of(client, "/search/", {"q": WORD}))}
    if slug == "news":
        return found
    params = WHOLE.get(slug, {})
    found["page"] = ids(slug, re.sub(r"(?s)<header.*?</header>", "", text_of(client, f"/{slug}/", params)))
    found["feed"] = ids(slug, text_of(client, f"/{slug}.atom", params))
    found["list, searched"] = ids(slug, text_of(client, f"/{slug}/", params | {"q": WORD}))
    if bearer:
        found["API"] = ids(slug, text_of(client, f"/api/v1/{slug}/", params, **bearer))
    if slug in ("statements", "policies", "incentives"):
        events = text_of(client, f"/{slug}.ics", params).replace("\r\n ", "").split("BEGIN:VEVENT")
        found["calendar"] = set().union(*(ids(slug, event) for event in events if "STATUS:CANCELLED" not in event))
    if role in STAFF and slug in CHOSEN:
        names = dict(zip(("app_label", "model_name", "field_name"), CHOSEN[slug], strict=True))
        found["autocomplete"] = {int(one["id"]) for one in json.loads(text_of(client, "/admin/autocomplete/", names))["results"]}
    for ending in ("csv", "xlsx", "jsonl") if role in MANAGERS else ():
        found[ending] = ids(slug, text_of(client, f"/{slug}.{ending}", params))
    return found


def opened(client, address, keys, **headers):
    """Those of `keys` whose page at `address` is there for this person."""
    statuses = {key: client.get(address.format(key), headers=headers).status_code for key in keys}
    assert set(statuses.values()) <= {200, 302, 403, 404}
    return {key for key, status in statuses.items() if status == 200}


def details(client, slug, keys, bearer):
    """{where: ids} of the pages of single records: their own, their record of the API, as linked data."""
    found = {"detail": opened(client, f"/{slug}/{{}}/", keys)}
    if bearer and slug != "news":
        found["API, one"] = opened(client, f"/api/v1/{slug}/{{}}/", keys, **bearer)
    if slug in ("statements", "policies"):
        found["linked data"] = opened(client, f"/{slug}/{{}}.jsonld", keys)
    return found


def counted(client, slug, bearer):
    """What the list says that it holds, once for the whole and once for each facet whose choices are one record's one value."""
    params = WHOLE.get(slug, {})
    found = {"total": int(re.search(r"<strong>([\d,]+)", text_of(client, f"/{slug}/total/", params))[1])}
    if bearer:
        found["API"] = client.get(f"/api/v1/{slug}/", params, headers=bearer).json()["count"]
    for name in ONE_VALUED.get(slug, ()):
        found[name] = sum(json.loads(text_of(client, f"/{slug}/overview/{name}/")).values())
    return found


@pytest.mark.parametrize("role", ROLES)
def test_what_was_removed_is_gone_everywhere_alike(client, settings, role):
    """SEC-03, SEC-04, EXP-18: whichever were removed, every way to ask shows the same, and no draft or unpublished week. Only
    managers look up what was changed, and of what was removed as well: they may put it back."""
    settings.API_BURST, settings.PUBLIC_READ = 10_000, role == "public"
    user = f.superuser() if role == "superuser" else f.user(role) if role != "public" else None
    if user:
        client.force_login(user)
    fill()
    before = expected()

    @QUICK
    @given(st.sets(st.integers(0, HOW_MANY - 1)))
    def holds(numbers):
        with transaction.atomic():
            remove(numbers)
            bearer = bearing(token(user)) if user else {}
            for slug, wanted in expected().items():
                met = seen(client, slug, role, bearer) | details(client, slug, before[slug], bearer)
                assert {where: keys for where, keys in met.items() if keys != wanted} == {}, (slug, wanted)
                if slug in KEPT:
                    looked_up = opened(client, f"/admin/{KEPT[slug]}/{{}}/history/", before[slug])
                    assert looked_up == (before[slug] if role in MANAGERS else set()), slug
                for where, count in (counted(client, slug, bearer) if slug != "news" else {}).items():
                    assert count == len(wanted), (slug, where)
            transaction.set_rollback(True)

    holds()
