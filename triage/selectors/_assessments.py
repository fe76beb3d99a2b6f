"""What was judged of a case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Case
from dispute_hub.common import masks
from intake.models import Alert
from triage import engine
from triage.models import Assessment
from triage.selectors._matters import item_name


@dataclass(frozen=True, slots=True)
class Card:
    """An assessment as pages show it: the narrative in segments, the words of each factor."""

    assessment: Assessment
    segments: list[Any]
    factors: list[dict[str, Any]]
    alternatives: list[str]


def latest(case: Case) -> Assessment | None:
    """The newest assessment of the case."""
    return Assessment.objects.filter(case=case).order_by("-id").first()


def latest_many(case_ids: Iterable[int]) -> dict[int, Assessment]:
    """The newest assessment of each case that has one, by case id; one query."""
    newest = Assessment.objects.filter(case_id__in=list(case_ids)).order_by("case_id", "-id")
    return {found.case_id: found for found in newest.distinct("case_id")}


def of_alert(alert: Alert) -> Assessment | None:
    """The newest assessment of one alert."""
    return Assessment.objects.filter(alert=alert).order_by("-id").first()


def assessments(case: Case) -> QuerySet[Assessment]:
    """Every assessment of the case, newest first."""
    return Assessment.objects.filter(case=case).select_related("alert").order_by("-id")


def card_of(assessment: Assessment, *, clear: bool) -> Card:
    """The card of an assessment fetched with its alert; no query.

    Not `clear`: numbers in the narrative are masked piece by piece, so the marks stay in place. Words
    that a later correction of the alert has moved are listed, not marked.
    """
    narrative = assessment.alert.narrative if assessment.alert else ""
    factors = [_factor(stored, narrative) for stored in assessment.factors]
    segments: list[Any] = list(engine.mark(narrative, factors)) if narrative else []
    if not clear:
        segments = [{"text": masks.redact(one.text), "factor_codes": one.factor_codes} for one in segments]
    said = [
        {**stored, "words": [evidence["text"] for evidence in stored["evidence"]]}
        for stored in assessment.factors
    ]
    return Card(assessment, segments, said, [item_name(code) for code in assessment.alternatives])


def _factor(stored: dict[str, Any], narrative: str) -> engine.Factor:
    spans = tuple(
        engine.Span(one["start"], one["end"], one["text"])
        for one in stored["evidence"]
        if one["start"] >= 0 and narrative[one["start"] : one["end"]] == one["text"]
    )
    return engine.Factor(stored["code"], stored["name"], stored["colour"], spans, stored["points"])


def latest_card(case: Case, *, clear: bool) -> Card | None:
    """The card of the newest assessment; one made without a new alert keeps the words of the last one."""
    found = assessments(case).first()
    if found is None or found.alert is not None:
        return card_of(found, clear=clear) if found else None
    read = assessments(case).filter(alert__isnull=False).first()
    found.alert = read.alert if read else None
    return card_of(found, clear=clear)


def reads_clear(actor: PostActor, case: Case) -> bool:
    """Whether numbers in the narrative stand open to this post: its own station's open cases (handbook 3)."""
    own = actor.unit.pk in (case.station_id, case.area_id)
    return own and case.is_open
