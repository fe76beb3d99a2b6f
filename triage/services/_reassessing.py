"""What happens to a dispute after its alerts judges it again: failed mediation, breach, bad follow-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from dispute_hub.accounts.actor import Actor
from dispute_hub.cases.models import Case, CaseEvent, Colour
from triage import selectors
from triage.models import Assessment
from triage.services import _assessing
from triage.services import _judgement as judging
from triage.services._judgement import Judgement
from triage.services._levels import colour_name, graver


@dataclass(frozen=True, slots=True)
class Turn:
    """A later event as a factor: its code, names, and the lowest colour it allows by itself."""

    code: str
    name: str
    floor: str
    text: str


# handbook 6: what aggravates a live conflict is yellow; an omission of ours (a missed follow-up) says
# nothing about the parties and raises nothing by itself.
TURNS: Final = {
    "mediation.failed": Turn("failed_mediation", "调解未果", Colour.YELLOW, "调解未达成协议"),
    "agreement.breached": Turn("agreement_breached", "违反协议", Colour.YELLOW, "调解协议未按期履行"),
    "follow_up.answered_badly": Turn("follow_up_bad", "回访异常", Colour.YELLOW, "回访发现矛盾未解或有反复"),
    "follow_up.missed": Turn("follow_up_missed", "回访逾期", "", "回访未按期进行"),
}
# handbook 6: two or more failed mediations with a grudge of a year or more are orange.
OFTEN_FAILED: Final = 2
GRUDGE_WITHIN: Final = timedelta(days=365)


@transaction.atomic
def reassess(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> Assessment:
    """Assess a locked case again by what happened to it; colour only upward. Records `case.reassessed`.

    `event.data["danger"]` true (signs of escalation seen at a follow-up) asks for orange at once.
    Follower of mediation.failed, agreement.breached, follow_up.answered_badly and follow_up.missed.
    """
    turn = TURNS[event.kind]
    latest = selectors.latest(case)
    floor = _floor(case, turn, event, latest, at=at)
    judgement = _judgement(case, turn, floor, latest)
    return _assessing.record(
        case, judgement, "case.reassessed", alert_id=None, event=event, actor=actor, at=at
    )


def _floor(case: Case, turn: Turn, event: CaseEvent, latest: Assessment | None, *, at: datetime) -> str:
    if event.data.get("danger"):
        return Colour.ORANGE
    if turn.code == "failed_mediation":
        failed = CaseEvent.objects.filter(case=case, kind="mediation.failed").count()
        old = at - case.opened_at >= GRUDGE_WITHIN or (
            latest is not None and latest.has_factor("long_grudge")
        )
        return Colour.ORANGE if failed >= OFTEN_FAILED and old else turn.floor
    return turn.floor


def _judgement(case: Case, turn: Turn, floor: str, latest: Assessment | None) -> Judgement:
    colour = graver(case.colour, floor)
    factor = judging.factor(turn.code, turn.name, floor or Colour.BLUE, turn.text)
    if latest is None:
        return Judgement(colour=colour, sentence=f"{colour_name(colour)}：{turn.text}", factors=(factor,))
    kept = [found for found in latest.factors if found["code"] not in (turn.code, "returned_fight")]
    return Judgement(
        colour=colour,
        sentence=_sentence(case, colour, turn),
        is_dispute=latest.is_dispute,
        urgency=latest.urgency,
        item_code=case.item_code,
        item_name=latest.item_name,
        alternatives=tuple(latest.alternatives),
        side=case.side,
        factors=(factor, *kept),
        one_lower=latest.one_lower,
        measures=tuple(latest.measures),
        lead_department=latest.lead_department,
        lead_departments=tuple(latest.lead_departments),
        rule_version=latest.rule_version,
    )


def _sentence(case: Case, colour: str, turn: Turn) -> str:
    """The turn first, then what was said before; the same turn is not said twice."""
    said = case.colour_sentence.partition("：")[2].split(" + ")
    words = [turn.text, *(word for word in said if word and word != turn.text)]
    return f"{colour_name(colour)}：{' + '.join(words)}"
