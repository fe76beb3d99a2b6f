"""Replays: a draft of the rules tried on stored alerts before it comes into force."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from dispute_hub.cases.models import Colour


class Replay(models.Model):
    """One run of a rule set over the alerts received in [since, until). Stores no assessment.

    `digest` is the content that was tried: a draft edited afterwards has to be tried again. `cursor` is
    the last alert done, so that a killed worker goes on where it stood.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "运行中"
        DONE = "done", "已完成"
        STOPPED = "stopped", "已停止"
        FAILED = "failed", "出错"

    rule_set = models.ForeignKey("triage.RuleSet", models.PROTECT, related_name="replays")
    digest = models.CharField(max_length=64)
    since = models.DateTimeField()
    until = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)
    seconds_spent = models.FloatField(default=0.0)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["rule_set", "-id"], name="replay_rule_set")]
        constraints = [
            models.UniqueConstraint(
                fields=["rule_set"], condition=Q(state__in=("queued", "running")), name="replay_one_running"
            ),
        ]


class ReplayedAlert(models.Model):
    """One alert of a replay: what stands stored beside what the tried rules say."""

    id = models.BigAutoField(primary_key=True)
    replay = models.ForeignKey(Replay, models.CASCADE, related_name="alerts")
    alert = models.ForeignKey("intake.Alert", models.PROTECT, related_name="+")
    old_colour = models.CharField(max_length=8, choices=Colour.choices, blank=True)
    new_colour = models.CharField(max_length=8, choices=Colour.choices, blank=True)
    old_item = models.CharField(max_length=8, blank=True)
    new_item = models.CharField(max_length=8, blank=True)
    new_sentence = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["replay", "alert"], name="replayed_alert_once"),
        ]
        indexes = [
            models.Index(fields=["replay", "old_colour", "new_colour", "-id"], name="replayed_cell"),
        ]
