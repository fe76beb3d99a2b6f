"""Indexes that only the figures read by.

They stand with their reader: each column belongs to an earlier stage, which never asks for it by time.
Without them a day's count reads the whole table (six million clocks at a million cases).
"""

from django.db import migrations

INDEXES = (
    ("figure_push_issued", "routing_push", "issued_at"),
    ("figure_push_reported", "routing_push", "reported_at"),
    ("figure_deadline_due", "cases_deadline", "due_at"),
    ("figure_visit_due", "followup_followup", "due_at"),
    ("figure_answered", "followup_followupanswer", "answered_at"),
    ("figure_order_sent", "routing_workorder", "sent_at"),
)


class Migration(migrations.Migration):
    dependencies = [
        ("reports", "0001_roll_ups"),
        ("routing", "0002_orders"),
        ("cases", "0001_initial"),
        ("followup", "0001_follow_ups"),
    ]

    operations = [
        migrations.RunSQL(
            f"CREATE INDEX IF NOT EXISTS {name} ON {table} ({column})", f"DROP INDEX IF EXISTS {name}"
        )
        for name, table, column in INDEXES
    ]
