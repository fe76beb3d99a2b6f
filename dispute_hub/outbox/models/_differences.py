"""What our books and a platform's do not agree on, and what was done about it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class Reconciliation(models.Model):
    """One comparison of everything sent to a platform with everything it says it holds."""

    connector = models.ForeignKey("outbox.Connector", models.PROTECT, related_name="reconciliations")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ours = models.PositiveIntegerField(default=0)
    theirs = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)
    # Why it could not be finished, in words; "" when it was.
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["connector", "-id"], name="reconciliation_connector")]


class Difference(models.Model):
    """One message on which the books differ, open until it vanishes or somebody cures it."""

    class Cause(models.TextChoices):
        MISSING = "missing", "对方没有此件"
        RECEIPT_LOST = "receipt_lost", "对方已收，我方未确认"
        INVENTED = "invented", "对方多出此件"
        CONTENT = "content", "两边内容不一致"
        BEHIND = "behind", "对方进展未到我方"
        AHEAD = "ahead", "对方状态落后于其回执"
        TWICE = "twice", "对方重复建件"
        RECALLED = "recalled", "已撤回，对方仍在办"
        CALLBACK = "callback", "回执未能采用"

    class Cure(models.TextChoices):
        RESENT = "resent", "已重新发送"
        TAKEN = "taken", "已采用对方状态"
        NOTED = "noted", "已核实备注"
        GONE = "gone", "再次核对已一致"

    connector = models.ForeignKey("outbox.Connector", models.PROTECT, related_name="differences")
    cause = models.CharField(max_length=12, choices=Cause.choices)
    message_id = models.CharField(max_length=60)
    row = models.ForeignKey("outbox.OutboxRow", models.PROTECT, null=True, related_name="differences")
    callback = models.ForeignKey(
        "outbox.PlatformCallback", models.PROTECT, null=True, related_name="differences"
    )
    ours = models.CharField(max_length=60, blank=True)
    theirs = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    # What the platform's list said of it, for taking its state over; codes and its own words, no parties.
    said = models.JSONField(default=dict, blank=True)
    found_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    cure = models.CharField(max_length=8, choices=Cure.choices, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connector", "message_id", "cause"],
                condition=Q(closed_at__isnull=True),
                name="difference_once_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["connector", "-found_at", "-id"],
                condition=Q(closed_at__isnull=True),
                name="difference_open",
            ),
            models.Index(
                fields=["-found_at", "-id"], condition=Q(closed_at__isnull=False), name="difference_closed"
            ),
        ]
