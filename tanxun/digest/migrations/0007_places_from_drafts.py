from django.db import migrations

TIES = {
    "statement": ("certifications", "VerificationStatement", ("section", "source_order", "headline")),
    "policy": ("policies", "Policy", ("section", "source_order")),
    "news_item": ("digest", "NewsItem", ("source_order",)),
}
BATCH = 500


def place(apps, schema_editor):
    """Records keep where they stood in their newsletter: what until now only the accepted draft told."""
    alias = schema_editor.connection.alias
    drafts = apps.get_model("digest", "Draft").objects.using(alias).filter(status="accepted")
    for tie, (app, name, columns) in TIES.items():
        model = apps.get_model(app, name)
        rows = []
        told = drafts.filter(**{f"{tie}__isnull": False})
        for draft in told.values("newsletter_id", "order", "part", "section", "headline", tie).iterator(chunk_size=BATCH):
            order = f"{draft['newsletter_id']:010}.{draft['order']:05}.{draft['part']:05}"
            values = {"section": draft["section"], "headline": draft["headline"], "source_order": order}
            rows.append(model(pk=draft[tie], **{column: values[column] for column in columns}))
        for start in range(0, len(rows), BATCH):
            model._base_manager.using(alias).bulk_update(rows[start : start + BATCH], columns)


class Migration(migrations.Migration):
    dependencies = [
        ("digest", "0006_place_in_the_weekly"),
        ("certifications", "0018_place_in_the_weekly"),
        ("policies", "0007_place_in_the_weekly"),
    ]

    operations = [migrations.RunPython(place, migrations.RunPython.noop, elidable=True)]
