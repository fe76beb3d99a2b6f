"""One sequence per number series (`cases.numbers`): writers of a day must not wait for each other."""

from django.db import migrations

from dispute_hub.cases.numbers import SERIES


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunSQL(f"CREATE SEQUENCE hub_{series}_no", f"DROP SEQUENCE hub_{series}_no")
        for series in SERIES
    ]
