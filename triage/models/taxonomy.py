"""The list of matters 清单 as rows, for filters and joins."""

from __future__ import annotations

from django.db import models


class Side(models.TextChoices):
    POLICE = "police", "警务类"
    NON_POLICE = "non_police", "非警务类"


class TaxonomyItem(models.Model):
    """One kind of matter of the list 清单, for filters and joins; replaceable by CSV."""

    code = models.CharField(max_length=8, primary_key=True)
    name = models.CharField(max_length=100)
    class_code = models.CharField(max_length=8)
    class_name = models.CharField(max_length=100)
    side = models.CharField(max_length=12, choices=Side.choices)
    lead_departments = models.JSONField(default=list)
    national_codes = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)

    class Meta:
        indexes = [models.Index(fields=["class_code", "code"], name="taxonomy_class")]
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name
