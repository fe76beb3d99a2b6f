"""An alert is assessed, its case coloured; if the engine fails, the alert stands at orange."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.db import transaction

from dispute_hub.accounts.actor import Actor
from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import GRAVITY, Case, CaseEvent, Colour, Level
from dispute_hub.common.time import beijing_date
from intake import selectors as intake
from intake.models import Alert
from intake.selectors import PriorAlert
from triage import engine
from triage.models import Assessment, Regrade
from triage.selectors._told import told_of
from triage.services import _judgement as judging
from triage.services._judgement import Judgement
from triage.services._levels import at_least, colour_name, graver, report_high
from triage.services._regrading import overtake
from triage.services._rules import named_rules_in_force, rules_in_force, tell_unusable
from triage.services._turning import factor, turned

FAILED_SENTENCE: Final = "橙：自动研判未完成，暂按橙色处置，请人工研判"


# The lifecycle runs it in a savepoint of its own; another would only cost two round trips.
@transaction.atomic(savepoint=False)
def assess(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> Assessment:
    """Assess the alert of `event` on a locked case: colour (only upward), item, side, sentence, level.

    Records `case.assessed` with `{alert_id, colour, urgency, returned_fight}`, which push 1 follows, and
    `case.colour_raised` when a later assessment raised the case. Follower of alert.received and
    alert.amended.
    """
    alert = _alert_of(event)
    judgement = judge_dispute(case, alert, at=at)
    tell_unusable(at=at)
    if alert.is_dispute != judgement.is_dispute:
        alert.is_dispute = judgement.is_dispute
        alert.save(update_fields=["is_dispute"])
    return record(case, judgement, "case.assessed", alert_id=alert.pk, event=event, actor=actor, at=at)


def judge_dispute(case: Case, alert: Alert, *, at: datetime) -> Judgement:
    """What the rules in force say of the whole dispute, led by one of its alerts; stores nothing.

    The one way from a case to the engine, whatever asks for it: the alert's facts, what came before it,
    what was told and went wrong since, what is known of its people. Four queries, five for a return.
    """
    priors = intake.priors_of(alert)
    told = told_of(case.pk, since=alert.received_at, on=beijing_date(at))
    return judging.judge(
        alert, priors, named_rules_in_force(), is_further=case.alerts_count > 1,
        colour_after=lambda prior: _colour_after(prior, alert), told=told,
    )  # fmt: skip


def judge_events(case: Case, *, at: datetime) -> Judgement:
    """The same of a case without an alert in force: where it stands, and what happened in it since."""
    named = named_rules_in_force()
    told = told_of(case.pk, since=case.opened_at, on=beijing_date(at))
    standing = Judgement(
        colour=case.colour, sentence=case.colour_sentence, item_code=case.item_code, side=case.side,
        rule_version=named.rules.version, rule_digest=named.digest,
    )  # fmt: skip
    return turned(standing, told, rules=named.rules)


def _alert_of(event: CaseEvent) -> Alert:
    """The alert as it was just written, or read again with its source when the event is an old one."""
    if isinstance(event.subject, Alert):
        return event.subject
    return Alert.objects.select_related("source").get(pk=event.data["alert_id"])


def _colour_after(prior: PriorAlert, alert: Alert) -> str:
    """Where the earlier alert had left its case when this one came.

    What was said of the earlier one since already counts this one: from there the case would climb a
    step with every new assessment.
    """
    made = Assessment.objects.filter(alert_id=prior.alert_id, failed=False, made_at__lte=alert.stored_at)
    return made.order_by("-id").values_list("case_colour", flat=True).first() or ""


@transaction.atomic(savepoint=False)
def assess_failed(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> Assessment:
    """Stand in for a failed `assess`: orange, so that push 1 goes out; a person judges (handbook 4).

    Touches neither the engine nor the earlier alerts: either may be what failed.
    """
    text = "自动研判出错"
    judgement = Judgement(
        colour=Colour.ORANGE,
        sentence=FAILED_SENTENCE,
        factors=(factor("assessment_failed", "自动研判失败", Colour.ORANGE, text),),
        one_lower="人工研判确认无橙色及以上情形后，可申请降级。",
        measures=("按橙色警情处置，到场后核实现场情况。",),
        failed=True,
    )
    alert_id = event.data.get("alert_id")
    return record(case, judgement, "case.assessed", alert_id=alert_id, event=event, actor=actor, at=at)


def preview(report: engine.Report) -> engine.Verdict:
    """What the engine says of a report by the rules in force; stores nothing. One query, a few ms."""
    return engine.assess(report, rules_in_force())


def record(
    case: Case,
    judgement: Judgement,
    kind: str,
    *,
    alert_id: int | None,
    event: CaseEvent | None,
    actor: Actor,
    at: datetime,
    followed: Judgement | None = None,
) -> Assessment:
    """Store the assessment, let the case follow it, record the event `kind`; then the rise, if any.

    `event` caused it; None where nothing on this case did (an alert that moved here). The case follows
    `followed` where that is another than the judgement (what a person lowered rises by what is new).
    """
    followed = followed or judgement
    former, was_assessed = case.colour, bool(case.colour or case.item_code)
    assessment = Assessment(
        case=case,
        alert_id=alert_id,
        cause=event,
        case_colour=graver(former, followed.colour),
        made_at=at,
        **_columns(judgement),
    )
    subject = event.subject if event is not None else None
    if isinstance(subject, Alert) and subject.pk == alert_id:
        assessment.alert = subject
    assessment.save(force_insert=True)
    became_high = _apply(case, followed, at=at)
    said = {"alert_id": alert_id, "colour": judgement.colour, "urgency": judgement.urgency}
    if assessment.has_factor("returned_fight"):
        said["returned_fight"] = True
    lifecycle.record(case, kind, actor=actor, at=at, subject=assessment, data=said, cause=event)
    if was_assessed and case.colour != former:
        _rise(case, former, assessment, actor=actor, at=at)
    if became_high:
        report_high(case, at=at)
    return assessment


def _rise(case: Case, former: str, assessment: Assessment, *, actor: Actor, at: datetime) -> None:
    overtake(case, Regrade.Kind.COLOUR, actor=actor, at=at)
    rise = {"from": former, "to": case.colour, "sentence": case.colour_sentence}
    lifecycle.record(
        case, "case.colour_raised",
        actor=actor, at=at, subject=assessment, data=rise, cause=assessment.cause,
    )  # fmt: skip


def _columns(judgement: Judgement) -> dict[str, Any]:
    names = Judgement.__slots__
    columns = {name: getattr(judgement, name) for name in names}
    plain = {name: list(value) for name, value in columns.items() if isinstance(value, tuple)}
    return {**columns, **plain, "sentence": judgement.sentence[:200], "one_lower": judgement.one_lower[:400]}


def _apply(case: Case, judgement: Judgement, *, at: datetime) -> bool:
    """Let a locked case follow a judgement; True if its level became 高.

    The gravest assessment speaks for the case: a calmer one changes neither colour nor item. What is
    no dispute never takes the item of a dispute away. The level follows a rise and is otherwise
    people's business.
    """
    before = (case.colour, case.level)
    unread = not case.item_code
    governs = GRAVITY[judgement.colour] >= GRAVITY[case.colour]
    if governs:
        case.colour, case.colour_sentence = judgement.colour, judgement.sentence[:120]
    if judgement.item_code and (unread or (governs and judgement.is_dispute)):
        case.item_code, case.side = judgement.item_code, judgement.side
        if not governs:
            said = f"{colour_name(case.colour)}：暂定；补充研判为“{judgement.sentence}”"
            case.colour_sentence = said[:120]
    if case.colour != before[0] or not case.level:
        case.level = at_least(case.level, case.colour)
    if case.colour != before[0]:
        # A form filled against the calmer colour must be looked at again.
        case.version += 1
    case.updated_at = at
    case.save(
        update_fields=[
            "colour", "colour_sentence", "level", "item_code", "side", "version", "updated_at",
        ]
    )  # fmt: skip
    return case.level == Level.HIGH and before[1] != Level.HIGH
