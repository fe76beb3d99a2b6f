"""What stands around a third push before it leaves: the draft, the filing, a leader's word by telephone."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from dispute_hub.common.fields import EncryptedTextField


class ReportDraft(models.Model):
    """A report that is still being written; one for a person and a case, sealed, gone once it is proposed."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="+")
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    # Counts the savings: a tab that has read an older one must not write over a newer one.
    edition = models.PositiveIntegerField(default=1)
    content = EncryptedTextField(blank=True, default="")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="report_draft_once")]


class ThirdPushFiling(models.Model):
    """What was proposed beside the report: the very packet, who read it, and what law allowed it."""

    class Risen(models.TextChoices):
        OVERDUE = "overdue", "超时未批"
        NO_LEADER = "no_leader", "所内无其他领导可批"

    order = models.OneToOneField("routing.WorkOrder", models.CASCADE, related_name="filing")
    # The packet in clear without its number, which the order gets later; approval compares with it.
    packet = EncryptedTextField()
    packet_hash = models.CharField(max_length=64)
    confirmed_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    procedure = models.CharField(max_length=40, blank=True)
    both_applied = models.BooleanField(default=False)
    applied_text = models.CharField(max_length=500, blank=True)
    # From here on the bureau's duty leader decides (handbook 3).
    risen_at = models.DateTimeField(null=True, blank=True)
    risen_why = models.CharField(max_length=10, choices=Risen.choices, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(both_applied=False) | ~Q(applied_text=""), name="filing_application_recorded"
            ),
        ]


class PhoneApproval(models.Model):
    """先推后批: a leader's yes by telephone to a 特急 order, until it stands in writing."""

    class Verdict(models.TextChoices):
        PENDING = "pending", "待补书面审批"
        CONFIRMED = "confirmed", "已补书面审批"
        REFUSED = "refused", "书面审批未同意"

    order = models.OneToOneField("routing.WorkOrder", models.CASCADE, related_name="phone_approval")
    proposer_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    leader = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    leader_user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=500)
    recorder = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    recorder_user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.PENDING)
    decided_at = models.DateTimeField(null=True, blank=True)
    decider = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    decider_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    text = models.CharField(max_length=2000, blank=True)
    flagged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(proposer_user__isnull=True) | ~Q(leader_user=F("proposer_user")))
                & ~Q(leader_user=F("recorder_user")),
                name="phone_leader_is_another",
            ),
            models.CheckConstraint(
                condition=Q(decider_user__isnull=True)
                | (
                    (Q(proposer_user__isnull=True) | ~Q(decider_user=F("proposer_user")))
                    & ~Q(decider_user=F("recorder_user"))
                ),
                name="phone_decider_is_another",
            ),
        ]
        indexes = [
            models.Index(fields=["recorded_at"], condition=Q(verdict="pending"), name="phone_pending"),
        ]
