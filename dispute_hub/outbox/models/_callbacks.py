"""What a platform tells us of a delivery afterwards."""

from __future__ import annotations

from django.db import models

from dispute_hub.common.fields import EncryptedBytesField


class PlatformCallback(models.Model):
    """One signed callback as it came, and what was made of it. Never deleted, never applied twice."""

    class Verdict(models.TextChoices):
        APPLIED = "applied", "已采用"
        EARLY = "early", "先于送达，已记录"
        REPEATED = "repeated", "重复，已记录"
        BACKWARDS = "backwards", "状态倒退，未采用"
        UNKNOWN = "unknown", "编号不明，未采用"
        INVALID = "invalid", "内容无效，未采用"
        HELD = "held", "待人工处理，未采用"

    class Step(models.TextChoices):
        """What a platform may say, each more than the ones before it."""

        RECEIVED = "received", "已接收"
        ACCEPTED = "accepted", "已签收"
        WORKING = "working", "办理中"
        RETURNED = "returned", "已退回"
        SETTLED = "settled", "已报结"

    connector = models.ForeignKey("outbox.Connector", models.PROTECT, related_name="callbacks")
    callback_id = models.CharField(max_length=200)
    body_hash = models.BinaryField(max_length=32)
    body = EncryptedBytesField()
    row = models.ForeignKey("outbox.OutboxRow", models.PROTECT, null=True, related_name="callbacks")
    status = models.CharField(max_length=12, blank=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    # Why it was not applied, in words for the person who looks at it.
    reason = models.CharField(max_length=200, blank=True, db_default="")
    received_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connector", "callback_id"], name="callback_once"),
        ]
        indexes = [
            models.Index(fields=["row", "id"], name="callback_row"),
            models.Index(fields=["connector", "-id"], name="callback_connector"),
        ]

    @property
    def status_word(self) -> str:
        """What the platform said, in words."""
        return dict(self.Step.choices).get(self.status, "无法识别")
