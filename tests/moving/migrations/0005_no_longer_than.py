from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moving", "0004_index")]
    operations = [
        migrations.AddConstraint(
            "thing", models.CheckConstraint(condition=models.Q(length__lt=1_000), name="moving_no_longer_than")
        )
    ]
