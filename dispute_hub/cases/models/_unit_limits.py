"""Stricter limits of one unit, over the clock table of all."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class UnitLimit(models.Model):
    """One version of one limit of a unit; proposed by one person, in force by the word of another.

    An empty `limit` proposes that the table's holds again. Rows are never changed once retired: what was
    in force when stays readable.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待审批"
        ACTIVE = "active", "生效"
        RETIRED = "retired", "停用"
        REFUSED = "refused", "未同意"

    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=16, blank=True)
    limit = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PROPOSED)
    reason = models.CharField(max_length=200)
    proposer = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approver = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "kind", "key"], condition=Q(status="active"), name="unit_limit_one_active"
            ),
            models.UniqueConstraint(
                fields=["unit", "kind", "key"], condition=Q(status="proposed"), name="unit_limit_one_proposed"
            ),
            models.UniqueConstraint(
                fields=["unit", "kind", "key", "version"], name="unit_limit_version_once"
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(approver=F("proposer")),
                name="unit_limit_second_person",
            ),
        ]
