"""Roll-ups: how much of each figure lies on a day at a station, and what has to be counted again."""

from __future__ import annotations

from django.db import models


class DirtyCase(models.Model):
    """A case whose figures may have changed.

    Plain rows without any unique constraint: one row per station and day would make every writer of the
    day wait for the transaction of the one before.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    bureau = models.ForeignKey("accounts.Unit", models.CASCADE, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["bureau", "id"], name="dirty_case_bureau")]


class Counted(models.Model):
    """When a span of a bureau was last counted, and whether something in it has changed since."""

    class Span(models.TextChoices):
        FLOW = "flow", "当日发生"
        DAY = "day", "日"
        WEEK = "week", "周"
        MONTH = "month", "月"

    bureau = models.ForeignKey("accounts.Unit", models.CASCADE, related_name="+")
    span = models.CharField(max_length=5, choices=Span.choices)
    first_on = models.DateField()
    counted_at = models.DateTimeField()
    is_stale = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bureau", "span", "first_on"], name="counted_once"),
        ]
        indexes = [
            models.Index(
                fields=["bureau", "first_on"], condition=models.Q(is_stale=True), name="counted_stale"
            )
        ]


class DayFigure(models.Model):
    """The value of one figure at one station: of a day (flow), or of a day, week or month as a whole."""

    bureau = models.ForeignKey("accounts.Unit", models.CASCADE, related_name="+")
    station = models.ForeignKey("accounts.Unit", models.CASCADE, related_name="+")
    span = models.CharField(max_length=5, choices=Counted.Span.choices)
    day = models.DateField()
    figure = models.CharField(max_length=24)
    value = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["bureau", "span", "day", "figure", "station"], name="day_figure_once"
            ),
        ]
