"""What has yet to reach somebody: one row per delivery, written with the change that causes it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q


class OutboxRow(models.Model):
    """One delivery, at least once; its id is the message id for ever, so the receiver can drop repeats.

    `case_id` is a plain number: the outbox lies below the cases and orders deliveries per case.
    The payload carries ids and Chinese words without personal data.
    """

    class State(models.TextChoices):
        PENDING = "pending", "待投递"
        LEASED = "leased", "投递中"
        SENT = "sent", "已送达"
        DEAD = "dead", "投递失败"

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
            models.Index(fields=["-created_at"], condition=Q(state="dead"), name="outbox_dead"),
        ]


class Notice(models.Model):
    """An entry of the in-app inbox, addressed to a post, or to a role at a unit (all who hold it)."""

    class Urgency(models.TextChoices):
        ALARM = "alarm", "警报"
        IMPORTANT = "important", "重要"
        NORMAL = "normal", "一般"

    id = models.BigAutoField(primary_key=True)
    message_id = models.UUIDField(unique=True)
    post = models.ForeignKey("accounts.Post", models.CASCADE, null=True, blank=True, related_name="notices")
    unit = models.ForeignKey("accounts.Unit", models.CASCADE, null=True, blank=True, related_name="notices")
    role = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=40)
    urgency = models.CharField(max_length=10, choices=Urgency.choices, default=Urgency.NORMAL)
    title = models.CharField(max_length=100)
    body = models.CharField(max_length=400, blank=True)
    link = models.CharField(max_length=200, blank=True)
    case_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["post", "-id"], name="notice_post"),
            models.Index(fields=["unit", "role", "-id"], name="notice_unit_role"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(post__isnull=False) | Q(unit__isnull=False), name="notice_has_addressee"
            ),
        ]


class NoticeRead(models.Model):
    """Who has seen a notice; one addressed to a role is unread for each holder until he reads it."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="reads")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "user"], name="notice_read_once")]


class Heartbeat(models.Model):
    """When a moving part was last seen alive (beat, each queue): the base of /healthz/deep."""

    part = models.CharField(max_length=40, primary_key=True)
    seen_at = models.DateTimeField()
