"""Records accepted before they kept their place in the newsletter get it from their drafts."""

import datetime as dt
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from policies.models import Policy
from tanxun.digest import intake
from tanxun.site import reference
from tests import factory

pytestmark = pytest.mark.django_db
TEXT = "01. 行业动态\n\n昆山:推动零碳工厂建设\n\n1月12日,昆山市人民政府印发《昆山市零碳工厂方案》。《方案》提出,推动创建。\n"


def test_places_come_from_accepted_drafts():
    reference.load()
    user = factory.superuser()
    newsletter = intake.bring_in("week.txt", TEXT.encode(), reference_date=dt.date(2026, 1, 16), user=user).newsletter
    assert intake.accept_all(newsletter, user).left == []
    kept = Policy.objects.values_list("section", "source_order").get()
    assert kept == ("industry", f"{newsletter.pk:010}.00001.00001")
    Policy.objects.update(section="", source_order="")
    migration = import_module("tanxun.digest.migrations.0007_places_from_drafts")
    migration.place(apps, SimpleNamespace(connection=connection))
    assert Policy.objects.values_list("section", "source_order").get() == kept
