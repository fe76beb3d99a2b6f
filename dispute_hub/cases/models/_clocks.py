"""Clocks of objects, what moved them, and the calendar they are counted by."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from dispute_hub.audit.triggers import append_only
from dispute_hub.cases.models._cases import Case


class Deadline(models.Model):
    """One clock of one object (design, rule 8). `next_step_at` is when its ladder next does something."""

    class State(models.TextChoices):
        OPEN = "open", "计时中"
        MET = "met", "已办"
        ENDED = "ended", "已终止"

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey(Case, models.PROTECT, related_name="deadlines")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=16, blank=True)
    holder_unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    holder_post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    holder_role = models.CharField(max_length=20, blank=True)
    limit = models.CharField(max_length=40)
    is_safety = models.BooleanField(default=False)
    # The date was agreed or approved by people: neither calendar nor clock table moves it.
    is_agreed = models.BooleanField(default=False, db_default=False)
    starts_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # The date as first counted, once something moved it; pages show both.
    first_due_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    step = models.PositiveSmallIntegerField(default=0)
    next_step_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    fired_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_step_at", "id"], condition=Q(state="open"), name="deadline_next_step"),
            models.Index(fields=["case", "state"], name="deadline_case"),
            models.Index(
                fields=["holder_post", "due_at"], condition=Q(state="open"), name="deadline_holder_post"
            ),
            models.Index(
                fields=["holder_unit", "holder_role", "due_at"],
                condition=Q(state="open"),
                name="deadline_holder_unit",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "kind"],
                condition=Q(state="open"),
                name="deadline_one_open",
            ),
        ]

    @property
    def is_late(self) -> bool:
        """Met after its due instant; while a clock stood still, no time went by."""
        met_at = self.paused_at or self.ended_at
        return met_at is not None and self.state == "met" and met_at > self.due_at

    @property
    def why_url(self) -> str:
        """Where every clock explains itself."""
        return f"/clocks/{self.pk}/"


class Standstill(models.Model):
    """A time in which the clocks of a whole case stand still (应急处置), but for the kinds named."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="standstills")
    reason = models.CharField(max_length=200)
    # Beginnings of kinds that run on: "push_first." is every clock of push 1.
    going_on = ArrayField(models.CharField(max_length=40), default=list)
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(ended_at__isnull=True), name="standstill_one_open"
            ),
            models.CheckConstraint(condition=Q(ended_at__gte=F("begun_at")), name="standstill_ends_later"),
        ]

    def stops(self, row: Deadline) -> bool:
        """Whether this clock stands still with its case."""
        return not row.kind.startswith(tuple(self.going_on))


class ClockPause(models.Model):
    """A time in which a clock stood still; open while `resumed_at` is empty."""

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="pauses")
    # The clock stopped with its whole case, and runs on with it.
    standstill = models.ForeignKey(Standstill, models.PROTECT, null=True, related_name="pauses")
    reason = models.CharField(max_length=200)
    paused_at = models.DateTimeField()
    paused_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    resumed_at = models.DateTimeField(null=True)
    resumed_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deadline"], condition=Q(resumed_at__isnull=True), name="pause_one_open"
            ),
            models.CheckConstraint(condition=Q(resumed_at__gte=F("paused_at")), name="pause_ends_later"),
        ]


class ClockExtension(models.Model):
    """A later date somebody asked for; moves the clock only when a second person approves."""

    deadline = models.ForeignKey(Deadline, models.PROTECT, related_name="extensions")
    until_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    proposer = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    proposer_user = models.ForeignKey("accounts.User", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved = models.BooleanField(null=True)
    approver = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    approver_user = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deadline"], condition=Q(approved__isnull=True), name="clock_extension_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(approver_user__isnull=True) | ~Q(approver_user=F("proposer_user")),
                name="clock_extension_second_person",
            ),
        ]


class CalendarOverride(models.Model):
    """What a person entered over the State Council's table for one day; the newest row of a day counts.

    `worked` empty: the table's word stands again. Append-only: what was in force stays readable.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    worked = models.BooleanField(null=True)
    reason = models.CharField(max_length=40)
    document_no = models.CharField(max_length=60)
    entered_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["day", "-id"], name="override_day")]
        triggers = append_only()


class Recount(models.Model):
    """One pass over the open clocks after the calendar or the clock table changed, slice by slice."""

    class Cause(models.TextChoices):
        CALENDAR = "calendar", "节假日调整"
        TABLE = "table", "时限表调整"

    cause = models.CharField(max_length=8, choices=Cause.choices)
    cause_text = models.CharField(max_length=100)
    wanted_at = models.DateTimeField()
    last_id = models.BigIntegerField(default=0)
    looked_at_count = models.PositiveIntegerField(default=0)
    moved_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], condition=Q(finished_at__isnull=True), name="recount_unfinished")
        ]


class ClockTable(models.Model):
    """One version of the limits of handbook 7. Drafted by one person, brought into force by another."""

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        ACTIVE = "active", "生效"
        RETIRED = "retired", "停用"
        DISCARDED = "discarded", "作废"

    version = models.PositiveIntegerField(unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    content = models.JSONField()
    note = models.CharField(max_length=200, blank=True)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    edit_no = models.PositiveIntegerField(default=0)
    # Everybody who wrote in this version: none of them may bring it into force.
    editors = models.JSONField(default=list)
    author = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    activated_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, related_name="+")
    activated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="active"), name="clock_table_one_active"
            ),
            models.CheckConstraint(
                condition=Q(activated_by__isnull=True) | ~Q(activated_by=F("author")),
                name="clock_table_second_person",
            ),
        ]
