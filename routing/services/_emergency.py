"""应急处置: set, handed to another commander and ended by the 110's or the bureau's duty commander."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor, post_id_of
from dispute_hub.accounts.models import Post, Unit
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Status
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.common.masks import redact
from dispute_hub.common.text import need_text
from routing.models import Emergency, EmergencyCall
from routing.selectors import _emergencies as selectors
from routing.services import _emergency_notices as notices

FIRST, PROGRESS, FINAL = "emergency.first", "emergency.progress", "emergency.final"
# Dispatch belongs to the alert and what parties agreed to them; the rest of the dispute stands still.
GOING_ON = ("push_first.", "emergency.", "performance.", "agreement.")
COMMANDED = (Status.POOL, Status.SCENE, Status.TRACKING, Status.REVIEW, Status.JOINT, Status.VERIFYING)


def grant_reason(row: Emergency) -> str:
    """Why its commander sees the case: each emergency of a case gives and ends a sight of its own."""
    return f"emergency:{row.pk}"


@dataclass(frozen=True, slots=True)
class Command:
    """Who commands on the spot, how many are there, and what outside units are told to do."""

    commander: Post
    people: int
    instruction: str
    is_blocked: bool = False
    lead_unit: Unit | None = None


def offer_emergency(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of an assessment: tell both duty commanders, once, that the mode may be set."""
    ground = selectors.ground_of_assessment(event.subject)
    if not ground or case.status not in COMMANDED or selectors.was_offered(case):
        return
    lifecycle.record(case, "emergency.offered", actor=actor, at=at, cause=event, data={"ground": ground})
    notices.offered(case, ground, at=at)


@transaction.atomic
def begin_emergency(case: Case, command: Command, *, actor: PostActor, at: datetime) -> Emergency:
    """Set the mode: the commander holds the case, its clocks stand still, 首报 is due, the called are told.

    Raises Invalid at the field when too few people are there, Conflict when the mode is set already.
    """
    policy.require(actor, "emergency.command", at=at)
    case = cases.lock(case.pk)
    if case.status not in COMMANDED:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，不能启动应急处置。")
    if Emergency.objects.filter(case=case, ended_at__isnull=True).exists():
        raise Conflict("该案件已在应急处置中。", code="already_begun")
    ground = _checked(case, command, at)
    still = cases.stop_clocks(case, reason="应急处置", going_on=GOING_ON, actor=actor, at=at)
    row = Emergency.objects.create(
        case=case, standstill=still, ground=ground, people=command.people,
        instruction=redact(command.instruction.strip()), commander=command.commander,
        lead_unit=command.lead_unit, former_holder_unit_id=case.holder_unit_id,
        former_holder_post_id=case.holder_post_id, begun_at=at, begun_by=actor.post,
    )  # fmt: skip
    _take_command(case, row)
    grants.give(case, grant_reason(row), at=at, post_id=row.commander_id)
    deadlines.start(case, row, FIRST, key="", holder=_holder(row), at=at)
    calls = EmergencyCall.objects.bulk_create(
        EmergencyCall(emergency=row, unit=unit, why=why, called_at=at)
        for unit, why in selectors.to_call(case, command.lead_unit)
    )
    data = {"ground": ground, "people": row.people, "unit": str(row.commander.unit)}
    lifecycle.record(case, "emergency.begun", actor=actor, at=at, subject=row, data=data)
    notices.begun(row, calls, at=at)
    return row


def _checked(case: Case, command: Command, at: datetime) -> str:
    ground = selectors.ground_of_numbers(command.people, is_blocked=command.is_blocked)
    if not ground:
        said = "应急处置适用于聚集30人以上，或10人以上并堵门堵路；请核实现场人数。"
        raise Invalid(said, fields={"people": [said]}, code="too_few_people")
    if command.commander not in selectors.commanders_for(case, at=at):
        raise Invalid(fields={"commander": ["请从本地公安机关在岗人员中指定现场指挥。"]})
    need_text(command.instruction, "请写明要求各单位做什么、向谁报到。", field="instruction")
    return ground


