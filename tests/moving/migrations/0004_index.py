from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("moving", "0003_length")]
    operations = [migrations.AddIndex("thing", models.Index(fields=["length", "text"], name="moving_by_length"))]
