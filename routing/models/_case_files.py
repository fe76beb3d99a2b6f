"""受案(立案)办理: an administrative or criminal file that runs beside the dispute."""

from __future__ import annotations

from django.db import models


class CaseFile(models.Model):
    """Neither ends nor pauses the dispute (handbook 4); every step causes a new assessment."""

    class Kind(models.TextChoices):
        ADMINISTRATIVE = "administrative", "行政案件"
        CRIMINAL = "criminal", "刑事案件"

    case = models.ForeignKey("cases.Case", models.PROTECT, related_name="files")
    push = models.ForeignKey("routing.Push", models.PROTECT, null=True, related_name="files")
    kind = models.CharField(max_length=16, choices=Kind.choices, default=Kind.ADMINISTRATIVE)
    number = models.CharField(max_length=60, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="case_file_case")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number or '案号待补'}"


class CaseFileStep(models.Model):
    """One thing that happened in the file, append-only in use: a correction is another step."""

    class Step(models.TextChoices):
        ACCEPTED = "accepted", "受案(立案)"
        DETAINED = "detained", "拘留"
        RELEASED = "released", "释放"
        DECIDED = "decided", "作出决定"

    class Decision(models.TextChoices):
        """What may end a family violence alert beside mediation (handbook 4, law)."""

        PENALTY = "penalty", "治安处罚"
        ADMONITION = "admonition", "告诫书"
        CRITICISM = "criticism", "批评教育"
        CRIMINAL = "criminal", "追究刑事责任"
        NO_PENALTY = "no_penalty", "不予处罚"

    file = models.ForeignKey(CaseFile, models.PROTECT, related_name="steps")
    step = models.CharField(max_length=10, choices=Step.choices)
    decision = models.CharField(max_length=12, choices=Decision.choices, blank=True)
    text = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey("accounts.Post", models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["file", "id"], name="case_file_step_file")]
