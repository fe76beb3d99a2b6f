"""首报, 续报, 终报 of an emergency, and the receipt of those who were called."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.common.errors import Conflict, NoRight, OutOfScope, Stale
from dispute_hub.common.text import need_text
from routing.models import Emergency, EmergencyCall, EmergencyReport
from routing.selectors import _emergencies as selectors
from routing.services import _emergency_notices as notices
from routing.services._emergency import FINAL, FIRST, PROGRESS, grant_reason, lock_emergency

Kind = EmergencyReport.Kind
CLOCKS: dict[str, str] = {Kind.FIRST: FIRST, Kind.PROGRESS: PROGRESS, Kind.FINAL: FINAL}


@transaction.atomic
def report_emergency(
    emergency: Emergency, *, text: str, people: int | None, actor: PostActor, at: datetime, expected: str = ""
) -> EmergencyReport:
    """The report that is due now: the first, the next, or after the end the last one, and only one.

    Written by the commander on the spot, or recorded for him by who may set and end the mode. Raises Stale
    when it was written as another kind than is due by now: nobody's 续报 silently becomes the only 终报.
    """
    policy.require(actor, "emergency.report", at=at)
    case, row = lock_emergency(emergency)
    if actor.post.pk != row.commander_id and not policy.allows(actor.role, "emergency.command"):
        raise NoRight("信息报告由现场指挥提交，或由指挥长、局值班人员代录。")
    kind, count = _due_report(row)
    if expected and expected != kind:
        raise Stale(f"现在应提交的是{Kind(kind).label}，请核对最新情况后再提交；您填写的内容已保留。")
    need_text(text, "请填写报告内容：现场情况、已采取措施、下一步。", field="text")
    report = EmergencyReport.objects.create(
        emergency=row, kind=kind, number=count + 1, people=people, text=text, reported_at=at,
        reported_by=actor.post,
    )  # fmt: skip
    deadlines.meet(row, CLOCKS[kind], at=at)
    if kind == Kind.FINAL:
        grants.end(case, grant_reason(row), ends_at=at)
    else:
        holder = deadlines.Holder(post_id=row.commander_id)
        deadlines.start(case, row, PROGRESS, key="", holder=holder, at=at)
    data = {"report": kind, "number": report.number, "people": people, "text": text}
    lifecycle.record(case, "emergency.reported", actor=actor, at=at, subject=row, data=data)
    notices.reported(row, report, at=at)
    return report


def _due_report(row: Emergency) -> tuple[str, int]:
    """Which report comes next, and how many there are. Raises Conflict after the last one."""
    kinds = list(row.reports.values_list("kind", flat=True))
    due = selectors.due_report(row, kinds)
    if not due:
        raise Conflict("终报已提交，本次应急处置的信息报告已完成。", code="all_reported")
    return due, len(kinds)


@transaction.atomic
def receive_emergency_call(emergency: Emergency, *, actor: PostActor, at: datetime) -> EmergencyCall:
    """A unit that was called confirms the instruction; the second click is as good as the first."""
    policy.require(actor, "emergency.receive", at=at)
    case, row = lock_emergency(emergency)
    call = (
        EmergencyCall.objects.select_for_update(of=("self",)).filter(emergency=row, unit=actor.unit).first()
    )
    if call is None:
        raise OutOfScope("没有找到该指令，或不在当前岗位的查看范围内。")
    if call.received_at is None:
        call.received_at, call.received_by = at, actor.post
        call.save(update_fields=["received_at", "received_by"])
        lifecycle.record(
            case, "emergency.received", actor=actor, at=at, subject=row, data={"unit": str(actor.unit)}
        )
    return call
