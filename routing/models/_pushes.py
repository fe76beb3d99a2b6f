"""Push 1 to the crew, push 2 to the responsible officer: addressee, receipt, answer."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from dispute_hub.cases.models import Colour


class Push(models.Model):
    """One push of tier 1 or 2; statuses change by `TRANSITIONS` of the services only.

    A push goes to a role at a unit; `addressee_posts` narrows it to the people it names (the crew of the
    message, the crew under way, the responsible officer). Empty means everybody of that role there.
    """

    class Tier(models.IntegerChoices):
        FIRST = 1, "一推"
        SECOND = 2, "二推"

    class Status(models.TextChoices):
        QUEUED = "queued", "待汇总下发"
        ISSUED = "issued", "待签收"
        SIGNED = "signed", "已签收"
        ARRIVED = "arrived", "已到场"
        REPORTED = "reported", "已反馈"
        ENDED = "ended", "已终止"

    class Entry(models.TextChoices):
        """Why there is a push: an alert came (tier 1), or a rule of push 2 (handbook 1 and 4)."""

        ALERT = "alert", "新警情"
        POOL = "pool", "待分派"
        REINFORCEMENT = "reinforcement", "增援"
        UNSETTLED = "unsettled", "未化解"
        SETTLED_AT_RISK = "settled_at_risk", "已化解仍有隐患"
        BROUGHT_IN = "brought_in", "带回所调解"
        ABSENT = "absent", "未见当事人"
        WAIVED = "waived", "当事人放弃处理"
        HANDED_OVER = "handed_over", "现场移交"
        CASE_FILED = "case_filed", "受案(立案)办理"
        REPEATED = "repeated", "重复警情"
        SUGGESTED = "suggested", "处警民警建议"
        REOPENED = "reopened", "化解后再起"
        RETURNED = "returned", "交办退回"
        REJECTED = "rejected", "三推未批准"
        RECALLED = "recalled", "交办撤回"
        SPLIT_OFF = "split_off", "拆分恢复"
        ASSIGNED = "assigned", "所领导分派"

    class Outcome(models.TextChoices):
        """The ten outcomes of a feedback (handbook 4)."""

        SETTLED = "settled", "当场化解"
        SETTLED_AT_RISK = "settled_at_risk", "已化解仍有隐患"
        UNSETTLED = "unsettled", "未化解"
        BROUGHT_IN = "brought_in", "带回所调解"
        ABSENT = "absent", "未见当事人"
        WAIVED = "waived", "当事人放弃处理"
        HANDED_OVER = "handed_over", "现场移交"
        CASE_FILED = "case_filed", "受案(立案)办理"
        NOT_DISPUTE = "not_dispute", "非纠纷警情"
        VOID = "void", "无效警情"

    class How(models.TextChoices):
        """How a receipt on behalf of somebody reached the station."""

        RADIO = "radio", "电台"
        PHONE = "phone", "电话"

    id = models.BigAutoField(primary_key=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="pushes")
    alert = models.ForeignKey("intake.Alert", models.PROTECT, null=True, related_name="pushes")
    tier = models.PositiveSmallIntegerField(choices=Tier.choices)
    status = models.CharField(max_length=10, choices=Status.choices)
    entry = models.CharField(max_length=20, choices=Entry.choices)
    entries = ArrayField(models.CharField(max_length=20), default=list)
    reason = models.CharField(max_length=400, blank=True)
    colour = models.CharField(max_length=8, choices=Colour.choices, blank=True)

    addressee_unit = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    addressee_role = models.CharField(max_length=20)
    addressee_post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    addressee_posts = ArrayField(models.BigIntegerField(), default=list)

    queued_at = models.DateTimeField(null=True)
    issued_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    on_behalf_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    signed_how = models.CharField(max_length=8, choices=How.choices, blank=True)
    arrived_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, choices=Outcome.choices, blank=True)
    feedback = models.CharField(max_length=2000, blank=True)
    officers = ArrayField(models.CharField(max_length=20), default=list)
    ended_at = models.DateTimeField(null=True)
    # A push 1 to a crew sent to help: it is signed like any other, the helped crew reports.
    reinforces = models.ForeignKey("self", models.PROTECT, null=True, related_name="reinforced_by")
    sheet = models.ForeignKey("routing.DailySheet", models.PROTECT, null=True, related_name="pushes")
    # Grave push 2 outside office hours: the duty crew holds the case until the responsible officer has it.
    night_since_at = models.DateTimeField(null=True)
    caretaker_post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    taken_over_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["addressee_unit", "addressee_role", "-id"],
                condition=Q(status__in=["issued", "signed", "arrived"]),
                name="push_open_by_unit",
            ),
            GinIndex(fields=["addressee_posts"], name="push_posts"),
            models.Index(fields=["case", "tier", "-id"], name="push_case"),
            models.Index(fields=["addressee_unit", "issued_at"], name="push_unit_issued"),
            models.Index(fields=["case"], condition=Q(status="queued"), name="push_queued"),
        ]
        constraints = [
            # One dispatch per alert, however often the follower runs (retry, amended alert).
            models.UniqueConstraint(
                fields=["alert"],
                condition=Q(tier=1, reinforces=None) & ~Q(status="ended"),
                name="push_first_once",
            ),
            models.UniqueConstraint(
                fields=["reinforces", "addressee_post"],
                condition=Q(reinforces__isnull=False) & ~Q(status="ended"),
                name="push_reinforces_once",
            ),
            # A new reason is added to the open push 2; two officers must never track one case.
            models.UniqueConstraint(
                fields=["case"], condition=Q(tier=2) & ~Q(status="ended"), name="push_second_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_tier_display()} {self.pk}"

    @property
    def is_first(self) -> bool:
        return self.tier == Push.Tier.FIRST

    @property
    def led_by(self) -> Push:
        """The push whose crew reports: itself, or the one this crew was sent to help."""
        return self.reinforces or self

    @property
    def waits_for_confirmation(self) -> bool:
        """非纠纷 or 无效 was reported; the command room has the last word (handbook 4)."""
        return self.outcome in (Push.Outcome.NOT_DISPUTE, Push.Outcome.VOID)
