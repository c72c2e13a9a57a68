"""Statements on pages about something else: the short table of detail pages, and the panel of a policy (wired in tanxun.urls)."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Value
from django.db.models.functions import Concat, Trim
from django.http import HttpRequest

from policies.models import Policy
from tanxun.listing.columns import InOrder

from .models import Product, VerificationStatement

SHOWN = 50


def table_rows(statements: QuerySet[VerificationStatement]) -> QuerySet[VerificationStatement]:
    """`statements` with all that certifications/_statements.html shows of them, in one query."""
    parts = ("company", "statement_type", "verification_body", "recognised_by", "programme")
    products = Product.objects.filter(statements=OuterRef("pk")).order_by("pk")
    return statements.with_validity().select_related(*parts).annotate(product_names=InOrder(named(products)))


def named(products: QuerySet[Product]) -> QuerySet:
    """Products by name and model, as the one column `item`."""
    return products.values(item=Trim(Concat("name", Value(" "), "model")))


def linked_statements(request: HttpRequest, policy: Policy) -> tuple[str, dict[str, Any]] | None:
    """On a policy's page: the statements that a person linked to it, newest first."""
    linked = VerificationStatement.objects.filter(policy_links__policy=policy, policy_links__concerns=True)
    rows = list(table_rows(linked)[: SHOWN + 1])
    if not rows:
        return None
    return "certifications/_linked_statements.html", {"statements": rows[:SHOWN], "is_cut": len(rows) > SHOWN}
