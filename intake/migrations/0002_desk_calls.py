"""A call at the desk has a key of its own, and is kept (wiped) after it is over."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("intake", "0001_initial")]

    operations = [
        migrations.AddField("deskdraft", "key", models.UUIDField(default=uuid.uuid4, unique=True)),
        migrations.AddField("deskdraft", "closed_at", models.DateTimeField(null=True)),
    ]
