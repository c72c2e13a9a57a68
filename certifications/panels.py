"""What certification shows on pages of lower packages; wired in tanxun.urls."""

from typing import Any

from django.http import HttpRequest

from policies.models import Policy

from .models import VerificationStatement

SHOWN = 50


def linked_statements(request: HttpRequest, policy: Policy) -> tuple[str, dict[str, Any]] | None:
    """On a policy's page: the statements that a person linked to it, newest first."""
    linked = VerificationStatement.objects.filter(policy_links__policy=policy, policy_links__concerns=True)
    rows = list(linked.with_validity().select_related("company", "statement_type", "verification_body")[: SHOWN + 1])
    if not rows:
        return None
    return "certifications/_linked_statements.html", {"statements": rows[:SHOWN], "is_cut": len(rows) > SHOWN}
