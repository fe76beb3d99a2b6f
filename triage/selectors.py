"""Questions about assessments, the list of matters, rules, and what waits for a second person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import GRAVITY, Case
from dispute_hub.cases.selectors import visible_to
from triage import engine
from triage.models import Assessment, Regrade, RuleSet, TaxonomyItem


@dataclass(frozen=True, slots=True)
class ColourStep:
    """The case stood at `colour` from `at` on; `said` is the sentence or reason behind it."""

    at: datetime
    colour: str
    said: str
    by_person: bool


@dataclass(frozen=True, slots=True)
class ItemClass:
    """One class of the list with its matters, for choices."""

    code: str
    name: str
    side: str
    items: tuple[tuple[str, str], ...]


def latest(case: Case) -> Assessment | None:
    """The newest assessment of the case."""
    return Assessment.objects.filter(case=case).order_by("-id").first()


def latest_many(case_ids: Iterable[int]) -> dict[int, Assessment]:
    """The newest assessment of each case that has one, by case id; one query."""
    newest = Assessment.objects.filter(case_id__in=list(case_ids)).order_by("case_id", "-id")
    return {found.case_id: found for found in newest.distinct("case_id")}


def of_alert(alert_id: int) -> Assessment | None:
    """The newest assessment of one alert."""
    return Assessment.objects.filter(alert_id=alert_id).order_by("-id").first()


def assessments(case: Case) -> QuerySet[Assessment]:
    """Every assessment of the case, newest first."""
    return Assessment.objects.filter(case=case).select_related("alert").order_by("-id")


def regrades(case: Case) -> QuerySet[Regrade]:
    """What people changed or asked to change, newest first."""
    return (
        Regrade.objects.filter(case=case)
        .select_related("proposer", "proposer_post__unit", "approver")
        .order_by("-id")
    )


def colour_history(case: Case) -> list[ColourStep]:
    """Where the case stood from when on, oldest first: a step for every change of colour; two queries."""
    made = Assessment.objects.filter(case=case).values_list("made_at", "id", "case_colour", "sentence")
    set_by_people = Regrade.objects.filter(
        case=case, kind=Regrade.Kind.COLOUR, status=Regrade.Status.APPROVED
    ).values_list("decided_at", "id", "to_value", "reason")
    found = [(at, 0, pk, colour, said) for at, pk, colour, said in made]
    found += [(at, 1, pk, colour, said) for at, pk, colour, said in set_by_people if at is not None]
    steps: list[ColourStep] = []
    for at, by_person, _, colour, said in sorted(found, key=lambda row: row[:3]):
        if colour and (not steps or steps[-1].colour != colour):
            steps.append(ColourStep(at, colour, said, bool(by_person)))
    return steps


def colour_chart(steps: list[ColourStep]) -> dict[str, Any]:
    """The step chart of a colour history as an ECharts option (JSON, no functions)."""
    names = ["蓝", "黄", "橙", "红"]
    return {
        "tooltip": {"trigger": "axis", "renderMode": "richText"},
        "grid": {"left": 28, "right": 12, "top": 12, "bottom": 24},
        "xAxis": {"type": "time"},
        "yAxis": {"type": "category", "data": names},
        "series": [
            {
                "type": "line",
                "step": "end",
                "name": "预警色",
                "data": [[step.at.isoformat(), GRAVITY[step.colour] - 1] for step in steps],
            }
        ],
    }


def taxonomy() -> list[ItemClass]:
    """The active list of matters by class; one query."""
    classes: dict[str, list[TaxonomyItem]] = {}
    for item in TaxonomyItem.objects.filter(is_active=True).order_by("class_code", "code"):
        classes.setdefault(item.class_code, []).append(item)
    return [
        ItemClass(code, rows[0].class_name, rows[0].side, tuple((row.code, row.name) for row in rows))
        for code, rows in classes.items()
    ]


def item_name(code: str) -> str:
    """The name of a matter as people know it; an unknown code stays itself. No query."""
    item = engine.load_taxonomy().items.get(code)
    return item.name if item else code


def item_side(code: str) -> str:
    """police or non_police; "" for an unknown code. No query."""
    item = engine.load_taxonomy().items.get(code)
    return item.side if item else ""


def lead_departments(code: str) -> tuple[str, ...]:
    """Who leads a matter, the most competent first. No query."""
    item = engine.load_taxonomy().items.get(code)
    return item.lead_departments if item else ()


def pending_regrades(actor: PostActor, *, at: datetime) -> QuerySet[Regrade]:
    """Lowerings that wait for a chief, on cases this post may see, the oldest first."""
    return (
        Regrade.objects.filter(status=Regrade.Status.PROPOSED, case__in=visible_to(actor, at=at))
        .select_related("case", "proposer", "proposer_post__unit")
        .order_by("proposed_at", "id")
    )


def get_regrade(actor: PostActor, regrade_id: int, *, at: datetime) -> Regrade | None:
    """One change of grade on a case in reach."""
    return Regrade.objects.filter(pk=regrade_id, case__in=visible_to(actor, at=at)).first()


def rule_sets() -> QuerySet[RuleSet]:
    """Every version of the rules, the newest first."""
    return RuleSet.objects.select_related("author", "approver").order_by("-id")


def answer_of(assessment: Assessment) -> dict[str, Any]:
    """The assessment as the API tells it (design, API v1): colour, item, alternatives, side, factors."""
    return _answer(
        assessment.colour,
        (assessment.item_code, assessment.item_name),
        assessment.alternatives,
        assessment.side,
        [_told(factor) for factor in assessment.factors],
    )


def answer_of_verdict(verdict: engine.Verdict) -> dict[str, Any]:
    """The same of a verdict that was not stored, with what the desk shows beside it."""
    factors = [
        {
            "code": factor.code,
            "name": factor.name,
            "colour": factor.floor,
            "points": factor.points,
            "evidence": [{"start": s.start, "end": s.end, "text": s.text} for s in factor.evidence],
        }
        for factor in verdict.factors
    ]
    item = (verdict.item, verdict.item_name)
    return {
        **_answer(verdict.colour or "", item, verdict.alternatives, verdict.side, factors),
        "is_dispute": verdict.dispute,
        "urgency": verdict.urgency,
        "sentence": verdict.sentence,
        "one_lower": verdict.one_lower,
        "measures": list(verdict.measures),
        "lead_department": verdict.lead_department,
        "rule_version": verdict.rule_version,
    }


def _told(factor: Mapping[str, Any]) -> dict[str, Any]:
    return {name: factor[name] for name in ("code", "name", "colour", "points", "evidence")}


def _answer(
    colour: str,
    item: tuple[str, str],
    alternatives: Iterable[str],
    side: str,
    factors: list[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "colour": colour or None,
        "item": {"code": item[0], "name": item[1]} if item[0] else None,
        "alternatives": [{"code": code, "name": item_name(code)} for code in alternatives],
        "side": side or None,
        "factors": factors,
    }
