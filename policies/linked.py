"""A policy for other programs: as schema.org Legislation. Called by its pages. Nothing is said that the record does not hold."""

from django.conf import settings
from django.utils import timezone

from tanxun.listing.columns import known_day
from tanxun.listing.linked import Description, said

from .models import ContentType, Level, Policy, Stage

SCHEMA_ORG = "https://schema.org"
WITHOUT_DOCUMENT = (ContentType.PRESS_CONFERENCE, ContentType.MEETING, ContentType.STATEMENT)
NATION = "中华人民共和国"


def as_legislation(policy: Policy) -> Description:
    """As schema.org Legislation; a press conference or a meeting, which is none, as CreativeWork."""
    here, documents = f"{settings.SITE_URL}{policy.get_absolute_url()}", list(policy.documents.all())
    issuers = [said(at_type="Organization", name=one.body.name, url=one.body.website) for one in policy.issuers.all()]
    base = said(
        at_context=SCHEMA_ORG,
        at_type="CreativeWork",
        at_id=here,
        url=here,
        name=policy.headline,
        alternateName=[document.title for document in documents],
        datePublished=known(policy, "issued_on"),
        expires=known(policy, "expires_on"),
        keywords=[topic.name for topic in policy.topics.all()],
        abstract="\n".join(point.text for point in policy.key_points.all()),
        isBasedOn=policy.source_url,
        dateModified=policy.updated_at.isoformat(),
    )
    if policy.content_type in WITHOUT_DOCUMENT:
        return base | said(creator=issuers)
    return base | said(
        at_type="Legislation",
        legislationIdentifier=[document.number for document in documents if document.number],
        legislationDate=known(policy, "signed_on"),
        legislationDateOfApplicability=known(policy, "in_force_on"),
        legislationPassedBy=issuers,
        legislationJurisdiction=jurisdiction(policy),
        legislationLegalForce=legal_force(policy),
        legislationType=policy.get_form_display() or policy.get_content_type_display(),
    )


def known(policy: Policy, name: str) -> str:
    """A day as far as it is known: 2026-03 where only its month is."""
    return str(known_day(getattr(policy, name), policy.precisions.get(name)) or "")


def jurisdiction(policy: Policy) -> Description:
    if policy.level == Level.NATIONAL:
        return said(at_type="AdministrativeArea", name=NATION)
    region = policy.region
    place = said(at_type="AdministrativeArea", name=region.full_name, identifier=region.code) if region else {}
    if not policy.park_name:
        return place
    return said(at_type="AdministrativeArea", name=policy.park_name, containedInPlace=place)


def legal_force(policy: Policy) -> str:
    """In force or not, as far as its stage and days say; else nothing."""
    today = timezone.localdate()
    is_over = policy.stage == Stage.REPEALED or (policy.expires_on and policy.expires_on < today)
    is_ahead = policy.stage == Stage.CONSULTATION or (policy.in_force_on and policy.in_force_on > today)
    if is_over or is_ahead:
        return f"{SCHEMA_ORG}/NotInForce"
    return f"{SCHEMA_ORG}/InForce" if policy.stage in (Stage.IN_FORCE, Stage.TRIAL, Stage.AMENDED) else ""
