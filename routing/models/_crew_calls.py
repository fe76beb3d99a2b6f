"""What a crew asks for on the scene, and what the station wrote down in its name."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from routing.models._pushes import Push


class Reinforcement(models.Model):
    """请求增援: how many are needed and what for; answered by sending crews a push 1 of their own."""

    class Status(models.TextChoices):
        ASKED = "asked", "待答复"
        SENT = "sent", "已派增援"
        WITHDRAWN = "withdrawn", "已撤回"
        OVER = "over", "处置已结束"

    class Need(models.TextChoices):
        """What the crew taps; codes stand in events, so that triage and figures may read them."""

        WEAPON = "weapon", "对方持械"
        CROWD = "crowd", "围观聚集"
        RESIST = "resist", "暴力抗法"
        FEMALE = "female", "需要女民警"
        MEDICAL = "medical", "需要120"
        FIRE = "fire", "需要119"

    id = models.BigAutoField(primary_key=True)
    push = models.ForeignKey(Push, models.PROTECT, related_name="reinforcement_requests")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASKED)
    officers_needed = models.PositiveSmallIntegerField()
    needs = ArrayField(models.CharField(max_length=10), default=list)
    text = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")
    sent_posts = ArrayField(models.BigIntegerField(), default=list)
    answer = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], condition=Q(status="asked"), name="reinforcement_open")]
        constraints = [
            # A phone that lost the answer asks again: one open request per crew.
            models.UniqueConstraint(
                fields=["push"], condition=Q(status="asked"), name="reinforcement_one_open"
            ),
            models.CheckConstraint(
                condition=Q(officers_needed__gte=1, officers_needed__lte=50), name="reinforcement_officers"
            ),
        ]

    def __str__(self) -> str:
        return f"增援 {self.pk}"

    @property
    def need_names(self) -> list[str]:
        names = dict(self.Need.choices)
        return [str(names[code]) for code in self.needs if code in names]

    @property
    def is_open(self) -> bool:
        return self.status == self.Status.ASKED


class OnBehalf(models.Model):
    """代签/代录: what the station recorded for an officer, who confirms it by the end of his shift."""

    class Act(models.TextChoices):
        SIGN = "sign", "签收"
        ARRIVE = "arrive", "到达现场"
        FEED_BACK = "feed_back", "处警反馈"
        REINFORCE = "reinforce", "请求增援"
        ADD_TEXT = "add_text", "续报"

    id = models.BigAutoField(primary_key=True)
    push = models.ForeignKey(Push, models.PROTECT, related_name="on_behalf_records")
    act = models.CharField(max_length=10, choices=Act.choices)
    how = models.CharField(max_length=8, choices=Push.How.choices)
    for_post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    by_post = models.ForeignKey("accounts.Post", models.PROTECT, related_name="+")
    at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    objection = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["for_post", "at"], condition=Q(confirmed_at=None), name="on_behalf_waiting"),
        ]
        constraints = [
            # Nobody confirms his own record: the officer's word is what makes it his.
            models.CheckConstraint(condition=~Q(for_post=models.F("by_post")), name="on_behalf_of_another"),
        ]

    def __str__(self) -> str:
        return f"代录 {self.pk}"
