"""Who is told of an emergency, and what: ids and numbers, no names and no addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.models import DutyRoster, Post, Role, UnitKind
from dispute_hub.cases.models import Case
from dispute_hub.outbox import services as outbox
from intake.models import Alert
from routing.models import Emergency, EmergencyCall, EmergencyReport
from routing.services._order_machine import role_at

Duty = DutyRoster.Duty


def offered(case: Case, ground: str, *, at: datetime) -> None:
    """Both duty commanders: the 110's of the centre that took the call, and the bureau's."""
    base = outbox.Message(
        kind="emergency.offered",
        title=f"{case.case_no} {Emergency.Ground(ground).label}，可启动应急处置",
        link=f"/cases/{case.case_no}/emergency/",
        urgency="alarm",
    )
    _send(case, _at_command(case, base, at), at=at)


def begun(row: Emergency, calls: Iterable[EmergencyCall], *, at: datetime) -> None:
    """The commander and the station as police; the called units only that there is an instruction."""
    case = row.case
    base = outbox.Message(
        kind="emergency.begun", title=f"{case.case_no} 启动应急处置", link=_page(row), urgency="alarm"
    )
    told = [replace(base, title=f"请担任现场指挥：{case.case_no}，30分钟内首报", post_id=row.commander_id)]
    told += _at_command(case, base, at) + _at_station(case, base)
    instruction = replace(base, title="应急处置指令，请立即确认", link=f"{_page(row)}instruction/")
    for call in calls:
        if call.why != EmergencyCall.Why.BUREAU:
            told += _at_called(call, instruction, at)
    _send(case, told, at=at)


def commander_changed(row: Emergency, former: Post, *, at: datetime) -> None:
    """Who commands now, and who no longer does."""
    base = outbox.Message(kind="emergency.commander_changed", title="", link=_page(row), urgency="alarm")
    told = [
        replace(base, title=f"请接任现场指挥：{row.case.case_no}", post_id=row.commander_id),
        replace(base, title=f"现场指挥已移交：{row.case.case_no}", link="", post_id=former.pk),
    ]
    _send(row.case, told, at=at)


def reported(row: Emergency, report: EmergencyReport, *, at: datetime) -> None:
    """Both duty commanders read each report."""
    base = outbox.Message(
        kind="emergency.reported",
        title=f"{report.get_kind_display()}：{row.case.case_no}",
        link=_page(row),
        urgency="important",
    )
    _send(row.case, _at_command(row.case, base, at), at=at)


def ended(row: Emergency, *, at: datetime) -> None:
    """Everybody who was told that it began, and who has the case again."""
    case = row.case
    base = outbox.Message(
        kind="emergency.ended", title=f"{case.case_no} 应急处置已解除", link=_page(row), urgency="important"
    )
    told = [replace(base, title=f"应急处置已解除，24小时内终报：{case.case_no}", post_id=row.commander_id)]
    told += _at_command(case, base, at) + _at_station(case, base)
    if row.former_holder_post_id:
        title = f"应急处置已解除，请继续办理：{case.case_no}"
        told.append(
            replace(base, title=title, link=f"/cases/{case.case_no}/", post_id=row.former_holder_post_id)
        )
    instruction = replace(base, title="应急处置指令已解除", link=f"{_page(row)}instruction/")
    for call in row.calls.exclude(why=EmergencyCall.Why.BUREAU).select_related("unit"):
        told += _at_called(call, instruction, at)
    _send(case, told, at=at)


def _at_command(case: Case, base: outbox.Message, at: datetime) -> list[outbox.Message]:
    receptions = Alert.objects.filter(case=case, reception__isnull=False).values_list("reception", flat=True)
    told = [replace(base, unit_id=unit_id, role=Role.DUTY_COMMANDER) for unit_id in sorted(set(receptions))]
    if case.bureau_id:
        told += [replace(base, post_id=post.pk) for post in people.on_duty(case.bureau_id, Duty.LEADER, at)]
    return told


def _at_station(case: Case, base: outbox.Message) -> list[outbox.Message]:
    roles = (Role.STATION_COMMAND, Role.STATION_CHIEF) if case.station_id else ()
    return [replace(base, unit_id=case.station_id, role=role) for role in roles]


def _at_called(call: EmergencyCall, base: outbox.Message, at: datetime) -> list[outbox.Message]:
    """The street's duty room by its roster; a department by its role."""
    if call.unit.kind == UnitKind.CENTRE:
        on_duty = people.on_duty(call.unit_id, Duty.DESK, at)
        if on_duty:
            return [replace(base, post_id=post.pk) for post in on_duty]
    return [replace(base, unit_id=call.unit_id, role=role_at(call.unit))]


def _page(row: Emergency) -> str:
    return f"/emergencies/{row.pk}/"


def _send(case: Case, told: Iterable[outbox.Message], *, at: datetime) -> None:
    outbox.notify_many([(message, case.pk) for message in told], at=at)
