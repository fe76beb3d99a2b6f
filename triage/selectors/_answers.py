"""Assessments as the API tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dispute_hub.cases.models import Deadline
from triage import engine
from triage.models import Assessment, Regrade
from triage.selectors._matters import item_name


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


def answer_of_regrade(made: Regrade) -> dict[str, Any]:
    """A change of colour or level; `approve_due_at` while a lowering waits for a chief."""
    clock = Deadline.objects.filter(
        subject_kind="regrade", subject_id=made.pk, kind="regrade.approve", state="open"
    ).first()
    return {
        "id": made.pk,
        "case_no": made.case.case_no,
        "kind": made.kind,
        "from": made.from_value or None,
        "to": made.to_value,
        "status": made.status,
        "colour": made.case.colour or None,
        "level": made.case.level or None,
        "approve_due_at": clock.due_at.isoformat() if clock else None,
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
