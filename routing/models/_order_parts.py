"""Beside an order: contacts with the parties, who was not reached, its watcher, a centre's counter-orders."""

from __future__ import annotations

from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q

from routing.models._orders import WorkOrder


class OrderContact(models.Model):
    """One party reached about an order, and what he said; each side apart (handbook 4)."""

    class Purpose(models.TextChoices):
        FIRST = "first", "签收后联系"
        VERIFY = "verify", "核查"

    class Mode(models.TextChoices):
        PHONE = "phone", "电话"
        VISIT = "visit", "上门"
        OFFICE = "office", "当面约谈"

    order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="contacts")
    party = models.ForeignKey("cases.Party", models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=6, choices=Purpose.choices)
    mode = models.CharField(max_length=6, choices=Mode.choices)
    said = models.CharField(max_length=1000)
    at = models.DateTimeField()
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["order", "id"], name="order_contact_order")]


LOST_WAITS: Final = Q(approved__isnull=True, withdrawn_at__isnull=True)


class LostContact(models.Model):
    """失去联系: the officer's word at 核查 that somebody cannot be reached, and a leader's on it.

    It ends by a leader's word, or is withdrawn by the result of a 核查 that came before it.
    """

    order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="lost_contacts")
    text = models.CharField(max_length=2000)
    proposer = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    proposer_user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approver = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    approver_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    approved = models.BooleanField(null=True)
    # 值班代批: the duty leader's, or the bureau's where the station had no other leader (handbook 3).
    decided_by_duty = models.BooleanField(default=False)
    decision_text = models.CharField(max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")

    WAITS: ClassVar = LOST_WAITS

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=LOST_WAITS, name="lost_contact_one_pending"),
            models.CheckConstraint(
                condition=Q(approved__isnull=True, approver_user__isnull=True)
                | Q(approved__isnull=False, approver_user__isnull=False),
                name="lost_contact_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(approver_user__isnull=True) | ~Q(approver_user=F("proposer_user")),
                name="lost_contact_approver_not_proposer",
            ),
        ]

    @property
    def waits(self) -> bool:
        """Whether a leader is still asked."""
        return self.approved is None and self.withdrawn_at is None


class OrderWatch(models.Model):
    """盯办: who at the bureau watches a diverted order until it ends; without `post` nobody was on post."""

    order = models.OneToOneField(WorkOrder, models.CASCADE, related_name="watch")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField()
    # Empty: by rule, the least loaded on duty.
    assigned_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    urged_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "id"], condition=Q(ended_at__isnull=True), name="watch_open_unit"),
            models.Index(fields=["post", "id"], condition=Q(ended_at__isnull=True), name="watch_open_post"),
        ]


class CounterMatter(models.Model):
    """反向交办: a police-type matter a centre sends to a station; its order carries status and clocks.

    An emergency is an alert at once (`alert`); the centre sees whether somebody was sent, no police details.
    """

    order = models.OneToOneField(WorkOrder, models.CASCADE, related_name="matter")
    from_unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    about = models.ForeignKey(WorkOrder, models.PROTECT, null=True, related_name="counter_matters")
    alert = models.ForeignKey("intake.Alert", models.PROTECT, null=True, related_name="+")
    is_emergency = models.BooleanField(default=False)
    # The words themselves called for it, though the sender did not.
    raised_by_rule = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["from_unit", "-order"], name="matter_from_unit")]
