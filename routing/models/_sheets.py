"""每日汇总 and 交接班单: what the station looked like, as stored rows, and who signed it."""

from __future__ import annotations

from django.db import models

from dispute_hub.cases.models import UNKNOWN
from dispute_hub.common.fields import EncryptedTextField
from dispute_hub.common.masks import mask_name


class DailySheet(models.Model):
    """The morning sheet of a station. `sheet_on` is the morning; it covers the day before, 00:00–24:00.

    Frozen when issued: figures and rows stay as they were, corrections stand beside them.
    """

    station = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="sheets")
    sheet_on = models.DateField()
    cut_off_at = models.DateTimeField()
    issued_at = models.DateTimeField()
    figures = models.JSONField(default=dict)
    figures_before = models.JSONField(default=dict)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    signed_by_duty = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["station", "-sheet_on"], name="sheet_station")]
        constraints = [
            models.UniqueConstraint(fields=["station", "sheet_on"], name="sheet_once"),
        ]

    def __str__(self) -> str:
        return f"{self.station} 每日汇总 {self.sheet_on}"


class DailySheetRow(models.Model):
    """One case in one section as it stood at the cut-off; the marks below are the leaders' own."""

    class Section(models.TextChoices):
        NEW = "new", "新增"
        UNSETTLED = "unsettled", "未化解"
        SETTLED_AT_RISK = "settled_at_risk", "已化解仍有隐患"
        REPEATS = "repeats", "重复警情"
        DUE_TODAY = "due_today", "今日到期"
        OVERDUE = "overdue", "已超期"

    sheet = models.ForeignKey(DailySheet, models.CASCADE, related_name="rows")
    section = models.CharField(max_length=16, choices=Section.choices)
    position = models.PositiveIntegerField()
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="+")
    case_no = models.CharField(max_length=30)
    colour = models.CharField(max_length=8, blank=True)
    level = models.CharField(max_length=8, blank=True)
    status = models.CharField(max_length=12)
    title = models.CharField(max_length=100)
    address = models.CharField(max_length=100, blank=True)
    parties = EncryptedTextField(blank=True, default="")
    item_name = models.CharField(max_length=60, blank=True)
    holder_label = models.CharField(max_length=160, blank=True)
    alerts_count = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField()
    days_open = models.PositiveIntegerField(default=0)
    clock_name = models.CharField(max_length=40, blank=True)
    due_at = models.DateTimeField(null=True)

    read_at = models.DateTimeField(null=True)
    read_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    assigned_at = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    # Whose it was before: taking an assignment back gives it to him again.
    assigned_from = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    consulted_at = models.DateTimeField(null=True)
    third_asked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["section", "position"]
        constraints = [
            models.UniqueConstraint(fields=["sheet", "section", "case"], name="sheet_row_once"),
        ]

    @property
    def masked_parties(self) -> str:
        """As station lists and paper show them (handbook 3)."""
        names = [name for name in self.parties.split("、") if name]
        return "、".join(name if name == UNKNOWN else mask_name(name) for name in names) or UNKNOWN


class ShiftHandover(models.Model):
    """交接班单 of a station: item by item, both sides sign; until then the outgoing side is responsible.

    `items` are `{kind, case_no, text}` with the title or the place of a dispute, as both sides signed them:
    read inside the station alone and shown redacted. `side` on a clock's line says who answers for it.
    """

    station = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="handovers")
    shift_on = models.DateField()
    opened_at = models.DateTimeField()
    items = models.JSONField(default=list)
    note = models.CharField(max_length=400, blank=True)
    outgoing_post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    outgoing_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    outgoing_signed_at = models.DateTimeField(null=True)
    incoming_post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    incoming_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    incoming_signed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "shift_on"], name="handover_once"),
            models.CheckConstraint(
                condition=models.Q(incoming_post__isnull=True)
                | ~models.Q(incoming_post=models.F("outgoing_post")),
                name="handover_by_two",
            ),
            # One person with two posts is still one person.
            models.CheckConstraint(
                condition=models.Q(incoming_user__isnull=True)
                | ~models.Q(incoming_user=models.F("outgoing_user")),
                name="handover_by_two_people",
            ),
        ]