@transaction.atomic
def change_commander(
    emergency: Emergency, *, commander: Post, reason: str, actor: PostActor, at: datetime
) -> Emergency:
    """Another named person commands from now on and owes the next report."""
    policy.require(actor, "emergency.command", at=at)
    case, row = lock_emergency(emergency)
    _refuse_ended(row)
    if commander.pk == row.commander_id:
        raise Invalid(fields={"commander": ["该同志已是现场指挥，请选择接替人。"]}, code="same_commander")
    if commander not in selectors.commanders_for(case, at=at):
        raise Invalid(fields={"commander": ["请从本地公安机关在岗人员中指定现场指挥。"]})
    need_text(reason, "请填写更换现场指挥的原因。", field="reason")
    former = row.commander
    row.commander = commander
    row.save(update_fields=["commander"])
    _take_command(case, row)
    grants.end(case, grant_reason(row), ends_at=at, post_id=former.pk)
    grants.give(case, grant_reason(row), at=at, post_id=commander.pk)
    deadlines.hand_over(row, holder=_holder(row))
    data = {"unit": str(commander.unit), "from_post": former.pk, "to_post": commander.pk, "text": reason}
    lifecycle.record(case, "emergency.commander_changed", actor=actor, at=at, subject=row, data=data)
    notices.commander_changed(row, former, at=at)
    return row


@transaction.atomic
def end_emergency(emergency: Emergency, *, text: str, actor: PostActor, at: datetime) -> Emergency:
    """End the mode: the former holder has the case again, its clocks run on, 终报 is due."""
    policy.require(actor, "emergency.command", at=at)
    case, row = lock_emergency(emergency)
    _refuse_ended(row)
    need_text(text, "请写明现场已如何平息、后续由谁负责。", field="text")
    _end(case, row, text=text, actor=actor, at=at)
    return row


def end_emergency_with_case(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of what ends a case: an emergency of a dispute that is over is over as well."""
    row = Emergency.objects.filter(case=case, ended_at__isnull=True).first()
    if row is not None:
        _end(case, row, text="案件已结束，应急处置随之解除", actor=actor, at=at, cause=event)


def _end(
    case: Case, row: Emergency, *, text: str, actor: Actor, at: datetime, cause: CaseEvent | None = None
) -> None:
    row.ended_at, row.ended_by_id, row.end_text = at, post_id_of(actor), text
    row.save(update_fields=["ended_at", "ended_by", "end_text"])
    cases.restart_clocks(case, actor=actor, at=at)
    deadlines.end(row, at=at, kinds=[FIRST, PROGRESS])
    if case.holder_post_id == row.commander_id:
        cases.hold(case, unit_id=row.former_holder_unit_id, post=row.former_holder_post)
    if not row.reports.filter(kind="final").exists():
        deadlines.start(case, row, FINAL, key="", holder=_holder(row), at=at)
    lifecycle.record(
        case, "emergency.ended", actor=actor, at=at, subject=row, cause=cause, data={"text": text}
    )
    notices.ended(row, at=at)


def lock_emergency(emergency: Emergency) -> tuple[Case, Emergency]:
    """The case and the emergency, locked in that order."""
    case = cases.lock(emergency.case_id)
    rows = Emergency.objects.select_for_update(of=("self",)).select_related(
        "case", "commander__user", "commander__unit", "former_holder_post__user"
    )
    return case, rows.get(pk=emergency.pk)


def _refuse_ended(row: Emergency) -> None:
    if not row.is_running:
        raise Conflict("该应急处置已解除。", code="already_ended")


def _take_command(case: Case, row: Emergency) -> None:
    cases.hold(case, unit_id=row.commander.unit_id, post=row.commander)


def _holder(row: Emergency) -> deadlines.Holder:
    return deadlines.Holder(post_id=row.commander_id)
