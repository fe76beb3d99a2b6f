"""反馈: the ten outcomes of a dispatch and what follows from each (handbook 4)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, SettleHow, Status
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.outbox import services as outbox
from intake import services as intake
from intake.models import DispatchStatus
from routing.models import OnBehalf, Push
from routing.services import _machine as machine
from routing.services._case_files import open_file
from routing.services._reinforcement import end_help
from routing.services._second import enter
from routing.services._signing import check_crew, note_record

Outcome = Push.Outcome
FOR_CONFIRMATION: Final = (Outcome.NOT_DISPUTE, Outcome.VOID)


@transaction.atomic
def feed_back(
    push: Push,
    *,
    outcome: str,
    text: str,
    actor: PostActor,
    at: datetime,
    officers: Sequence[str] = (),
    confirmed_item: str = "",
    suggest_push_second: str = "",
    how: str = "",
) -> Push:
    """Record the outcome of a dispatch; a case at the scene follows it, any other keeps its status.

    `officers` are the police numbers of the crew, `suggest_push_second` the reason of 建议二推, `how` the
    way the command room heard it. Raises Invalid for an unknown outcome or missing text, Conflict when
    unsigned, already reported, or for a crew that only helps.
    """
    policy.require(actor, "push.feed_back", at=at)
    case, push = machine.lock_push(push)
    check_crew(push, actor)
    if push.reinforces_id:
        raise Conflict("增援警力无需反馈，由主处警民警统一反馈；有情况请写续报。")
    _check(outcome, text, suggest_push_second)
    machine.change(
        push, Push.Status.REPORTED, reported_at=at, outcome=outcome, feedback=text, officers=list(officers)
    )
    deadlines.meet(push, "push_first.feed_back", at=at)
    deadlines.meet(push, "push_first.arrive", at=at)
    if push.alert is not None:
        intake.record_outcome(push.alert, outcome=outcome, text=text, confirmed_item=confirmed_item, at=at)
        intake.set_dispatch(push.alert, DispatchStatus.REPORTED, at=at)
    data = {"outcome": outcome, "confirmed_item": confirmed_item, "suggested": suggest_push_second}
    event = lifecycle.record(case, "push.reported", actor=actor, at=at, subject=push, data=data)
    note_record(case, push, OnBehalf.Act.FEED_BACK, how=how, actor=actor, at=at)
    end_help(case, push, why="push.reported", actor=actor, at=at)
    _follow(case, push, text, suggest_push_second, actor=actor, at=at, cause=event)
    return push


def _check(outcome: str, text: str, suggested: str) -> None:
    if outcome not in Outcome.values:
        raise Invalid("请选择处置结果。", fields={"outcome": ["请从十种处置结果中选择一种。"]})
    if not text.strip():
        raise Invalid("请填写处置情况。", fields={"text": ["请按原因、经过、处置、结果填写。"]})
    if suggested and outcome in FOR_CONFIRMATION:
        raise Invalid(
            "非纠纷或无效警情不能建议二推，请核对处置结果。",
            fields={"suggest_push_second": ["请改选其他处置结果，或不填建议。"]},
        )


def _follow(
    case: Case, push: Push, text: str, suggested: str, *, actor: PostActor, at: datetime, cause: CaseEvent
) -> None:
    if push.outcome == Outcome.CASE_FILED:
        open_file(case, push=push, actor=actor, at=at)
    if push.outcome in FOR_CONFIRMATION:
        _ask_command(case, push, at=at)
    elif case.status == Status.SCENE:
        _leave_scene(case, push, text, suggested, actor=actor, at=at, cause=cause)
        return
    elif push.outcome == Outcome.SETTLED:
        _propose_settled(case, at=at)
    if suggested and case.is_open:
        enter(case, entry=Push.Entry.SUGGESTED, reason=suggested, at_once=False, at=at, cause=cause)


def _leave_scene(
    case: Case, push: Push, text: str, suggested: str, *, actor: PostActor, at: datetime, cause: CaseEvent
) -> None:
    """Settled on the scene ends it, unless the officer himself asks for tracking; all else is tracked."""
    if push.outcome == Outcome.SETTLED and not suggested:
        cases.check_settlement(case, how=SettleHow.ON_SCENE, text=text)
        cases.mark_settled(
            case, how=SettleHow.ON_SCENE, text=text, actor=actor, at=at, data={"push": push.pk}
        )
        return
    entry = Push.Entry.SUGGESTED if push.outcome == Outcome.SETTLED else push.outcome
    said = {"entry": entry, "push": push.pk, "suggested": suggested}
    lifecycle.move(case, Status.TRACKING, actor=actor, at=at, subject=push, data=said, cause=cause)


def _ask_command(case: Case, push: Push, *, at: datetime) -> None:
    """非纠纷 and 无效 wait for the command room; 无效 only after a call-back."""
    unit_id = case.station_id or push.addressee_unit_id
    word = "无效警情，请回拨核实后确认" if push.outcome == Outcome.VOID else "非纠纷警情，请核对后确认"
    message = outbox.Message(
        kind="case.confirm_asked",
        title=f"{case.case_no} 反馈为{word}",
        link=f"/cases/{case.case_no}/",
        urgency="important",
        unit_id=unit_id,
        role=Role.STATION_COMMAND,
    )
    outbox.notify(message, at=at, case_id=case.pk)


def _propose_settled(case: Case, *, at: datetime) -> None:
    """The case is past the scene: what the crew calls settled is a proposal to who holds it."""
    message = outbox.Message(
        kind="case.settle_proposed",
        title=f"{case.case_no} 处警民警反馈当场化解，请核实后办理",
        link=f"/cases/{case.case_no}/",
        post_id=case.holder_post_id,
        unit_id=None if case.holder_post_id else case.holder_unit_id or case.station_id,
        role="" if case.holder_post_id else Role.STATION_COMMAND,
    )
    if message.post_id or message.unit_id:
        outbox.notify(message, at=at, case_id=case.pk)
