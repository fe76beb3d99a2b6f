"""After the settlement: visits and calls, each side's answers, and supervision of what runs late."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from dispute_hub.common.fields import EncryptedTextField


class FollowUpStatus(models.TextChoices):
    PLANNED = "planned", "已计划"
    DUE = "due", "待回访"
    OVERDUE = "overdue", "已超期"
    DONE = "done", "已回访"
    WAIVED = "waived", "已免除"


OPEN_FOLLOW_UPS = (FollowUpStatus.PLANNED, FollowUpStatus.DUE, FollowUpStatus.OVERDUE)


class Mode(models.TextChoices):
    CALL = "call", "电话"
    VISIT = "visit", "上门"
    MESSAGE = "message", "短信"


class FollowUp(models.Model):
    """One planned contact (回访) with both sides of a settled dispute."""

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="follow_ups")
    settlement = models.ForeignKey("cases.CaseEvent", models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    mode = models.CharField(max_length=8, choices=Mode.choices, default=Mode.CALL)
    status = models.CharField(max_length=8, choices=FollowUpStatus.choices, default=FollowUpStatus.PLANNED)
    is_sensitive = models.BooleanField(default=False)
    assignee_post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    assignee_unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    assignee_role = models.CharField(max_length=20, blank=True)
    # Time, number, code word or go-between agreed at the scene; it names people, so it is sealed.
    safe_contact = EncryptedTextField(blank=True, default="", max_length=200)
    planned_at = models.DateTimeField()
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    is_bad = models.BooleanField(default=False)
    text = models.CharField(max_length=2000, blank=True)
    waived_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["settlement", "number"], name="follow_up_number_once"),
        ]
        indexes = [
            models.Index(
                fields=["assignee_post", "due_at"],
                condition=Q(status__in=["planned", "due", "overdue"]),
                name="follow_up_post",
            ),
            models.Index(
                fields=["assignee_unit", "assignee_role", "due_at"],
                condition=Q(status__in=["planned", "due", "overdue"]),
                name="follow_up_unit",
            ),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(status__in=["planned", "due", "overdue"]),
                name="follow_up_due",
            ),
            models.Index(fields=["-done_at", "-id"], condition=Q(status="done"), name="follow_up_done"),
        ]


class Side(models.TextChoices):
    REPORTER = "reporter", "报警人一方"
    OTHER = "other", "对方"


class Satisfaction(models.TextChoices):
    VERY = "very", "很满意"
    BASICALLY = "basically", "基本满意"
    NOT = "not", "不满意"


class FollowUpAnswer(models.Model):
    """What one side said: the four questions, signs of escalation, satisfaction (handbook 10).

    A side that declines (不愿回访) answers the question of risk and leaves the others open.
    """

    follow_up = models.ForeignKey(FollowUp, models.CASCADE, related_name="answers")
    side = models.CharField(max_length=8, choices=Side.choices)
    mode = models.CharField(max_length=8, choices=Mode.choices)
    result_kept = models.BooleanField(null=True)
    agreement_performed = models.BooleanField(null=True)
    knot = models.BooleanField(null=True)
    new_dispute = models.BooleanField(null=True)
    escalation = models.BooleanField(default=False)
    declined = models.BooleanField(default=False)
    satisfaction = models.CharField(max_length=10, choices=Satisfaction.choices, blank=True)
    text = models.CharField(max_length=2000, blank=True)
    answered_at = models.DateTimeField()
    asked_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follow_up", "side"], name="follow_up_side_once"),
            models.CheckConstraint(
                condition=Q(declined=True)
                | Q(result_kept__isnull=False, knot__isnull=False, new_dispute__isnull=False),
                name="follow_up_all_asked",
            ),
        ]


class FollowUpTry(models.Model):
    """One attempt that reached nobody; after three on different days the call becomes a visit."""

    follow_up = models.ForeignKey(FollowUp, models.CASCADE, related_name="failed_tries")
    side = models.CharField(max_length=8, choices=Side.choices)
    tried_at = models.DateTimeField()
    tried_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    text = models.CharField(max_length=200, blank=True)


class SupervisionStatus(models.TextChoices):
    PROPOSED = "proposed", "待签发"
    ISSUED = "issued", "待答复"
    ANSWERED = "answered", "待核验"
    CLOSED = "closed", "已销号"
    DROPPED = "dropped", "不予签发"


class Supervision(models.Model):
    """督办 (an order that needs an answer) or 通报 (naming); proposed by a clock, issued by people."""

    class Kind(models.TextChoices):
        ORDER = "order", "督办"
        NAMING = "naming", "通报"

    number = models.CharField(max_length=30, blank=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="supervisions")
    deadline = models.ForeignKey("cases.Deadline", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    status = models.CharField(
        max_length=8, choices=SupervisionStatus.choices, default=SupervisionStatus.PROPOSED
    )
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    problem = models.CharField(max_length=200)
    demand = models.CharField(max_length=1000, blank=True)
    answer = models.CharField(max_length=2000, blank=True)
    verdict = models.CharField(max_length=500, blank=True)
    proposed_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    issued_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deadline", "kind"], name="supervision_once_per_clock"),
            models.CheckConstraint(
                condition=Q(issued_by__isnull=True)
                | Q(answered_by__isnull=True)
                | ~Q(issued_by=F("answered_by")),
                name="supervision_answer_by_another",
            ),
        ]
        indexes = [
            models.Index(
                fields=["unit", "status"],
                condition=Q(status__in=["proposed", "issued", "answered"]),
                name="supervision_open",
            ),
            models.Index(fields=["status", "-proposed_at", "-id"], name="supervision_status"),
        ]
