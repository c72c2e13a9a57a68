"""The roles of the contract as groups, made again after every migrate; and the system user that stands in histories."""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission

from .models import Role, User

EDITED_APPS = ("certifications", "policies", "digest", "records")
SYSTEM_USER = "manage"


def permissions_of(role: str) -> set[tuple[str, str]]:
    """(app label, codename) of everything that `role` may."""
    granted: set[tuple[str, str]] = set()
    if role != Role.READER:
        granted |= {("listing", f"{verb}_savedfilter") for verb in ("add", "change", "delete")}
        granted |= {("alerts", "add_subscription"), ("records", "see_team_attachments")}
        granted |= {("certifications", "add_companynote"), ("certifications", "change_companynote")}  # their own
    if role in (Role.EDITOR, Role.MANAGER):
        for label in EDITED_APPS:
            names = [model._meta.model_name for model in apps.get_app_config(label).get_models()]
            granted |= {(label, f"{verb}_{name}") for name in names for verb in ("view", "add", "change", "delete")}
        granted |= {("search", f"{verb}_synonym") for verb in ("view", "add", "change", "delete")}
        granted |= {("site", "review_drafts"), ("regions", "view_region"), ("digest", "compose_digest")}
    if role == Role.MANAGER:
        granted |= {("site", "export_lists"), ("site", "see_who_did_what"), ("jobs", "view_job"), ("digest", "freeze_digest")}
        granted |= {("records", "approve_changes")}
        granted |= {("alerts", "view_message"), ("alerts", "change_message"), ("alerts", "add_scheduledexport")}
        granted |= {("alerts", f"{verb}_hook") for verb in ("view", "add", "change", "delete")}
    return granted


def make_roles(using="default", **kwargs) -> None:
    """Idempotent `post_migrate` step: a group for every role with exactly its permissions and its people."""
    for config in apps.get_app_configs():
        create_permissions(config, verbosity=0, using=using)
    permissions = Permission.objects.using(using).select_related("content_type")
    ids = {(p.content_type.app_label, p.codename): p.pk for p in permissions}
    for role in Role.values:
        group, is_new = Group.objects.using(using).get_or_create(name=role)
        wanted = {ids[key] for key in permissions_of(role) if key in ids}
        if wanted != set(group.permissions.values_list("pk", flat=True)):
            group.permissions.set(wanted)
        if is_new:  # accounts that were made before it
            group.user_set.add(*User.objects.using(using).filter(role=role).values_list("pk", flat=True))


def acting_user(name: str | None = None) -> User:
    """Who stands in the history for a command: the user named, else the first superuser, else the system user `manage`.

    Raises User.DoesNotExist for an unknown name.
    """
    if name:
        return User.objects.get(username=name)
    first = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
    return first or User.objects.get_or_create(username=SYSTEM_USER, defaults={"is_active": False, "role": Role.EDITOR})[0]
