"""Every assessment ever made."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from dispute_hub.audit.triggers import append_only
from dispute_hub.cases.models import Colour
from triage.models.taxonomy import Side


class Urgency(models.TextChoices):
    """Urgency of an alert that is no dispute: it keeps its own dispatch (handbook 6)."""

    FIRST = "first", "一级"
    SECOND = "second", "二级"
    THIRD = "third", "三级"


class Assessment(models.Model):
    """One triage result 研判, never overwritten.

    `colour` is what these facts say ("" for an alert that is no dispute and shows no grave factor);
    `case_colour` is where the case stood afterwards, which may be graver. `factors` is a list of
    `{code, name, colour, points, evidence: [{start, end, text}]}`; evidence outside the narrative has
    start = end = -1.
    """

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="assessments")
    alert = models.ForeignKey("intake.Alert", models.PROTECT, null=True, related_name="assessments")
    cause = models.ForeignKey("cases.CaseEvent", models.PROTECT, null=True, related_name="+")
    colour = models.CharField(max_length=8, choices=Colour.choices, blank=True)
    case_colour = models.CharField(max_length=8, choices=Colour.choices, blank=True)
    is_dispute = models.BooleanField(default=True)
    urgency = models.CharField(max_length=8, choices=Urgency.choices, blank=True)
    item_code = models.CharField(max_length=8, blank=True)
    item_name = models.CharField(max_length=100, blank=True)
    alternatives = models.JSONField(default=list)
    side = models.CharField(max_length=12, choices=Side.choices, blank=True)
    factors = models.JSONField(default=list)
    sentence = models.CharField(max_length=200)
    one_lower = models.CharField(max_length=400, blank=True)
    measures = models.JSONField(default=list)
    lead_department = models.CharField(max_length=60, blank=True)
    lead_departments = models.JSONField(default=list)
    rule_version = models.CharField(max_length=20, blank=True)
    # The digest of the rules: two contents never share it, whatever their version is called.
    rule_digest = models.CharField(max_length=64, blank=True)
    failed = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["case", "-id"], name="assessment_case"),
            models.Index(fields=["alert", "-id"], name="assessment_alert"),
            models.Index(fields=["made_at"], condition=Q(failed=True), name="assessment_failed"),
        ]
        triggers = append_only()

    def has_factor(self, code: str) -> bool:
        return any(factor["code"] == code for factor in self.factors)
