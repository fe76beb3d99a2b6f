"""Assessments as the API tells them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from triage import engine
from triage.models import Assessment
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
