"""The site's own User, from the first migration: sign-in name, shown name, and one of the four roles."""

from django.contrib.auth.models import AbstractUser, Group
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """The roles of the contract, each may what the one before it may, and more."""

    READER = "reader", _("reader")
    CONSULTANT = "consultant", pgettext_lazy("role", "consultant")
    EDITOR = "editor", _("editor")
    MANAGER = "manager", _("manager")


STAFF_ROLES = (Role.EDITOR, Role.MANAGER)


class User(AbstractUser):
    """`role` decides the group and whether the person may enter the admin; superusers may all. A closed account (not active) has
    neither sessions nor working keys."""

    display_name = models.CharField(_("shown name"), max_length=60, blank=True)
    role = models.CharField(_("role"), max_length=12, choices=Role, default=Role.READER)

    class Meta(AbstractUser.Meta):
        permissions = [
            ("export_lists", "Can export lists"),
            ("review_drafts", "Can bring in newsletters and review drafts"),
            ("see_who_did_what", "Can see who did what"),
        ]

    def __str__(self):
        return self.display_name or self.username

    def save(self, *args, update_fields=None, **kwargs):
        self.is_staff = self.is_superuser or self.role in STAFF_ROLES
        if update_fields is not None and {"role", "is_superuser"} & set(update_fields):
            update_fields = {*update_fields, "is_staff"}
        super().save(*args, update_fields=update_fields, **kwargs)
        self.groups.set(Group.objects.filter(name=self.role))
        if not self.is_active:  # for good: opened again, it begins without
            from . import sessions

            sessions.end(self)
            self.access_keys.filter(revoked_at=None).update(revoked_at=timezone.now())
