"""Papers made from what is stored: numbered, versioned, with the hash of the file."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q


class PaperKind(models.TextChoices):
    AGREEMENT = "agreement", "人民调解协议书"
    POLICE_AGREEMENT = "police_agreement", "治安调解协议书"
    ORAL_AGREEMENT = "oral_agreement", "人民调解口头协议登记表"
    RECORD = "record", "调解笔录"


class Paper(models.Model):
    """One version of one paper. A newer version marks the older one 作废; none is ever overwritten.

    `content_sha256` is the hash of what the paper says, `sha256` that of the file in
    `HUB_DATA_DIR/papers/`, named by a random id so that no name of ours or theirs becomes a path.
    """

    number = models.CharField(max_length=30)
    kind = models.CharField(max_length=20, choices=PaperKind.choices)
    version = models.PositiveSmallIntegerField()
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="papers")
    agreement = models.ForeignKey("mediation.Agreement", models.PROTECT, null=True, related_name="papers")
    session = models.ForeignKey(
        "mediation.MediationSession", models.PROTECT, null=True, related_name="papers"
    )
    file = models.UUIDField(default=uuid.uuid4, unique=True)
    sha256 = models.CharField(max_length=64)
    content_sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["number", "kind", "version"], name="paper_version_once"),
            models.UniqueConstraint(
                fields=["number", "kind"], condition=Q(voided_at__isnull=True), name="paper_one_valid"
            ),
        ]

    @property
    def shown_name(self) -> str:
        """The name of the downloaded file: kind and number, nothing about a person."""
        return f"{self.get_kind_display()}_{self.number}_第{self.version}版.docx"
