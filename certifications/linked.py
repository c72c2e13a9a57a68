"""A statement for other programs: as schema.org Certification, and as a UNTP Digital Conformity Credential. Called by its pages.

Nothing is said that the record does not hold: no body where it is undisclosed, no end that was only computed.
"""

import datetime as dt
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from tanxun.listing.linked import Description, NotSaidError, number, said

from .models import Company, EvidenceKind, Product, RegisterStatus, VerificationStatement
from .models.validity import ENDED_BY_REGISTER

SCHEMA_ORG = "https://schema.org"
CREDENTIAL_CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://test.uncefact.org/vocabulary/untp/dcc/0.6.0/"]
TRANSCRIPT = "An unsigned transcript of a public source, made by a third party; the body that is named did not issue it."
GB_32100 = "统一社会信用代码 (GB 32100)"
ATTESTATIONS = {
    EvidenceKind.STATEMENT: "verification",
    EvidenceKind.CERTIFICATE: "certification",
    EvidenceKind.LABEL: "certification",
    EvidenceKind.DECLARATION: "declaration",
}
LEVELS = {"verification": "Verified", "validation": "Validated"}
ON_EMISSIONS = ("product_carbon_footprint", "ghg_verification", "carbon_neutrality", "carbon_label")


def address(name: str, key: int, part: str = "") -> str:
    return f"{settings.SITE_URL}{reverse(f'certifications:{name}', args=[key])}{part}"


def as_certification(statement: VerificationStatement) -> Description:
    """As schema.org Certification. `validFrom` and `auditDate` are left out: no field holds either."""
    here = address("statement", statement.pk)
    return said(
        at_context=SCHEMA_ORG,
        at_type="Certification",
        at_id=here,
        url=here,
        name=str(statement),
        certificationIdentification=statement.certificate_number,
        certificationStatus=status(statement),
        issuedBy=issuer(statement),
        about=[organization(statement.company), *map(product, statement.products.all())],
        datePublished=day(statement.issued_on),
        expires=day(statement.valid_until),
        temporalCoverage=period(statement),
        hasMeasurement=measurements(statement),
        citation=[str(standard) for standard in statement.standards.all()],
        description=statement.summary,
        isBasedOn=statement.source_url,
        dateModified=statement.updated_at.isoformat(),
    )


def day(value: dt.date | None) -> str:
    return value.isoformat() if value else ""


def period(statement: VerificationStatement) -> str:
    """An interval of ISO 8601; open where one end is not known."""
    start, end = day(statement.period_start), day(statement.period_end)
    return f"{start or '..'}/{end or '..'}" if start or end else ""


def status(statement: VerificationStatement) -> str:
    """Active or inactive where a register or a printed day says so; else nothing."""
    today = timezone.localdate()
    removed_on, valid_until = statement.removed_on, statement.valid_until
    is_over = bool((removed_on and removed_on <= today) or (valid_until and valid_until < today))
    if is_over or statement.register_status in ENDED_BY_REGISTER:
        return f"{SCHEMA_ORG}/CertificationInactive"
    is_sure = statement.register_status == RegisterStatus.VALID or bool(statement.valid_until)
    return f"{SCHEMA_ORG}/CertificationActive" if is_sure else ""


def issuer(statement: VerificationStatement) -> Description:
    """The body, or who recognised a list membership; nothing where the source names neither."""
    if body := statement.verification_body:
        url = address("body", body.pk)
        return said(at_type="Organization", at_id=url, name=body.full_name or body.name, url=body.website)
    by = statement.recognised_by
    return said(at_type="Organization", name=by.name, url=by.website) if by else {}


def organization(company: Company) -> Description:
    code = company.credit_code
    identifier = said(at_type="PropertyValue", propertyID=GB_32100, value=code) if code else {}
    here = address("company", company.pk)
    return said(at_type="Organization", at_id=here, name=company.name, url=company.website, identifier=identifier)


def product(one: Product) -> Description:
    return said(at_type="Product", at_id=product_id(one), name=one.name, model=one.model)


