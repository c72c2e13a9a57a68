import datetime as dt

from django.db import migrations, models
from django.db.models import F


def fill(apps, editor):
    """What is stored already is sorted by its own year or day; what has none keeps the default, which stands last."""
    for prefix in ("", "Historical"):
        targets, incentives = (
            apps.get_model("policies", f"{prefix}{name}").objects.using(editor.connection.alias)
            for name in ("Target", "Incentive")
        )
        targets.filter(year__isnull=False).update(year_rank=F("year"))
        incentives.filter(apply_by__isnull=False).update(apply_by_rank=F("apply_by"))


class Migration(migrations.Migration):
    dependencies = [("policies", "0005_targets_incentives_and_links")]

    operations = [
        operation
        for prefix in ("", "historical")
        for operation in (
            migrations.AddField(f"{prefix}target", "year_rank", models.PositiveSmallIntegerField(default=9999, editable=False)),
            migrations.AddField(
                f"{prefix}incentive", "apply_by_rank", models.DateField(default=dt.date(9999, 12, 31), editable=False)
            ),
        )
    ] + [migrations.RunPython(fill, migrations.RunPython.noop)]
