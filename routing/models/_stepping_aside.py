"""回避 and 管辖争议: who must not handle a case, and which station it belongs to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class Recusal(models.Model):
    """A person who is party, kin or complained of and stays away from a case (handbook 3)."""

    class Why(models.TextChoices):
        PARTY = "party", "本人是当事人"
        KIN = "kin", "与当事人有近亲属关系"
        COMPLAINED_OF = "complained_of", "本人被投诉"
        OTHER = "other", "其他可能影响公正处理的关系"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待审批"
        APPROVED = "approved", "已回避"
        REFUSED = "refused", "未同意"

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="recusals")
    user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    why = models.CharField(max_length=14, choices=Why.choices)
    text = models.CharField(max_length=500)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    declarer_user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    decider_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decision_text = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user"], condition=~Q(status="refused"), name="recusal_once"
            ),
            models.CheckConstraint(
                condition=Q(decider_user__isnull=True)
                | (~Q(decider_user=F("declarer_user")) & ~Q(decider_user=F("user"))),
                name="recusal_decider_is_another",
            ),
        ]
        indexes = [
            models.Index(fields=["declared_at"], condition=Q(status="proposed"), name="recusal_proposed"),
        ]

    @property
    def place(self) -> str:
        """Where it stands on the page of what waits."""
        return f"recusal-{self.pk}"


class JurisdictionDispute(models.Model):
    """管辖争议: a station says a case is another's; the bureau decides while the first holds it."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="jurisdiction_disputes")
    first = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    proposed = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    text = models.CharField(max_length=500)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    raiser_user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    decided_to = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    decider_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decision_text = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(decided_at__isnull=True), name="jurisdiction_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decider_user__isnull=True) | ~Q(decider_user=F("raiser_user")),
                name="jurisdiction_decider_is_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["raised_at"], condition=Q(decided_at__isnull=True), name="jurisdiction_open"
            ),
        ]

    @property
    def proposed_code(self) -> str:
        """The station proposed; "" where the bureau is asked to name one."""
        return self.proposed.code if self.proposed else ""

    @property
    def place(self) -> str:
        """Where it stands on the page of what waits."""
        return f"dispute-{self.pk}"
