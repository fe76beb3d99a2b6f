"""The dispute, its people, its timeline, who may see it, and its clocks."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q

from dispute_hub.audit.triggers import append_only
from dispute_hub.common.fields import BlindIndexField, EncryptedTextField
from dispute_hub.common.masks import mask_name, redact

UNKNOWN = "身份待查"


class Status(models.TextChoices):
    """Statuses of a case; only `lifecycle.TRANSITIONS` says which follows which."""

    POOL = "pool", "待分派"
    SCENE = "scene", "现场处置"
    TRACKING = "tracking", "跟踪化解"
    REVIEW = "review", "三推待审批"
    JOINT = "joint", "联动化解"
    VERIFYING = "verifying", "待核查"
    SETTLED = "settled", "已化解(回访中)"
    CLOSED = "closed", "办结"
    NOT_DISPUTE = "not_dispute", "非纠纷"
    VOID = "void", "无效"
    ABSORBED = "absorbed", "已并入"


OPEN_STATUSES = (
    Status.POOL,
    Status.SCENE,
    Status.TRACKING,
    Status.REVIEW,
    Status.JOINT,
    Status.VERIFYING,
)


class Colour(models.TextChoices):
    RED = "red", "红"
    ORANGE = "orange", "橙"
    YELLOW = "yellow", "黄"
    BLUE = "blue", "蓝"


GRAVITY = {"": 0, Colour.BLUE: 1, Colour.YELLOW: 2, Colour.ORANGE: 3, Colour.RED: 4}


class Level(models.TextChoices):
    HIGH = "high", "高"
    MEDIUM = "medium", "中"
    LOW = "low", "低"


class SettleHow(models.TextChoices):
    """How a dispute ended. Only the first three count as 化解; all count as 办结 (handbook 4)."""

    AGREEMENT = "agreement", "书面调解协议"
    ORAL_AGREEMENT = "oral_agreement", "口头协议"
    ON_SCENE = "on_scene", "当场化解"
    LEGAL_ROUTE = "legal_route", "导入法定途径"
    PENALTY = "penalty", "行政处罚"
    WAIVED = "waived", "当事人放弃"
    LOST_CONTACT = "lost_contact", "失去联系"
    TERMINATED = "terminated", "终止"


RESOLVING = (SettleHow.AGREEMENT, SettleHow.ORAL_AGREEMENT, SettleHow.ON_SCENE)


class Phase(models.IntegerChoices):
    """初期 before push 2, 中期 from push 2, 后期 from push 3."""

    EARLY = 1, "初期"
    MIDDLE = 2, "中期"
    LATE = 3, "后期"


class Case(models.Model):
    """One dispute; gathers one or more alerts. Its number is what people quote (一案一码)."""

    case_no = models.CharField(max_length=30, unique=True)
    status = models.CharField(max_length=12, choices=Status.choices)
    former_status = models.CharField(max_length=12, choices=Status.choices, blank=True)
    phase = models.PositiveSmallIntegerField(choices=Phase.choices, default=Phase.EARLY)
    version = models.PositiveIntegerField(default=1)

    title = models.CharField(max_length=100)
    address = models.CharField(max_length=100, blank=True)
    address_key = models.CharField(max_length=100, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    source = models.CharField(max_length=20)

    colour = models.CharField(max_length=8, choices=Colour.choices, blank=True)
    colour_sentence = models.CharField(max_length=120, blank=True)
    level = models.CharField(max_length=8, choices=Level.choices, blank=True)
    item_code = models.CharField(max_length=8, blank=True)
    side = models.CharField(max_length=12, blank=True)

    bureau = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    station = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    area = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    street = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    grid = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    holder_unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    holder_post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")

    opened_at = models.DateTimeField()
    last_alert_at = models.DateTimeField()
    alerts_count = models.PositiveIntegerField(default=1)
    settled_at = models.DateTimeField(null=True, blank=True)
    settle_how = models.CharField(max_length=16, choices=SettleHow.choices, blank=True)
    close_proposed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()
    absorbed_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="absorbed")
    search = SearchVectorField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["station", "-opened_at", "-id"], name="case_station"),
            models.Index(fields=["station", "status", "-opened_at", "-id"], name="case_station_status"),
            models.Index(fields=["station", "colour", "-opened_at", "-id"], name="case_station_colour"),
            models.Index(fields=["station", "level", "-opened_at", "-id"], name="case_station_level"),
            models.Index(fields=["station", "item_code", "-opened_at", "-id"], name="case_station_item"),
            models.Index(fields=["bureau", "-opened_at", "-id"], name="case_bureau"),
            models.Index(fields=["bureau", "status", "-opened_at", "-id"], name="case_bureau_status"),
            models.Index(fields=["bureau", "colour", "-opened_at", "-id"], name="case_bureau_colour"),
            models.Index(fields=["area", "-opened_at", "-id"], name="case_area"),
            models.Index(
                fields=["station", "opened_at", "id"],
                condition=Q(status__in=[status.value for status in OPEN_STATUSES]),
                name="case_open_by_station",
            ),
            models.Index(fields=["station", "settled_at"], name="case_station_settled"),
            models.Index(fields=["address_key", "-opened_at"], name="case_address"),
            models.Index(fields=["-updated_at", "-id"], name="case_updated"),
            GinIndex(fields=["search"], name="case_search"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(absorbed_into=F("id")), name="case_not_into_itself"),
        ]

    def __str__(self) -> str:
        return self.case_no

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_STATUSES


class Party(models.Model):
    """A person or organisation in the dispute; may be 身份待查 with what is known."""

    class PartyRole(models.TextChoices):
        REPORTER = "reporter", "报警人"
        PARTY = "party", "当事人"
        WITNESS = "witness", "证人"

    case = models.ForeignKey(Case, models.PROTECT, related_name="parties")
    role = models.CharField(max_length=10, choices=PartyRole.choices, default=PartyRole.PARTY)
    name = EncryptedTextField(blank=True, default="", max_length=80)
    known_as = models.CharField(max_length=100, blank=True)
    sex = models.CharField(max_length=4, blank=True)
    phone = EncryptedTextField(blank=True, default="", max_length=60)
    phone_blind = BlindIndexField(of="phone", normalise="phone")
    phone_last4 = BlindIndexField(of="phone", normalise="phone", last=4)
    id_type = models.CharField(max_length=3, blank=True)
    id_number = EncryptedTextField(blank=True, default="", max_length=50)
    id_number_blind = BlindIndexField(of="id_number", normalise="id_number")
    id_number_last4 = BlindIndexField(of="id_number", normalise="id_number", last=4)
    added_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["phone_blind"], name="party_phone"),
            models.Index(fields=["id_number_blind"], name="party_id_number"),
            models.Index(fields=["phone_last4"], name="party_phone_last4"),
        ]

    @property
    def is_unidentified(self) -> bool:
        """身份待查: neither a name nor a number is known."""
        return not (self.name or self.id_number)

    def shown_name(self, *, clear: bool) -> str:
        """The name, in clear or masked; else what the person is known as, else 身份待查."""
        if self.name:
            return self.name if clear else mask_name(self.name)
        return (self.known_as if clear else redact(self.known_as)) or UNKNOWN


class CaseEvent(models.Model):
    """One line of the timeline (留痕). Append-only by trigger; the truth of what happened."""

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    phase = models.PositiveSmallIntegerField(choices=Phase.choices, default=Phase.EARLY)
    actor_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    actor_post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    actor_label = models.CharField(max_length=160)
    cause = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    subject_kind = models.CharField(max_length=30, blank=True)
    subject_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    # What the event tells of, at hand while its followers run in the same transaction; no column.
    subject: models.Model | None = None

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="event_case"),
            models.Index(fields=["kind", "at"], name="event_kind_at"),
        ]
        triggers = append_only()


class CaseGrant(models.Model):
    """Who else may see a case, why, and until when; written by the service that hands the case on."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="grants")
    unit = models.ForeignKey("accounts.Unit", models.CASCADE, null=True, related_name="+")
    post = models.ForeignKey("accounts.Post", models.CASCADE, null=True, related_name="+")
    reason = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["unit", "case"], name="grant_unit"),
            models.Index(fields=["post", "case"], name="grant_post"),
            models.Index(fields=["case", "reason"], name="grant_case"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False) | Q(post__isnull=False), name="grant_has_grantee"
            ),
        ]
