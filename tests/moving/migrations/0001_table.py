from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel("Thing", fields=[("id", models.BigAutoField(primary_key=True)), ("text", models.TextField())])
    ]
