"""Records as linked data: only terms that schema.org has, only what the record holds, and a credential of the published shape."""

import datetime as dt
import json
import re
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from policies.models import KeyPoint, PolicyDocument
from tanxun.listing.linked import data_block, number
from tests import factory

SHAPES = Path(__file__).parent / "shapes"
VOCABULARY = json.loads((SHAPES / "schemaorg.json").read_text(encoding="utf-8"))
CREDENTIAL = json.loads((SHAPES / "untp_dcc.json").read_text(encoding="utf-8"))
HOSTILE = "</script><script>alert(1)</script><!-- & \u2028 \" '"
DAY = dt.timedelta(days=1)


@pytest.fixture
def reader(client, db):
    client.force_login(factory.user())
    client.cookies["django_language"] = "en"
    return client


def walk(told):
    """Every object in it."""
    if isinstance(told, dict):
        yield told
    for part in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        yield from walk(part)


def linked(client, record):
    """What the address says, of known terms alone; the page says the same."""
    answer = client.get(record.get_absolute_url().rstrip("/") + ".jsonld")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/ld+json"
    told = answer.json()
    assert told["@context"] == "https://schema.org"
    for one in walk(told):
        assert {name for name in one if not name.startswith("@")} <= set(VOCABULARY["types"][one["@type"]]), one["@type"]
        assert not [name for name, value in one.items() if value in ("", None, [], {})]
        for name, values in VOCABULARY["values"].items():
            assert one.get(name, f"https://schema.org/{values[0]}").removeprefix("https://schema.org/") in values
    page = client.get(record.get_absolute_url()).content.decode()
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1]
    assert json.loads(block) == told
    assert f'href="{record.get_absolute_url().rstrip("/")}.jsonld"' in page
    return told


def test_a_statement_says_what_its_fields_say(reader):
    company = factory.company("苏州某某", credit_code="91320583MA1MABCD3X")
    statement = factory.statement(
        company=company,
        verification_body=factory.body(website="https://www.sgs.com"),
        products=[factory.product(company, "路由器", model="R1")],
        standards=[factory.standard("ISO 14067", "2018")],
        certificate_number="A-1",
        issued_on=dt.date(2026, 1, 5),
        valid_until=timezone.localdate() + 100 * DAY,
        period_start=dt.date(2025, 1, 1),
        period_end=dt.date(2025, 12, 31),
        emissions_tco2e=Decimal("1200.5"),
    )
    told = linked(reader, statement)
    assert told["@type"] == "Certification"
    assert told["certificationIdentification"] == "A-1"
    assert (told["issuedBy"]["name"], told["issuedBy"]["url"]) == ("SGS", "https://www.sgs.com")
    assert [one["name"] for one in told["about"]] == ["苏州某某", "路由器"]
    assert told["about"][0]["identifier"]["value"] == "91320583MA1MABCD3X"
    assert (told["datePublished"], told["expires"]) == ("2026-01-05", statement.valid_until.isoformat())
    assert told["temporalCoverage"] == "2025-01-01/2025-12-31"
    assert told["hasMeasurement"][0]["value"] == 1200.5
    assert told["citation"] == ["ISO 14067:2018"]
    assert told["certificationStatus"].endswith("/CertificationActive")


def test_what_is_not_known_is_not_said(reader):
    """No body where it is undisclosed, no end that was computed, no status that nobody told."""
    told = linked(reader, factory.statement(is_body_undisclosed=True, period_end=timezone.localdate() - 30 * DAY))
    assert not {"issuedBy", "expires", "validFrom", "certificationStatus", "certificationIdentification"} & set(told)
    assert "undisclosed" not in json.dumps(told)
    assert "未披露" not in json.dumps(told, ensure_ascii=False)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"register_status": "valid"}, "CertificationActive"),
        ({"register_status": "revoked"}, "CertificationInactive"),
        ({"register_status": "suspended"}, "CertificationInactive"),
        ({"valid_until": -1}, "CertificationInactive"),
        ({"valid_until": 0}, "CertificationActive"),
        ({"removed_on": 0}, "CertificationInactive"),
    ],
)
def test_active_or_not_as_of_today(reader, fields, status):
    days = {name: timezone.localdate() + value * DAY if isinstance(value, int) else value for name, value in fields.items()}
    assert linked(reader, factory.statement(**days))["certificationStatus"] == f"https://schema.org/{status}"


def test_a_list_membership_names_who_recognised_it(reader):
    by = factory.issuing_body("工业和信息化部")
    kind = factory.statement_type("green_factory")
    told = linked(reader, factory.statement(statement_type=kind, verification_body=None, recognised_by=by))
    assert told["issuedBy"]["name"] == "工业和信息化部"


def test_a_policy_says_what_its_fields_say(reader):
    policy = factory.policy(
        "零碳园区通知",
        issuers=[factory.issuing_body()],
        topics=[factory.topic()],
        region=factory.region("320000"),
        form="notice",
        stage="in_force",
        signed_on=dt.date(2026, 1, 2),
        issued_on=dt.date(2026, 1, 5),
        in_force_on=dt.date(2026, 2, 1),
        precisions={"in_force_on": "month"},
    )
    PolicyDocument.objects.create(policy=policy, title="关于零碳园区的通知", number="苏工信〔2026〕5号")
    KeyPoint.objects.create(policy=policy, text="第一点")
    told = linked(reader, policy)
    assert told["@type"] == "Legislation"
    assert told["legislationIdentifier"] == ["苏工信〔2026〕5号"]
    assert (told["legislationDate"], told["datePublished"], told["legislationDateOfApplicability"]) == (
        *("2026-01-02", "2026-01-05"),
        "2026-02",
    )
    assert [one["name"] for one in told["legislationPassedBy"]] == ["江苏省工业和信息化厅"]
    assert told["legislationJurisdiction"]["name"] == "江苏省"
    assert told["legislationLegalForce"] == "https://schema.org/InForce"


