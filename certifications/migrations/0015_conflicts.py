import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("certifications", "0014_programmes"),
        ("policies", "0005_targets_incentives_and_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(max_length=40)),
                ("kept", models.TextField()),
                ("kept_source", models.CharField(blank=True, max_length=200)),
                ("other", models.TextField()),
                ("other_source", models.CharField(blank=True, max_length=200)),
                ("value", models.JSONField()),
                ("found_at", models.DateTimeField(auto_now_add=True)),
                (
                    "choice",
                    models.CharField(
                        blank=True,
                        choices=[("kept", "the recorded value"), ("other", "the other value")],
                        max_length=5,
                    ),
                ),
                ("resolved_at", models.DateTimeField(null=True)),
                (
                    "policy",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conflicts",
                        to="policies.policy",
                    ),
                ),
                (
                    "resolved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conflicts",
                        to="certifications.verificationstatement",
                    ),
                ),
            ],
            options={
                "verbose_name": "conflict between sources",
                "verbose_name_plural": "conflicts between sources",
                "ordering": ("-found_at", "-pk"),
                "indexes": [
                    models.Index(condition=models.Q(("resolved_at", None)), fields=["-found_at", "-id"], name="conflict_open")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("policy__isnull", False), ("statement__isnull", True)),
                            models.Q(("policy__isnull", True), ("statement__isnull", False)),
                            _connector="OR",
                        ),
                        name="conflict_of_one_record",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("choice", ""), ("resolved_at__isnull", True)),
                            models.Q(models.Q(("choice", ""), _negated=True), ("resolved_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="conflict_resolved_by_choice",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NotTheSame",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("said_at", models.DateTimeField(auto_now_add=True)),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="certifications.verificationstatement",
                    ),
                ),
                (
                    "said_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="certifications.verificationstatement",
                    ),
                ),
            ],
            options={
                "verbose_name": "pair of different statements",
                "verbose_name_plural": "pairs of different statements",
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="not_the_same_once"),
                    models.CheckConstraint(condition=models.Q(("first__lt", models.F("second"))), name="not_the_same_in_order"),
                ],
            },
        ),
    ]