def product_id(one: Product) -> str:
    return address("company", one.company_id, f"#product-{one.pk}")


def measurements(statement: VerificationStatement) -> list[Description]:
    per = f"/{statement.declared_unit}" if statement.declared_unit else ""
    figures = (
        ("GHG emissions", statement.emissions_tco2e, "tCO2e"),
        ("Carbon footprint", statement.footprint_kgco2e, f"kgCO2e{per}"),
    )
    return [
        said(at_type="QuantitativeValue", name=name, value=number(value), unitText=unit)
        for name, value, unit in figures
        if value is not None
    ]


def as_credential(statement: VerificationStatement) -> Description:
    """As an unsigned UNTP Digital Conformity Credential (0.6). Raises NotSaidError where there is no body that attests to it.

    The issuer's `id` is an address and no DID, for nobody publishes one for these bodies: without it and without a signature it
    is a transcript, and says so.
    """
    body = statement.verification_body
    if statement.is_list_membership:
        raise NotSaidError(_("Being on a list is no attestation of conformity by a body."))
    if body is None:
        raise NotSaidError(_("The source does not name the body: such a credential must say who issued it."))
    here = address("credential", statement.pk)
    return said(
        at_context=CREDENTIAL_CONTEXT,
        type=["DigitalConformityCredential", "VerifiableCredential"],
        id=here,
        issuer=said(type=["CredentialIssuer"], id=body.website or address("body", body.pk), name=body.full_name or body.name),
        validFrom=moment(statement.issued_on, dt.time(0, 0)),
        validUntil=moment(statement.valid_until, dt.time(23, 59, 59)),
        credentialSubject=attestation(statement, here),
    )


def moment(on: dt.date | None, at: dt.time) -> str:
    return timezone.make_aware(dt.datetime.combine(on, at)).isoformat() if on else ""


def attestation(statement: VerificationStatement, here: str) -> Description:
    kind = statement.engagement or ATTESTATIONS[EvidenceKind(statement.statement_type.evidence_kind)]
    return said(
        type=["ConformityAttestation", "Attestation"],
        id=address("statement", statement.pk),
        name=" ".join(filter(None, (str(statement), statement.certificate_number))),
        assessorLevel="3rdParty",
        assessmentLevel=LEVELS.get(statement.engagement, "Unspecified"),
        attestationType=kind,
        description=TRANSCRIPT,
        issuedToParty=party(statement.company),
        assessment=assessments(statement, here),
    )


def party(company: Company) -> Description:
    return said(id=address("company", company.pk), name=company.name, registeredId=company.credit_code)


def assessments(statement: VerificationStatement, here: str) -> list[Description]:
    """What was assessed, where a standard is named by which it was, and its subject has a code in the vocabulary."""
    standards = [str(standard) for standard in statement.standards.all()]
    if not standards or statement.statement_type.slug not in ON_EMISSIONS:
        return []
    products = [
        said(type=["ProductVerification"], product=said(id=product_id(one), name=str(one))) for one in statement.products.all()
    ]
    return [
        said(
            type=["ConformityAssessment", "Declaration"],
            id=f"{here}#assessment",
            name=", ".join(standards),
            conformityTopic="environment.emissions",
            conformance=True,
            declaredValue=metrics(statement),
            assessedProduct=products,
            assessedOrganisation={} if products else party(statement.company),
        )
    ]


def metrics(statement: VerificationStatement) -> list[Description]:
    """Figures with their unit as UN/ECE Recommendation 20 codes it: TNE is a tonne, KGM a kilogram."""
    per = f" per {statement.declared_unit}" if statement.declared_unit else ""
    figures: tuple[tuple[str, Any, str], ...] = (
        ("GHG emissions (CO2e)", number(statement.emissions_tco2e), "TNE"),
        (f"Carbon footprint (CO2e){per}", number(statement.footprint_kgco2e), "KGM"),
    )
    return [
        said(type=["Metric"], metricName=name, metricValue=said(type=["Measure"], value=value, unit=unit))
        for name, value, unit in figures
        if isinstance(value, int | float)
    ]
