"""What comes in: sources, their messages, alerts with versions, what was set aside, drafts and imports."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from dispute_hub.audit.triggers import append_only
from dispute_hub.cases.models import Status
from dispute_hub.common.fields import BlindIndexField, EncryptedBytesField, EncryptedTextField


class SourceKind(models.TextChoices):
    """Where alerts come from (handbook, intake)."""

    ALARM_110 = "110", "110"
    HOTLINE_12345 = "12345", "12345热线"
    MINYI_110 = "minyi110", "民意110"
    GRID = "grid", "网格排查"
    PUBLIC = "public", "群众反映"
    DEPARTMENT = "department", "部门流转"
    KEY_PERSON_VISIT = "key_person_visit", "重点人员随访"
    PETITION = "petition", "信访"
    WINDOW = "window", "窗口"
    UNIT = "unit", "共治单元"


class Source(models.Model):
    """A sender of alerts, or a desk that logs them. Two secrets live at once, so that one can be changed."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=SourceKind.choices)
    reception = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    bureau = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    opens_as = models.CharField(max_length=12, choices=Status.choices, default=Status.POOL)
    secret = EncryptedTextField(blank=True, default="")
    former_secret = EncryptedTextField(blank=True, default="")
    rotated_at = models.DateTimeField(null=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(opens_as__in=[Status.SCENE, Status.POOL, Status.TRACKING]),
                name="source_opens_as",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DispatchStatus(models.TextChoices):
    """Dispatch belongs to the alert, whatever the status of its case (handbook 4)."""

    AWAITING = "awaiting", "待派"
    DISPATCHED = "dispatched", "已派警"
    SIGNED = "signed", "已签收"
    ARRIVED = "arrived", "已到场"
    REPORTED = "reported", "已反馈"
    NONE = "none", "不派"


class AttachedHow(models.TextChoices):
    FIRST = "", "首次警情"
    AUTO = "auto", "自动并入"
    HAND = "hand", "人工并入"


class Alert(models.Model):
    """One report received, as its highest version says it. Never deleted; corrections are versions."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="alerts")
    alert_no = models.CharField(max_length=60)
    alert_no_key = models.CharField(max_length=60)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="alerts")
    former_case = models.ForeignKey("cases.Case", models.PROTECT, null=True, related_name="+")
    attached_how = models.CharField(max_length=4, choices=AttachedHow.choices, blank=True)
    dispatch_status = models.CharField(
        max_length=10, choices=DispatchStatus.choices, default=DispatchStatus.AWAITING
    )
    version = models.PositiveIntegerField(default=1)
    report_form = models.CharField(max_length=20, blank=True)
    received_at = models.DateTimeField()
    occurred_at = models.DateTimeField(null=True, blank=True)
    stored_at = models.DateTimeField()

    reporter_name = EncryptedTextField(blank=True, default="", max_length=80)
    reporter_sex = models.CharField(max_length=10, blank=True)
    reporter_phone = EncryptedTextField(blank=True, default="", max_length=60)
    phone_blind = BlindIndexField(of="reporter_phone", normalise="phone")
    phone_last4 = BlindIndexField(of="reporter_phone", normalise="phone", last=4)

    address = models.CharField(max_length=100, blank=True)
    address_key = models.CharField(max_length=100, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    station = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    grid = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    street = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    bureau = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    reception = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")

    stated_item = models.CharField(max_length=100, blank=True)
    confirmed_item = models.CharField(max_length=8, blank=True)
    item_class = models.CharField(max_length=8, blank=True)
    narrative = models.TextField(blank=True)
    people_involved = models.PositiveIntegerField(null=True, blank=True)
    amount = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    flags = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    officers = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    external_numbers = models.JSONField(default=dict, blank=True)
    procedure = models.CharField(max_length=40, blank=True)
    hints = ArrayField(models.CharField(max_length=40), default=list, blank=True)

    is_late = models.BooleanField(default=False)
    is_dispute = models.BooleanField(null=True)
    outcome = models.CharField(max_length=20, blank=True)
    outcome_at = models.DateTimeField(null=True, blank=True)
    outcome_text = models.TextField(blank=True)
    diverted_at = models.DateTimeField(null=True, blank=True)

    # Earlier alerts of the same people, at hand while this one is being received; no column.
    earlier: list[Alert] | None = None

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "alert_no_key"], name="alert_no_once"),
        ]
        indexes = [
            models.Index(fields=["alert_no_key"], name="alert_no_key"),
            models.Index(fields=["case", "-received_at"], name="alert_case"),
            models.Index(fields=["reception", "-received_at", "-id"], name="alert_reception"),
            models.Index(fields=["station", "-received_at", "-id"], name="alert_station"),
            models.Index(fields=["bureau", "-received_at", "-id"], name="alert_bureau"),
            models.Index(fields=["phone_blind", "-received_at"], name="alert_phone"),
            models.Index(fields=["address_key", "-received_at"], name="alert_address"),
            models.Index(
                fields=["station", "received_at"],
                condition=Q(dispatch_status="awaiting"),
                name="alert_awaiting",
            ),
        ]

    def __str__(self) -> str:
        return self.alert_no


class AlertVersion(models.Model):
    """One received form of an alert (续报/更正), kept as it came. A late lower version is not applied."""

    id = models.BigAutoField(primary_key=True)
    alert = models.ForeignKey(Alert, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = EncryptedTextField()
    content_hash = models.BinaryField(max_length=32)
    added_text = models.TextField(blank=True)
    is_applied = models.BooleanField()
    received_at = models.DateTimeField()
    stored_at = models.DateTimeField()
    author = models.CharField(max_length=160)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "number"], name="alert_version_once"),
        ]
        triggers = append_only()


class InboxMessage(models.Model):
    """One delivery by its sender's id: what came, and the answer it was given (replayed byte for byte)."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="messages")
    message_id = models.CharField(max_length=200)
    body_hash = models.BinaryField(max_length=32)
    body = EncryptedBytesField()
    received_at = models.DateTimeField()
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, related_name="messages")
    version = models.PositiveIntegerField(null=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    answer = EncryptedBytesField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "message_id"], name="inbox_message_once"),
        ]


