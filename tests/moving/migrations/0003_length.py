from django.db import migrations, models


def fill(apps, editor):
    """A row at a time, so that a kill has time to fall in between."""
    things = apps.get_model("moving", "Thing").objects.using(editor.connection.alias)
    for key, text in things.values_list("pk", "text")[:2_000]:
        things.filter(pk=key).update(length=len(text))
    things.filter(length=None).update(length=0)


class Migration(migrations.Migration):
    dependencies = [("moving", "0002_rows")]
    operations = [
        migrations.AddField("thing", "length", models.IntegerField(null=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
