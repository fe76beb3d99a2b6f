"""Mediators, sessions, agreements and what they promise."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from dispute_hub.common.fields import EncryptedTextField


class Mediator(models.Model):
    """A person of the pool; logs in through a post at a mediation organisation or a station (驻所)."""

    post = models.OneToOneField("accounts.Post", models.PROTECT, related_name="mediator")
    organisation = models.ForeignKey("accounts.Unit", models.PROTECT, related_name="mediators")
    stationed_at = models.ForeignKey("accounts.Unit", models.PROTECT, null=True, related_name="+")
    skills = models.JSONField(default=list)
    dialects = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)


class SessionKind(models.TextChoices):
    PEOPLE = "people", "人民调解"
    ADMINISTRATIVE = "administrative", "行政调解"
    POLICE = "police", "治安调解"
    JUDICIAL = "judicial", "司法调解"
    INDUSTRY = "industry", "行业调解"
    LAWYER = "lawyer", "律师调解"


class SessionOrigin(models.TextChoices):
    POLICE = "police", "警调"
    COURT = "court", "诉调"
    PETITION = "petition", "访调"
    SPECIAL = "special", "专调"


class SessionStatus(models.TextChoices):
    PLANNED = "planned", "待调解"
    HELD = "held", "已调解"
    CANCELLED = "cancelled", "已取消"


class SessionResult(models.TextChoices):
    AGREED = "agreed", "达成协议"
    PARTLY = "partly", "部分达成"
    FAILED = "failed", "调解未果"
    ADJOURNED = "adjourned", "择期再调"


class MediationSession(models.Model):
    """One sitting: who mediates whom, where, what was said, what came of it."""

    number = models.CharField(max_length=30, unique=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="sessions")
    kind = models.CharField(max_length=16, choices=SessionKind.choices, default=SessionKind.PEOPLE)
    origin = models.CharField(max_length=10, choices=SessionOrigin.choices, default=SessionOrigin.POLICE)
    status = models.CharField(max_length=10, choices=SessionStatus.choices, default=SessionStatus.PLANNED)
    mediator = models.ForeignKey(Mediator, models.PROTECT, null=True, related_name="sessions")
    host_post = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    place = models.CharField(max_length=100)
    planned_at = models.DateTimeField()
    convened_at = models.DateTimeField()
    convened_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    both_willing = models.BooleanField(default=False)
    held_at = models.DateTimeField(null=True, blank=True)
    attendance = models.CharField(max_length=500, blank=True)
    record = models.TextField(max_length=10000, blank=True)
    result = models.CharField(max_length=10, choices=SessionResult.choices, blank=True)
    result_text = models.CharField(max_length=2000, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["mediator", "status", "planned_at"], name="session_mediator"),
            models.Index(fields=["case", "-id"], name="session_case"),
            models.Index(fields=["host_post", "-planned_at", "-id"], name="session_host"),
            models.Index(fields=["-planned_at", "-id"], name="session_planned"),
        ]


class AgreementStatus(models.TextChoices):
    CONCLUDED = "concluded", "履行中"
    PERFORMED = "performed", "已履行"
    BREACHED = "breached", "违约"
    ENDED = "ended", "已终止"


class Confirmation(models.TextChoices):
    """What became of the parties' right to judicial confirmation (handbook 9, law: 30 days)."""

    APPLIED = "applied", "已共同申请"
    DECLINED = "declined", "双方不申请"
    LAPSED = "lapsed", "期满未申请"


class Agreement(models.Model):
    """A written agreement, or an oral one recorded by the mediator; binding either way."""

    class Form(models.TextChoices):
        WRITTEN = "written", "书面协议"
        ORAL = "oral", "口头协议"

    number = models.CharField(max_length=30, unique=True)
    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="agreements")
    session = models.ForeignKey(MediationSession, models.PROTECT, null=True, related_name="agreements")
    form = models.CharField(max_length=8, choices=Form.choices, default=Form.WRITTEN)
    status = models.CharField(
        max_length=10, choices=AgreementStatus.choices, default=AgreementStatus.CONCLUDED
    )
    facts = models.TextField(max_length=4000)
    responsibility = models.TextField(max_length=2000, blank=True)
    terms = models.JSONField(default=list)
    performance_way = models.CharField(max_length=500, blank=True)
    copies = models.PositiveSmallIntegerField(default=3)
    total_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    concluded_at = models.DateTimeField()
    concluded_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    confirm_due_on = models.DateField(null=True, blank=True)
    confirmation = models.CharField(max_length=8, choices=Confirmation.choices, blank=True)
    confirmation_text = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "-id"], name="agreement_case")]

    @property
    def is_police(self) -> bool:
        """治安调解: made at a session that needs a case file."""
        return self.session is not None and self.session.kind == SessionKind.POLICE


class AgreementParty(models.Model):
    """A party as the paper names it; sealed, because it carries everything about a person.

    An organisation is named with its `representative`.
    """

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="parties")
    party = models.ForeignKey("cases.Party", models.PROTECT, null=True, related_name="+")
    name = EncryptedTextField(max_length=80)
    representative = EncryptedTextField(blank=True, default="", max_length=80)
    sex = models.CharField(max_length=4, blank=True)
    ethnicity = models.CharField(max_length=20, blank=True)
    age = models.PositiveSmallIntegerField(null=True, blank=True)
    occupation = models.CharField(max_length=40, blank=True)
    phone = EncryptedTextField(blank=True, default="", max_length=60)
    address = EncryptedTextField(blank=True, default="", max_length=100)
    id_number = EncryptedTextField(blank=True, default="", max_length=50)


class ItemStatus(models.TextChoices):
    DUE = "due", "待履行"
    PERFORMED = "performed", "已履行"
    BREACHED = "breached", "未履行"


class PerformanceItem(models.Model):
    """One promise of an agreement with its date: an instalment, a repair, an apology."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField()
    what = models.CharField(max_length=200)
    amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    due_on = models.DateField()
    status = models.CharField(max_length=10, choices=ItemStatus.choices, default=ItemStatus.DUE)
    performed_at = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "number"], name="performance_number_once"),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(status="due"), name="performance_due")]
