"""The in-app inbox."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


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
