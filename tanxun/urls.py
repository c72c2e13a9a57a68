"""The only wiring place: which list pages there are, which panels a detail page shows, and where everything answers."""

from django.apps import apps
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from certifications import panels as certification_panels
from certifications.board import DuePage
from certifications.bodies import BodyPage
from certifications.companies import CompanyPage
from certifications.concern import PolicyPage
from certifications.deciding import disagreements
from certifications.models import Company, VerificationStatement
from certifications.pages import StatementPage
from certifications.urls import detail_urls as certification_urls
from policies.figure_pages import IncentivePage, TargetPage
from policies.models import Policy
from policies.urls import detail_urls as policy_urls
from tanxun.alerts import panels as alert_panels
from tanxun.digest import panels as digest_panels
from tanxun.digest.archive import DigestPage
from tanxun.digest.kinship import panel as proposed_links
from tanxun.listing.addresses import address_urls
from tanxun.listing.api import api_urls
from tanxun.listing.attachments import attachment_urls
from tanxun.listing.attachments import panel as attached
from tanxun.listing.exports import export_urls
from tanxun.listing.saved import saved_urls
from tanxun.listing.subscribing import subscription_urls
from tanxun.listing.tokens import token_urls
from tanxun.listing.views import list_urls, place_url
from tanxun.site import views
from tanxun.site.accounts import account_urls
from tanxun.site.bin import BinView
from tanxun.site.confirming import confirm
from tanxun.site.four_eyes.views import ApprovalsView, ApprovalView
from tanxun.site.search import search
from tanxun.site.statistics import StatisticsView

WITH_ATTACHMENTS = {"statements": VerificationStatement, "companies": Company, "policies": Policy}
PAGES = (StatementPage, CompanyPage, BodyPage, PolicyPage, TargetPage, IncentivePage, DigestPage)

certification_pages = certification_urls(
    statement=(disagreements, attached, digest_panels.sources, certification_panels.policies_of_statement),
    company=(attached, certification_panels.policies_of_company, digest_panels.news),
    body=(),
    company_marks=(alert_panels.follow_company,),
)
policy_pages = policy_urls(
    policy=(
        disagreements,
        proposed_links,
        attached,
        certification_panels.touched,
        digest_panels.sources,
        certification_panels.linked_statements,
    ),
    beside_targets=certification_panels.progress_of,
    target=(certification_panels.progress,),
    policy_marks=(alert_panels.follow_policy,),
)

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", search, name="search"),
    path("statistics/", StatisticsView.as_view(), name="statistics"),
    *(pattern for page in PAGES for pattern in list_urls(page)),
    place_url(),
    *api_urls(PAGES),
    *saved_urls(alert_panels.subscriptions, alert_panels.exports),
    *subscription_urls(DuePage),
    *address_urls(),
    *export_urls(),
    *token_urls(),
    *attachment_urls(WITH_ATTACHMENTS),
    path("", include((certification_pages, "certifications"))),
    path("", include((policy_pages, "policies"))),
    path("", include("tanxun.digest.urls")),
    path("", include("tanxun.alerts.urls")),
    path("", include("tanxun.jobs.urls")),
    path("confirm/<str:kind>/<int:pk>/", confirm, name="confirm"),
    path("bin/", BinView.as_view(), name="bin"),
    path("approvals/", ApprovalsView.as_view(), name="approvals"),
    path("approvals/<int:pk>/", ApprovalView.as_view(), name="approval"),
    path("admin/", admin.site.urls),
    *account_urls(),
    *([path("", include("tanxun.site.sso.urls"))] if apps.is_installed("tanxun.site.sso") else []),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
]

handler400, handler403, handler404, handler500 = (
    f"tanxun.site.views.{name}" for name in ("bad_request", "forbidden", "not_found", "broken")
)
