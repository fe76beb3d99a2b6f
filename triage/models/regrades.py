"""What people changed by hand."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from dispute_hub.cases.models import Colour, Level
from triage import engine


class RegradeReason(models.TextChoices):
    """Why a person says otherwise than the engine; what the next version of the rules is made from."""

    SEEN_ON_SCENE = "seen_on_scene", "现场发现新的危险情形"
    KNOWN_OTHERWISE = "known_otherwise", "掌握系统没有的情况"
    OVERLOOKED = "overlooked", "系统漏读警情内容"
    UNFOUNDED = "unfounded", "核实危险情形不成立"
    REMOVED = "removed", "危险已消除"
    RECONCILED = "reconciled", "双方已和解"
    MISREAD = "misread", "系统误读警情内容"
    OTHER = "other", "其他"


RAISING = ("seen_on_scene", "known_otherwise", "overlooked", "other")
LOWERING = ("unfounded", "removed", "reconciled", "misread", "other")


class Regrade(models.Model):
    """A colour or level set by a person. Raising stands at once; lowering waits for a second person.

    The engine's view as it stood at that moment is kept beside it: the gravest colour any assessment of
    the case had given, the item and the rules of the newest.
    """

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
    reason_code = models.CharField(max_length=16, choices=RegradeReason.choices, blank=True)
    reason = models.TextField(max_length=500)
    engine_colour = models.CharField(max_length=8, choices=Colour.choices, blank=True)
    engine_item = models.CharField(max_length=8, blank=True)
    rule_version = models.CharField(max_length=20, blank=True)
    rule_digest = models.CharField(max_length=64, blank=True)
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

    @property
    def engine_item_name(self) -> str:
        item = engine.load_taxonomy().items.get(self.engine_item)
        return item.name if item else self.engine_item


def _value_name(kind: str, value: str) -> str:
    choices = Colour if kind == Regrade.Kind.COLOUR else Level
    return str(choices(value).label) if value else "未定"
