"""What the deployment knows of a person before the call: a record of violence, an order in force."""

from __future__ import annotations

from django.db import models

from dispute_hub.common.fields import BlindIndexField, EncryptedTextField


class PartyMarker(models.Model):
    """One known fact about one person, supplied by the deployment with its source and its end.

    Only behaviour on record (handbook 6): no diagnosis, no list membership, no petitioning, no origin.
    """

    class Kind(models.TextChoices):
        PRIOR_VIOLENCE = "prior_violence", "有暴力记录"
        ADMONITION_ORDER = "admonition_order", "家庭暴力告诫书"
        PROTECTION_ORDER = "protection_order", "人身安全保护令"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    id_number = EncryptedTextField(blank=True, default="", max_length=50)
    id_number_blind = BlindIndexField(of="id_number", normalise="id_number")
    phone = EncryptedTextField(blank=True, default="", max_length=60)
    phone_blind = BlindIndexField(of="phone", normalise="phone")
    source = models.CharField(max_length=80)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    supplied_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["id_number_blind"], name="marker_id_number"),
            models.Index(fields=["phone_blind"], name="marker_phone"),
        ]
