"""What has yet to reach somebody: one row per delivery, written with the change that causes it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class OutboxRow(models.Model):
    """One delivery, at least once; its id is the message id for ever, so the receiver can drop repeats.

    The payload stays as it was written; what is added while it is sent (`topics.COMPLETED_BY`) may change.

    `case_id` is a plain number: the outbox lies below the cases and orders deliveries per case.
    The payload carries ids and Chinese words without personal data.
    """

    class State(models.TextChoices):
        PENDING = "pending", "待投递"
        LEASED = "leased", "投递中"
        SENT = "sent", "已送达"
        DEAD = "dead", "投递失败"
        # Given up, and what it tells no longer holds: a person took it from the list.
        ASIDE = "aside", "不再投递"

    id = models.BigAutoField(primary_key=True)
    message_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    topic = models.CharField(max_length=40)
    target = models.CharField(max_length=80, blank=True)
    case_id = models.BigIntegerField(null=True, blank=True)
    payload = models.JSONField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    # Tries that reached nobody: they lengthen the wait and count for nothing else (reliability O1).
    setbacks = models.PositiveIntegerField(default=0, db_default=0)
    replayed_at = models.DateTimeField(null=True, blank=True)
    dead_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    # When somebody was told that nobody has confirmed it.
    told_at = models.DateTimeField(null=True, blank=True)
    # What the receiver answered, as far as it names its own number and state; never a person.
    receipt = models.JSONField(default=dict, db_default={}, blank=True)
    sent_hash = models.BinaryField(max_length=32, null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=Q(state__in=["pending", "leased"]),
                name="outbox_due",
            ),
            models.Index(
                fields=["target", "case_id", "id"],
                condition=Q(state__in=["pending", "leased"]),
                name="outbox_case_order",
            ),
            models.Index(
                fields=["target", "next_attempt_at", "id"],
                condition=Q(state__in=["pending", "leased"]),
                name="outbox_target_due",
            ),
            models.Index(fields=["-created_at"], condition=Q(state="dead"), name="outbox_dead"),
            models.Index(fields=["target", "sent_at"], condition=Q(state="sent"), name="outbox_target_sent"),
            # What went to platforms about a case, whatever came of it.
            models.Index(fields=["case_id", "id"], condition=~Q(target=""), name="outbox_platform_case"),
        ]


class Heartbeat(models.Model):
    """When a moving part was last seen alive (beat, each queue): the base of /healthz/deep."""

    part = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()
