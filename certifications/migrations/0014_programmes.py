from django.db import migrations, models

TIERS = [
    ("national", "national level"),
    ("province", "provincial level"),
    ("city", "city level"),
    ("county", "county level"),
]
STAGES = [
    ("cultivation", "in cultivation"),
    ("construction", "on the construction list"),
    ("publicised", "shown to the public"),
    ("accepted", "accepted"),
]
# What people wrote while both were free text. Any other word stays as it stands.
MEANT = {
    "tier": {
        "national": ("国家", "国家级", "National"),
        "province": ("省", "省级", "自治区级", "provincial", "Provincial"),
        "city": ("市", "市级", "地市级", "设区市级", "City"),
        "county": ("区县级", "县级", "区级", "县", "区", "County"),
    },
    "list_stage": {
        "cultivation": ("培育", "培育名单", "培育库", "入库"),
        "construction": ("建设", "在建", "建设名单", "创建", "创建名单"),
        "publicised": ("公示", "公示中", "拟入选", "拟认定"),
        "accepted": ("列入", "已列入", "入选", "认定", "已认定", "验收通过", "通过验收"),
    },
}


def word_as_choices(apps, schema_editor):
    rows = apps.get_model("certifications", "VerificationStatement")._base_manager.using(schema_editor.connection.alias)
    for name, meanings in MEANT.items():
        for value, words in meanings.items():
            rows.filter(**{f"{name}__in": words}).update(**{name: value})


class Migration(migrations.Migration):
    dependencies = [("certifications", "0013_company_policy")]

    operations = [
        *(
            migrations.AlterField(
                model_name=model,
                name=name,
                field=models.CharField(blank=True, choices=choices, max_length=40, verbose_name=label),
            )
            for model in ("historicalverificationstatement", "verificationstatement")
            for name, choices, label in (("list_stage", STAGES, "stage on the list"), ("tier", TIERS, "tier"))
        ),
        *(
            migrations.AddIndex(
                model_name="verificationstatement",
                index=models.Index(
                    fields=[name, "dated_on", "id"],
                    condition=models.Q(("deleted_at__isnull", True), models.Q((name, ""), _negated=True)),
                    name=index,
                ),
            )
            for name, index in (("tier", "statement_of_tier"), ("list_stage", "statement_at_stage"))
        ),
        migrations.RunPython(word_as_choices, migrations.RunPython.noop),
    ]
