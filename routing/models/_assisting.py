"""协助二推送: the station where a party is at home helps the one that leads."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class AssistingPush(models.Model):
    """What a party's home station is asked beside push 2; the station of occurrence leads (handbook 5)."""

    class Home(models.TextChoices):
        REGISTERED = "registered", "户籍地"
        RESIDENCE = "residence", "居住地"

    class Status(models.TextChoices):
        ISSUED = "issued", "待签收"
        SIGNED = "signed", "协助中"
        ANSWERED = "answered", "已反馈"
        WITHDRAWN = "withdrawn", "已撤回"

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="assisting_pushes")
    party = models.ForeignKey("cases.Party", models.PROTECT, related_name="+")
    station = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    home = models.CharField(max_length=10, choices=Home.choices)
    text = models.CharField(max_length=500)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.ISSUED)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    # The answer, or why it was withdrawn.
    answer = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "station", "party"],
                condition=Q(status__in=["issued", "signed"]),
                name="assisting_one_open",
            ),
        ]
        indexes = [models.Index(fields=["station", "-id"], name="assisting_station")]

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.ISSUED, self.Status.SIGNED)
