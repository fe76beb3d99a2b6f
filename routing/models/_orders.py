"""The third push: orders to the street centre, their report, progress, extensions and notices."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from dispute_hub.cases.models import SettleHow
from dispute_hub.common.fields import EncryptedTextField


class OrderKind(models.TextChoices):
    THIRD_PUSH = "third_push", "三推交办"
    DIVERSION = "diversion", "非警务分流"
    COUNTER = "counter", "反向交办"
    NOTICE_ONLY = "notice_only", "抄告"


class OrderStatus(models.TextChoices):
    PROPOSED = "proposed", "待审批"
    SENT = "sent", "待签收"
    REJECTED = "rejected", "未批准"
    ACCEPTED = "accepted", "办理中"
    RETURNED = "returned", "已退回"
    RECALLED = "recalled", "已撤回"
    TO_VERIFY = "to_verify", "待核查"
    DONE = "done", "已办结"


OPEN_ORDERS = (OrderStatus.PROPOSED, OrderStatus.SENT, OrderStatus.ACCEPTED, OrderStatus.TO_VERIFY)


class Grade(models.TextChoices):
    EXTRA_URGENT = "extra_urgent", "特急"
    URGENT = "urgent", "紧急"
    NORMAL = "normal", "平急"


class Difficulty(models.TextChoices):
    SIMPLE = "simple", "简单"
    GENERAL = "general", "一般"
    HARD = "hard", "疑难"


class ReturnReason(models.TextChoices):
    WRONG_UNIT = "wrong_unit", "不属本单位管辖"
    NOT_OURS = "not_ours", "不属受理范围"
    POLICE_MATTER = "police_matter", "属公安职责"
    LACKS_FACTS = "lacks_facts", "情况不清，需补充"


class WorkOrder(models.Model):
    """矛盾纠纷警情交办单: what leaves the police side, to whom, by whose word, and what came of it."""

    no = models.CharField(max_length=30, unique=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="orders")
    kind = models.CharField(max_length=12, choices=OrderKind.choices)
    status = models.CharField(max_length=10, choices=OrderStatus.choices)
    version = models.PositiveIntegerField(default=1)
    grade = models.CharField(max_length=14, choices=Grade.choices, default=Grade.NORMAL)
    difficulty = models.CharField(max_length=8, choices=Difficulty.choices, default=Difficulty.GENERAL)
    addressee = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    lead_unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    proposed_assisting = models.ManyToManyField("accounts.Unit", related_name="+")
    demand = models.CharField(max_length=1000, blank=True)

    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    proposer_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    approver_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    approved_by_duty = models.BooleanField(default=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    # What was sent, as canonical JSON with names and phones; sealed like every other copy of them.
    packet = EncryptedTextField(blank=True, default="")
    packet_hash = models.CharField(max_length=64, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    return_reason = models.CharField(max_length=16, choices=ReturnReason.choices, blank=True)
    end_text = models.CharField(max_length=2000, blank=True)
    settle_how = models.CharField(max_length=16, choices=SettleHow.choices, blank=True)
    settle_text = models.CharField(max_length=2000, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    verify_text = models.CharField(max_length=2000, blank=True)
    verify_failed_count = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approver_user__isnull=True)
                | Q(proposer_user__isnull=True)
                | ~Q(approver_user=F("proposer_user")),
                name="order_approver_not_proposer",
            ),
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(status__in=["proposed", "sent", "accepted", "to_verify"])
                & ~Q(kind__in=["notice_only", "counter"])
                # What the desk proposes stops nobody else while it waits.
                & ~Q(kind="diversion", status="proposed"),
                name="order_one_open_per_case",
            ),
        ]
        indexes = [
            models.Index(fields=["addressee", "status", "-sent_at", "-id"], name="order_addressee"),
            models.Index(fields=["case", "-id"], name="order_case"),
            models.Index(fields=["-proposed_at", "-id"], name="order_proposed"),
            models.Index(
                fields=["sent_at"], condition=Q(status="sent", kind="diversion"), name="order_unaccepted"
            ),
            models.Index(fields=["proposed_at"], condition=Q(status="proposed"), name="order_undecided"),
        ]

    def __str__(self) -> str:
        return self.no


class OrderUnit(models.Model):
    """A unit the centre put on an order, leading or assisting, with what it is to do."""

    class Part(models.TextChoices):
        LEAD = "lead", "牵头"
        ASSISTING = "assisting", "协同"

    order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="units")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    part = models.CharField(max_length=10, choices=Part.choices)
    task = models.CharField(max_length=200, blank=True)
    due_on = models.DateField(null=True, blank=True)
    assigned_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    done_text = models.CharField(max_length=1000, blank=True)
    # 免办: the centre says why this part is not needed; joint settlement waits for no excused unit.
    excused_at = models.DateTimeField(null=True, blank=True)
    excused_text = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "unit"], name="order_unit_once")]
        indexes = [models.Index(fields=["unit", "order"], name="order_unit_unit")]

    @property
    def is_open(self) -> bool:
        """Neither done nor excused."""
        return self.done_at is None and self.excused_at is None


class AnalysisReport(models.Model):
    """分析报告: the six sections that go with a third push."""

    number = models.CharField(max_length=30, unique=True)
    order = models.OneToOneField(WorkOrder, models.CASCADE, related_name="report")
    facts = models.TextField(max_length=4000)
    causes = models.TextField(max_length=4000)
    risk = models.TextField(max_length=4000)
    work_done = models.TextField(max_length=4000)
    suggestions = models.TextField(max_length=4000)
    attachments = models.JSONField(default=list)
    author = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    written_at = models.DateTimeField()


class OrderProgress(models.Model):
    """One progress report on an order; without a post a platform told it."""

    order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="progress")
    post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    text = models.CharField(max_length=2000)
    at = models.DateTimeField()


class OrderExtension(models.Model):
    """A later date asked for and decided; at most two per order (handbook 7)."""

    order = models.ForeignKey(WorkOrder, models.CASCADE, related_name="extensions")
    until_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    proposer = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approver = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    approved = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(approved__isnull=True), name="extension_one_pending"
            ),
            models.CheckConstraint(
                condition=~Q(approver=F("proposer")), name="extension_approver_not_proposer"
            ),
        ]


class HandoverNotice(models.Model):
    """移交告知单: told to the parties when a matter that is not for the police is diverted."""

    class Delivery(models.TextChoices):
        SIGNED = "signed", "当面签收"
        MESSAGE = "message", "短信"
        RECORDED_CALL = "recorded_call", "通话录音告知"
        REFUSED = "refused", "拒签注明"

    number = models.CharField(max_length=30, unique=True)
    order = models.OneToOneField(WorkOrder, models.CASCADE, related_name="notice")
    demand = models.CharField(max_length=1000)
    why_not_police = models.CharField(max_length=500)
    receiver = models.CharField(max_length=100)
    receiver_address = models.CharField(max_length=100, blank=True)
    receiver_phone = models.CharField(max_length=40, blank=True)
    delivery = models.CharField(max_length=14, choices=Delivery.choices, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    delivered_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    # A refusal to sign is noted face to face, by two officers (handbook 9).
    second_officer = models.CharField(max_length=80, blank=True)
    delivery_text = models.CharField(max_length=400, blank=True)
    issued_at = models.DateTimeField()
