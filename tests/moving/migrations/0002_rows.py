from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("moving", "0001_table")]
    operations = [
        migrations.RunSQL(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
            " INSERT INTO moving_thing (text) SELECT 'thing ' || i FROM n",
            "DELETE FROM moving_thing",
        )
    ]
