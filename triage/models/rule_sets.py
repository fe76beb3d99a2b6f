"""Versions of the triage rules."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class RuleSet(models.Model):
    """One version of the triage rules. `digest` names the content: the same rules, the same digest."""

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        ACTIVE = "active", "生效中"
        RETIRED = "retired", "已停用"

    version = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    note = models.CharField(max_length=200, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    based_on = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    # Everybody who ever changed the draft: none of them may bring it into force.
    editors = ArrayField(models.BigIntegerField(), default=list, blank=True)
    edited_at = models.DateTimeField(null=True)
    edit_no = models.PositiveIntegerField(default=0)
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="active"), name="rule_set_one_active"
            ),
            models.CheckConstraint(condition=~Q(approver=F("author")), name="rule_set_approver_not_author"),
            models.CheckConstraint(
                condition=~Q(approver=F("submitted_by")), name="rule_set_approver_not_submitter"
            ),
            # Whoever changed a draft may not bring it into force, whatever else he did with it.
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | ~Q(editors__contains=[F("approver_id")]),
                name="rule_set_approver_not_editor",
            ),
            # Only the package's own rules, which have no author, come into force without a second person.
            models.CheckConstraint(
                condition=~Q(status="active") | Q(author__isnull=True) | Q(approver__isnull=False),
                name="rule_set_active_is_approved",
            ),
            models.CheckConstraint(
                condition=Q(submitted_by__isnull=True) | Q(submitted_at__isnull=False),
                name="rule_set_submission_is_dated",
            ),
        ]

    def __str__(self) -> str:
        return self.version