@pytest.mark.parametrize(
    ("fields", "force"),
    [
        ({}, None),
        ({"stage": "trial"}, "InForce"),
        ({"stage": "repealed"}, "NotInForce"),
        ({"stage": "consultation"}, "NotInForce"),
        ({"stage": "in_force", "expires_on": dt.date(2020, 1, 1)}, "NotInForce"),
        ({"stage": "in_force", "in_force_on": dt.date(2099, 1, 1)}, "NotInForce"),
    ],
)
def test_the_force_of_a_policy_as_far_as_it_is_told(reader, fields, force):
    told = linked(reader, factory.policy(**fields))
    assert told.get("legislationLegalForce") == (f"https://schema.org/{force}" if force else None)
    assert told["legislationJurisdiction"]["name"] == "中华人民共和国"


def test_a_press_conference_is_no_legislation(reader):
    told = linked(reader, factory.policy(content_type="press_conference", issuers=[factory.issuing_body()]))
    assert told["@type"] == "CreativeWork"
    assert told["creator"][0]["name"] == "江苏省工业和信息化厅"
    assert not [name for name in told if name.startswith("legislation")]


def test_no_text_of_a_record_ends_the_block(reader):  # SEC-24
    told = linked(reader, factory.policy(HOSTILE))
    assert told["name"] == HOSTILE
    assert "<script>alert" not in reader.get("/policies/1/").content.decode()


@given(st.dictionaries(st.text(), st.text()))
def test_whatever_a_block_holds_it_is_read_back(told):
    block = str(data_block(told))
    inside = block.removeprefix('<script type="application/ld+json">').removesuffix("</script>")
    assert json.loads(inside) == told
    assert "<" not in inside


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**14), max_value=10**14))
def test_numbers_keep_their_digits(value):
    assert Decimal(str(number(value))) == value


def credential(client, statement):
    answer = client.get(f"/statements/{statement.pk}/credential.jsonld")
    assert answer.status_code == 200, answer.content
    told = answer.json()
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(CREDENTIAL, format_checker=checker).validate(told)
    return told


def test_a_statement_as_a_credential(reader):
    company = factory.company("苏州某某", credit_code="91320583MA1MABCD3X")
    statement = factory.statement(
        company=company,
        statement_type=factory.statement_type("product_carbon_footprint"),
        products=[factory.product(company, "路由器")],
        standards=[factory.standard("ISO 14067", "2018")],
        engagement="verification",
        issued_on=dt.date(2026, 1, 5),
        valid_until=dt.date(2029, 1, 4),
        footprint_kgco2e=Decimal("12.5"),
        declared_unit="台",
    )
    told = credential(reader, statement)
    assert told["issuer"]["name"] == "SGS"
    assert (told["validFrom"], told["validUntil"]) == ("2026-01-05T00:00:00+08:00", "2029-01-04T23:59:59+08:00")
    subject = told["credentialSubject"]
    assert (subject["attestationType"], subject["assessmentLevel"]) == ("verification", "Verified")
    assert subject["issuedToParty"]["registeredId"] == "91320583MA1MABCD3X"
    (assessment,) = subject["assessment"]
    assert assessment["assessedProduct"][0]["product"]["name"] == "路由器"
    assert assessment["declaredValue"][0]["metricValue"] == {"type": ["Measure"], "value": 12.5, "unit": "KGM"}
    assert "proof" not in told
    assert "unsigned" in subject["description"]


@pytest.mark.parametrize("kind", ["ghg_verification", "carbon_label", "epd"])
def test_a_bare_statement_is_a_credential_too(reader, kind):
    told = credential(reader, factory.statement(statement_type=factory.statement_type(kind)))
    assert not {"validFrom", "validUntil"} & set(told)
    assert "assessment" not in told["credentialSubject"]
    assert told["credentialSubject"]["assessmentLevel"] == "Unspecified"


def test_without_a_body_there_is_no_credential_and_the_reason_is_told(reader):
    hidden = factory.statement(is_body_undisclosed=True)
    listed = factory.statement(statement_type=factory.statement_type("green_factory"))
    for statement in (hidden, listed):
        answer = reader.get(f"/statements/{statement.pk}/credential.jsonld")
        assert answer.status_code == 409
        assert answer.json()["detail"][0]


@pytest.mark.django_db
def test_access_follows_the_page(client, settings):
    statement, policy = factory.statement(), factory.policy()
    addresses = [
        f"/statements/{statement.pk}.jsonld",
        f"/statements/{statement.pk}/credential.jsonld",
        f"/policies/{policy.pk}.jsonld",
    ]
    for address in addresses:
        assert client.get(address).status_code == 401
    settings.PUBLIC_READ = True
    for address in addresses:
        assert client.get(address).status_code == 200
    statement.remove("entered twice")
    assert client.get(addresses[0]).status_code == 404


def test_the_block_costs_no_query_more_with_more_products(reader):
    counts = []
    for more in (1, 5):
        company = factory.company()
        statement = factory.statement(
            company=company,
            products=[factory.product(company, f"产品{number}") for number in range(more)],
            standards=[factory.standard("ISO 14067", str(2010 + number)) for number in range(more)],
        )
        with CaptureQueriesContext(connection) as asked:
            reader.get(f"/statements/{statement.pk}.jsonld")
        counts.append(len(asked))
    assert counts[0] == counts[1]
