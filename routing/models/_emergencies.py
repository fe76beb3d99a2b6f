"""应急处置: one commander on the spot, who must know of it, and what is reported while it lasts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Emergency(models.Model):
    """A mass event commanded on the spot; the clocks of its dispute stand still meanwhile (handbook 4)."""

    class Ground(models.TextChoices):
        """Why it was offered (handbook 4)."""

        CROWD = "crowd", "现场聚集30人以上"
        BLOCKED = "blocked", "现场聚集10人以上并堵门堵路"

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="emergencies")
    standstill = models.ForeignKey("cases.Standstill", models.PROTECT, related_name="+")
    ground = models.CharField(max_length=8, choices=Ground.choices)
    people = models.PositiveIntegerField()
    # What outside units get: what to do, where, whom to report to. Written without personal data.
    instruction = models.CharField(max_length=500)
    commander = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    lead_unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    former_holder_unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    former_holder_post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    end_text = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-begun_at", "-id"], name="emergency_begun")]
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="emergency_one_running"
            ),
        ]

    @property
    def is_running(self) -> bool:
        return self.ended_at is None


class EmergencyCall(models.Model):
    """Who beside the police on the spot was told, and who there has confirmed it."""

    class Why(models.TextChoices):
        BUREAU = "bureau", "局值班领导"
        STREET = "street", "街道值班室"
        LEAD = "lead", "牵头部门"

    emergency = models.ForeignKey(Emergency, models.CASCADE, related_name="calls")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    why = models.CharField(max_length=6, choices=Why.choices)
    called_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["emergency", "unit"], name="emergency_call_once"),
        ]


class EmergencyReport(models.Model):
    """首报, 续报 or 终报; each as it was sent, a correction is the next one."""

    class Kind(models.TextChoices):
        FIRST = "first", "首报"
        PROGRESS = "progress", "续报"
        FINAL = "final", "终报"

    emergency = models.ForeignKey(Emergency, models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    number = models.PositiveSmallIntegerField()
    people = models.PositiveIntegerField(null=True)
    text = models.CharField(max_length=2000)
    reported_at = models.DateTimeField()
    reported_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["emergency", "number"], name="emergency_report_number_once"),
            models.UniqueConstraint(
                fields=["emergency", "kind"],
                condition=Q(kind__in=["first", "final"]),
                name="emergency_report_once",
            ),
        ]
