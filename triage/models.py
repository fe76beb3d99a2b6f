"""Rule sets, the list of matters, every assessment ever made, and what people changed by hand."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dispute_hub.audit.triggers import append_only
from dispute_hub.cases.models import Colour, Level


class Side(models.TextChoices):
    POLICE = "police", "警务类"
    NON_POLICE = "non_police", "非警务类"


class Urgency(models.TextChoices):
    """Urgency of an alert that is no dispute: it keeps its own dispatch (handbook 6)."""

    FIRST = "first", "一级"
    SECOND = "second", "二级"
    THIRD = "third", "三级"


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
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="active"), name="rule_set_one_active"
            ),
            models.CheckConstraint(condition=~Q(approver=F("author")), name="rule_set_approver_not_author"),
        ]

    def __str__(self) -> str:
        return self.version


class TaxonomyItem(models.Model):
    """One kind of matter of the list 清单, for filters and joins; replaceable by CSV."""

    code = models.CharField(max_length=8, primary_key=True)
    name = models.CharField(max_length=100)
    class_code = models.CharField(max_length=8)
    class_name = models.CharField(max_length=100)
    side = models.CharField(max_length=12, choices=Side.choices)
    lead_departments = models.JSONField(default=list)
    national_codes = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["class_code", "code"], name="taxonomy_class")]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


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


class Regrade(models.Model):
    """A colour or level set by a person. Raising stands at once; lowering waits for a second person."""

    class Kind(models.TextChoices):
        COLOUR = "colour", "预警色"
        LEVEL = "level", "风险等级"

    class Status(models.TextChoices):
        PROPOSED = "proposed", "待审批"
        APPROVED = "approved", "已生效"
        REJECTED = "rejected", "未同意"

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="regrades")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    from_value = models.CharField(max_length=8, blank=True)
    to_value = models.CharField(max_length=8)
    is_lowering = models.BooleanField()
    reason = models.TextField(max_length=500)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.PROPOSED)
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposer_post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    approver_post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    by_duty = models.BooleanField(default=False)
    decision_text = models.TextField(max_length=500, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["case", "-id"], name="regrade_case"),
            models.Index(
                fields=["proposed_at", "id"], condition=Q(status="proposed"), name="regrade_proposed"
            ),
        ]
        constraints = [
            # A person may hold two posts: the rule is about people, so users are compared.
            models.CheckConstraint(
                condition=~Q(approver=F("proposer")), name="regrade_approver_not_proposer"
            ),
            models.CheckConstraint(
                condition=~Q(is_lowering=True, status="approved") | Q(approver__isnull=False),
                name="regrade_lowering_is_approved",
            ),
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(status="proposed"), name="regrade_one_proposed"
            ),
        ]

    @property
    def from_name(self) -> str:
        return _value_name(self.kind, self.from_value)

    @property
    def to_name(self) -> str:
        return _value_name(self.kind, self.to_value)


def _value_name(kind: str, value: str) -> str:
    choices = Colour if kind == Regrade.Kind.COLOUR else Level
    return str(choices(value).label) if value else "未定"
