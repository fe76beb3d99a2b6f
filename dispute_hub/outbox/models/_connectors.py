"""Platforms outside as data: where a delivery goes, how it is written there, how it fares."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dispute_hub.audit.triggers import append_only
from dispute_hub.common.fields import EncryptedTextField


class Connector(models.Model):
    """One platform of one bureau. Its `code` is the `target` of the deliveries that go to it.

    Nothing is sent before a second person has confirmed address, allow-list and mapping as they are
    now (bad input 97). Addresses of messages hold tokens, so they are sealed like the secrets.
    """

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", "平台接口"
        MESSAGE = "message", "消息通知"

    class Circuit(models.TextChoices):
        CLOSED = "closed", "正常"
        OPEN = "open", "熔断中"

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    url = EncryptedTextField(max_length=500)
    query_url = EncryptedTextField(max_length=500, blank=True, default="")
    topics = ArrayField(models.CharField(max_length=40), default=list)
    # Units whose orders go there, by id; empty: every unit of the bureau.
    serves = ArrayField(models.BigIntegerField(), default=list, db_default=[], blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    receipt_path = models.CharField(max_length=80, default="id")
    allowed = ArrayField(models.CharField(max_length=160), default=list)
    secret = EncryptedTextField(blank=True, default="")
    former_secret = EncryptedTextField(blank=True, default="")
    rotated_at = models.DateTimeField(null=True, blank=True)
    rate_per_minute = models.PositiveIntegerField(default=300)
    opens_at = models.TimeField(null=True, blank=True)
    closes_at = models.TimeField(null=True, blank=True)
    is_paused = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    circuit = models.CharField(max_length=6, choices=Circuit.choices, default=Circuit.CLOSED)
    failures = models.PositiveIntegerField(default=0)
    successes = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)
    probe_at = models.DateTimeField(null=True, blank=True)
    probe_seconds = models.PositiveSmallIntegerField(default=0)
    alarmed_at = models.DateTimeField(null=True, blank=True)
    # Where the next message stands on the platform's time line; see `circuit.wait_for_turn`.
    paced_until_at = models.DateTimeField(null=True, blank=True)
    # Until when the worker that drains this platform is thought alive.
    drained_until_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_reason = models.CharField(max_length=200, blank=True)
    # What runs out, and for which end day and how few days left it was told: {"secret": ["2027-01-01", 30]}.
    certificate_ends_at = models.DateTimeField(null=True, blank=True)
    expiry_told = models.JSONField(default=dict, db_default={}, blank=True)
    reconciled_at = models.DateTimeField(null=True, blank=True)
    reconcile_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("changed_by")),
                name="connector_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(rate_per_minute__gte=1, rate_per_minute__lte=6000), name="connector_rate"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DeliveryAttempt(models.Model):
    """One try of one delivery to a platform, whatever came of it."""

    class Outcome(models.TextChoices):
        SENT = "sent", "已送达"
        UNREACHED = "unreached", "未连通"
        REFUSED = "refused", "对方拒收"
        UNCLEAR = "unclear", "答复无效"
        FAULT = "fault", "系统异常"

    row = models.ForeignKey("outbox.OutboxRow", models.PROTECT, related_name="tries")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["row", "id"], name="delivery_attempt_row")]
        triggers = append_only()
