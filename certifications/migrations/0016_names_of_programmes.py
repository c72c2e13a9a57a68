import importlib

from django.db import migrations, models

ALIASES = {
    "green-industrial-park": ("绿色园区",),
    "green-supply-chain": ("绿色供应链", "绿色供应链管理", "绿色供应链管理示范企业", "绿色供应链企业"),
    "national-carbon-label": ("国家产品碳足迹标识", "国家产品碳足迹标识认证"),
}
# The words that became choices in the records; their history kept them, and would tell of a change that nobody made.
MEANT = importlib.import_module("certifications.migrations.0014_programmes").MEANT


def name_programmes(apps, schema_editor):
    rows = apps.get_model("certifications", "Programme").objects.using(schema_editor.connection.alias)
    for slug, aliases in ALIASES.items():
        rows.filter(slug=slug, aliases="").update(aliases="\n".join(aliases))


def word_history(apps, schema_editor):
    entries = apps.get_model("certifications", "HistoricalVerificationStatement").objects.using(schema_editor.connection.alias)
    for name, meanings in MEANT.items():
        whens = [models.When(**{f"{name}__in": words}, then=models.Value(value)) for value, words in meanings.items()]
        known = [word for words in meanings.values() for word in words]
        entries.filter(**{f"{name}__in": known}).update(**{name: models.Case(*whens, default=models.F(name))})


class Migration(migrations.Migration):
    dependencies = [("certifications", "0015_conflicts")]

    operations = [
        *(
            migrations.AddField(
                model_name=model,
                name="aliases",
                field=models.TextField(blank=True, help_text="One a line: what sheets call it, too", verbose_name="aliases"),
            )
            for model in ("historicalprogramme", "programme")
        ),
        migrations.RunPython(name_programmes, migrations.RunPython.noop),
        migrations.RunPython(word_history, migrations.RunPython.noop),
    ]
