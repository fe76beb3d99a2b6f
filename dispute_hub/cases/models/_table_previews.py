"""What a draft of the clock table would move, counted slice by slice beside the request."""

from __future__ import annotations

from django.db import models

from dispute_hub.cases.models._clocks import ClockTable


class TablePreview(models.Model):
    """One count over the open clocks for one state of a draft. `by_name` is {clock: how many move}."""

    table = models.ForeignKey(ClockTable, models.CASCADE, related_name="previews")
    edit_no = models.PositiveIntegerField()
    wanted_at = models.DateTimeField()
    last_id = models.BigIntegerField(default=0)
    looked_at_count = models.PositiveIntegerField(default=0)
    later_count = models.PositiveIntegerField(default=0)
    earlier_count = models.PositiveIntegerField(default=0)
    by_name = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(finished_at__isnull=True), name="table_preview_unfinished"
            ),
            models.Index(fields=["table", "-id"], name="table_preview_table"),
        ]

    @property
    def moved(self) -> int:
        """How many open clocks would end at another instant."""
        return self.later_count + self.earlier_count

    @property
    def most_moved(self) -> list[tuple[str, int]]:
        """Clocks with how many of them move, the most first."""
        return sorted(self.by_name.items(), key=lambda one: -one[1])
