"""What is to be said of a case: the engine's verdict or a structured factor, before it is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from dispute_hub.cases.models import Colour
from dispute_hub.common import time
from intake.models import Alert
from triage import engine
from triage.selectors._told import NOTHING
from triage.services import _turning as turning
from triage.services._levels import colour_name, graver
from triage.services._turning import factor

if TYPE_CHECKING:
    from intake.selectors import PriorAlert
    from triage.selectors._told import Told
    from triage.services._rules import Named

STEP_UP: Final[dict[str, str]] = {
    "": "blue",
    "blue": "yellow",
    "yellow": "orange",
    "orange": "red",
    "red": "red",
}
GRAVE: Final = (Colour.RED, Colour.ORANGE)
# Outcomes that say officers met the people; the others were no handling of a dispute.
HANDLED: Final = frozenset(
    {"settled", "settled_at_risk", "unsettled", "brought_in", "absent", "waived", "handed_over", "case_filed"}
)
READ_BY_ENGINE: Final = frozenset({"settled", "settled_at_risk", "unsettled"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """The columns of an Assessment that come from judging, apart from where and when."""

    colour: str
    sentence: str
    is_dispute: bool = True
    urgency: str = ""
    item_code: str = ""
    item_name: str = ""
    alternatives: tuple[str, ...] = ()
    side: str = ""
    factors: tuple[dict[str, Any], ...] = ()
    one_lower: str = ""
    measures: tuple[str, ...] = ()
    lead_department: str = ""
    lead_departments: tuple[str, ...] = ()
    rule_version: str = ""
    rule_digest: str = ""
    failed: bool = False


def report_of(alert: Alert, priors: Sequence[PriorAlert], told: Told = NOTHING) -> engine.Report:
    """A dispute as the engine reads it: the alert, what came before it, what became known beside it.

    Calls about the same event, and void ones, are no earlier alerts.
    """
    earlier = tuple(
        engine.Prior(
            received_at=prior.received_at,
            narrative=prior.narrative,
            outcome=prior.outcome if prior.outcome in READ_BY_ENGINE else "none",
        )
        for prior in priors
        if not prior.same_event and prior.outcome not in ("void", "not_dispute")
    )
    return engine.Report(
        narrative=alert.narrative,
        received_at=alert.received_at,
        source=alert.source.kind,
        stated_item=alert.stated_item,
        people_involved=alert.people_involved,
        amount=alert.amount,
        flags=tuple(alert.flags),
        priors=earlier,
        told_later=told.texts,
        markers=tuple(dict.fromkeys(fact.kind for fact in told.known)),
        failed_mediations=told.failed_mediations,
        broken_agreements=told.broken_agreements,
        missed_follow_ups=told.missed_follow_ups,
        expired_waits=told.expired_waits,
    )


def judge(
    alert: Alert,
    priors: Sequence[PriorAlert],
    named: Named,
    *,
    is_further: bool,
    colour_after: Callable[[PriorAlert], str],
    told: Told = NOTHING,
) -> Judgement:
    """What these rules say of an alert with what came before it and what was told beside it; stores nothing.

    `is_further`: not the first alert of its case. `colour_after` tells where an earlier alert had left
    its case; asked only when officers were done with the parties less than 24 hours before (回流警情).
    """
    verdict = engine.assess(report_of(alert, priors, told), named.rules)
    judgement = replace(judged(verdict), rule_digest=named.digest)
    judgement = turning.turned(judgement, told, rules=named.rules)
    prior = handled_lately(priors)
    if prior is None or not (judgement.is_dispute or is_further):
        return judgement
    return returned(judgement, prior, former=colour_after(prior), received_at=alert.received_at)


def judged(verdict: engine.Verdict) -> Judgement:
    """The engine's verdict. What is no dispute keeps a colour only for dispatch: red or orange."""
    colour = verdict.colour or ""
    if not verdict.dispute and colour not in GRAVE:
        colour = ""
    return Judgement(
        colour=colour,
        sentence=verdict.sentence,
        is_dispute=verdict.dispute,
        urgency=verdict.urgency or "",
        item_code=verdict.item,
        item_name=verdict.item_name,
        alternatives=verdict.alternatives,
        side=verdict.side,
        factors=tuple(_plain(found) for found in verdict.factors),
        one_lower=verdict.one_lower,
        measures=verdict.measures,
        lead_department=verdict.lead_department,
        lead_departments=verdict.lead_departments,
        rule_version=verdict.rule_version,
    )


def _plain(found: engine.Factor) -> dict[str, Any]:
    evidence = [{"start": span.start, "end": span.end, "text": span.text} for span in found.evidence]
    return {
        "code": found.code, "name": found.name, "colour": found.floor, "points": found.points,
        "evidence": evidence,
    }  # fmt: skip


def handled_lately(priors: Sequence[PriorAlert]) -> PriorAlert | None:
    """The latest earlier alert that officers were done with less than 24 hours before this one."""
    return next((prior for prior in priors if prior.is_return and prior.outcome in HANDLED), None)


def returned(judgement: Judgement, prior: PriorAlert, *, former: str, received_at: datetime) -> Judgement:
    """回流警情: at least orange and a step above `former`; the card opens with it (handbook 4)."""
    colour = graver(judgement.colour, graver(Colour.ORANGE, STEP_UP[former]))
    said = f"{_moment(prior.outcome_at or prior.received_at, received_at)}刚处置过，双方可能返回"
    old = judgement.sentence.partition("：")[2] if judgement.colour else ""
    sentence = f"{colour_name(colour)}：{said}" + (f" + {old}" if old else "")
    found = factor("returned_fight", "回流警情", Colour.ORANGE, said)
    return replace(
        judgement,
        colour=colour,
        is_dispute=True,
        urgency="",
        sentence=sentence,
        factors=(found, *judgement.factors),
    )


def _moment(instant: datetime, at: datetime) -> str:
    """ "20:10" today, "昨日20:10" the day before (Beijing)."""
    clock = f"{instant.astimezone(time.BEIJING):%H:%M}"
    return clock if time.beijing_date(instant) == time.beijing_date(at) else f"昨日{clock}"
