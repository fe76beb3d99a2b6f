"""What a person has lowered rises again by what is new alone, not by what he had weighed (decision 0005)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common.time import beijing_date
from triage import engine
from triage.models import Assessment, Regrade
from triage.selectors._told import Told, told_of
from triage.services._judgement import Judgement
from triage.services._levels import colour_name, graver
from triage.services._rules import rules_in_force

# What each event is about: it happened again, so the factor is new although the case had it before.
ABOUT = {
    "mediation.failed": "failed_mediation",
    "agreement.breached": "agreement_breached",
    "follow_up.answered_badly": "follow_up_bad",
    "deadline.wait_expired": "agreement_breached",
}


def followed_by(case: Case, judgement: Judgement, *, event: CaseEvent, at: datetime) -> Judgement:
    """The judgement as far as a case follows it: whole, or, after an approved lowering, what is new in it.

    New is a factor that no assessment before the lowering had at that colour, what the event is about, and
    what stands in the words told since. One query; four for a case that was lowered.
    """
    lowered_at = _lowered_at(case)
    if lowered_at is None:
        return judgement
    known = _known(case, before=lowered_at)
    told = told_of(case.pk, since=lowered_at, on=beijing_date(at))
    again = _codes_in(told, at=at) | {ABOUT.get(event.kind, "")}
    fresh = [
        found
        for found in judgement.factors
        if found["code"] in again or (found["code"], found["colour"]) not in known
    ]
    colour = ""
    for found in fresh:
        colour = graver(colour, found["colour"])
    if colour == judgement.colour:
        return judgement
    if graver(case.colour, colour) == case.colour:
        # Nothing new that is graver: the case keeps its colour, and its sentence says who set it.
        return replace(judgement, colour="", item_code="")
    words = [_words(found) for found in fresh if found["colour"] == colour]
    said = f"{colour_name(colour)}：{' + '.join(words[:3])}"
    return replace(judgement, colour=colour, sentence=said, item_code="")


def _lowered_at(case: Case) -> datetime | None:
    lowered = Regrade.objects.filter(
        case=case, kind=Regrade.Kind.COLOUR, status=Regrade.Status.APPROVED, is_lowering=True
    )
    return lowered.order_by("-id").values_list("decided_at", flat=True).first()


def _known(case: Case, *, before: datetime) -> set[tuple[str, str]]:
    made = Assessment.objects.filter(case=case, made_at__lte=before).values_list("factors", flat=True)
    return {(found["code"], found["colour"]) for factors in made for found in factors}


def _codes_in(told: Told, *, at: datetime) -> set[str]:
    """What the words told since say by themselves."""
    if not told.texts:
        return set()
    verdict = engine.assess(engine.Report("\n".join(told.texts), received_at=at), rules_in_force())
    return {found.code for found in verdict.factors}


def _words(found: dict[str, Any]) -> str:
    return str(found["name"])
