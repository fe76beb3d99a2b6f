"""What may never be altered: who entered, looked, searched, exported or was refused, and the seals."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from .triggers import append_only


class AccessKind(models.TextChoices):
    """Acts that leave a trace although they change no case (handbook, protection; promise A1)."""

    LOGIN = "login", "登录"
    LOGIN_FAILED = "login_failed", "登录失败"
    LOGOUT = "logout", "退出"
    REFUSAL = "refusal", "越权被拒"
    REVEAL = "reveal", "查看明文"
    SEARCH_PERSON = "search_person", "查询人员"
    EXPORT = "export", "导出"
    ADMIN_ACT = "admin_act", "管理操作"
    SECURITY = "security", "安全事件"


class AccessLog(models.Model):
    """One trace. `data` holds codes and counts, never the value that was looked at or searched for."""

    at = models.DateTimeField()
    kind = models.CharField(max_length=20, choices=AccessKind.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    post_id = models.BigIntegerField(null=True)
    unit_id = models.BigIntegerField(null=True)
    object_kind = models.CharField(max_length=40, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=36, blank=True)
    ip = models.GenericIPAddressField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        verbose_name = "访问留痕"
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="access_at"),
            models.Index(fields=["kind", "-at", "-id"], name="access_kind_at"),
            models.Index(fields=["user", "-at", "-id"], name="access_user_at"),
            models.Index(fields=["object_kind", "object_id"], name="access_object"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.object_kind} {self.object_id}".strip()


class Seal(models.Model):
    """One block of the chain: `hash` = SHA-256 over this block's head, its Merkle root and `prev_hash`.

    `number` has no gaps. `row_ids` is a PostgreSQL int8multirange literal: rows become visible in
    the order of commit, not of id, and a rolled-back insert leaves a hole that is no deletion.
    `columns` keeps what was hashed, so that a column added later does not break old blocks.
    """

    number = models.BigIntegerField(primary_key=True)
    table = models.CharField(max_length=63)
    columns = models.JSONField()
    row_ids = models.TextField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    rows = models.IntegerField()
    root = models.BinaryField(max_length=32)
    prev_hash = models.BinaryField(max_length=32)
    hash = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = "封存块"
        ordering = ["number"]
        indexes = [models.Index(fields=["table", "number"], name="seal_table_number")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.number} {self.table} {self.first_id}-{self.last_id}"
