"""四级会商: who met over which cases, and what was decided with an owner and a date."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ConsultationLevel(models.TextChoices):
    DAY = "day", "所级日会商"
    WEEK = "week", "防控办周会商"
    MONTH = "month", "县局月会商"
    ESCALATED = "escalated", "政法委会商"
    DIAGNOSIS = "diagnosis", "化解会诊"
    PRE_HOLIDAY = "pre_holiday", "节前清零会商"


class Consultation(models.Model):
    """One meeting of one unit."""

    number = models.CharField(max_length=30, unique=True)
    level = models.CharField(max_length=12, choices=ConsultationLevel.choices)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    convened_at = models.DateTimeField()
    convened_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    held_on = models.DateField()
    attendees = models.CharField(max_length=500, blank=True)
    minutes = models.TextField(max_length=10000, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["unit", "-held_on", "-id"], name="consultation_unit")]
        constraints = [
            # Two people convene the same meeting at once: one meeting (reliability, double work).
            models.UniqueConstraint(
                fields=["unit", "level", "held_on"],
                condition=Q(closed_at__isnull=True),
                name="consultation_open_once",
            ),
        ]


class AgendaEntry(models.Model):
    """One case on the agenda, why it is there, and what was said."""

    consultation = models.ForeignKey(Consultation, models.CASCADE, related_name="agenda")
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="agenda_entries")
    reason = models.CharField(max_length=100)
    points = models.CharField(max_length=2000, blank=True)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consultation", "case"], name="agenda_case_once")]


class Decision(models.Model):
    """A task that came of a consultation: one owner, one date."""

    entry = models.ForeignKey(AgendaEntry, models.CASCADE, related_name="decisions")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    task = models.CharField(max_length=500)
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    done_text = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "due_at"], condition=Q(done_at__isnull=True), name="decision_open"),
        ]