class Quarantine(models.Model):
    """异常报文: signed but invalid. Never lost: shown, alarmed, repaired by a person and replayed."""

    class State(models.TextChoices):
        OPEN = "open", "待处理"
        REPLAYED = "replayed", "已修复入库"
        DROPPED = "dropped", "已核实作废"

    source = models.ForeignKey(Source, models.PROTECT, related_name="quarantined")
    message = models.OneToOneField(InboxMessage, models.PROTECT, null=True, related_name="quarantine")
    bureau = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    station = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    reasons = models.JSONField(default=list)
    content_type = models.CharField(max_length=100, blank=True)
    body = EncryptedBytesField()
    repaired_body = EncryptedBytesField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    resolution = models.CharField(max_length=200, blank=True)
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["bureau", "-created_at", "-id"], name="quarantine_bureau"),
            models.Index(fields=["station", "-created_at", "-id"], name="quarantine_station"),
            models.Index(fields=["-created_at"], condition=Q(state="open"), name="quarantine_open"),
        ]


class DeskDraft(models.Model):
    """A call that is still being typed, kept on the server because desks are shared; sealed."""

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    post = models.ForeignKey("accounts.Post", models.CASCADE, related_name="+")
    content = EncryptedTextField(blank=True, default="")
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    # Kept after the call is over: an autosave still on its way must not open it again.
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["post", "opened_at"], name="draft_post")]


class ImportBatch(models.Model):
    """One table of alerts brought in: first judged (dry run), then stored row by row."""

    class State(models.TextChoices):
        JUDGED = "judged", "已预检"
        RUNNING = "running", "导入中"
        DONE = "done", "已导入"
        CANCELLED = "cancelled", "已取消"

    source = models.ForeignKey(Source, models.PROTECT, related_name="+")
    post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    unit = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    encoding = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=State.JUDGED)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    rows_total = models.PositiveIntegerField(default=0)
    rows_bad = models.PositiveIntegerField(default=0)
    rows_known = models.PositiveIntegerField(default=0)
    rows_stored = models.PositiveIntegerField(default=0)

    @property
    def rows_ready(self) -> int:
        """Rows that can be or have been taken in."""
        return self.rows_total - self.rows_bad - self.rows_known


class ImportRow(models.Model):
    """One row of a table; `row_key` makes the same row have its effect once, whichever file brings it."""

    class State(models.TextChoices):
        READY = "ready", "可导入"
        BAD = "bad", "有误"
        KNOWN = "known", "已有"
        STORED = "stored", "已导入"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()
    row_key = models.BinaryField(max_length=32)
    content = EncryptedTextField()
    errors = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State.choices)
    alert = models.ForeignKey(Alert, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="import_row_once"),
        ]
        indexes = [models.Index(fields=["row_key"], name="import_row_key")]
