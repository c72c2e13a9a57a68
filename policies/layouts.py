"""Workbooks of policies: the list for a meeting, and their sheet of the week."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tanxun.listing.layouts import LaidOut, Layout

POLICY_LIST = Layout(
    "overview",
    pgettext_lazy("workbook", "Policy list"),
    (
        LaidOut(
            "policies",
            pgettext_lazy("workbook", "Policy list"),
            (
                "dated_on",
                "headline",
                "document_numbers",
                "issuing_bodies",
                "level",
                "region",
                "topics",
                "stage",
                "in_force_on",
                "expires_on",
                "comment_by",
                "targets",
                "incentives",
                "source_url",
            ),
            ("-dated_on", "-pk"),
        ),
    ),
)

WEEK_OF_POLICIES = LaidOut(
    "policies",
    _("Policies"),
    (
        "dated_on",
        "headline",
        "issuing_bodies",
        "documents",
        "level",
        "region",
        "topics",
        "targets",
        "incentives",
        "source",
        "source_url",
    ),
    ("-dated_on", "-pk"),
)
