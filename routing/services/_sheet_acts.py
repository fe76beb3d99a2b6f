"""What the chief does with rows of the sheet: 分派, 提交会商, 已阅, one by one or many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Conflict, Invalid, Refused
from dispute_hub.outbox import services as outbox
from routing.models import DailySheet, DailySheetRow, Push
from routing.services._addressee import readdress_second
from routing.services._night import end_night
from routing.services._second import enter, open_second

ACTS: Final = ("read", "assign", "consult")


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one ticked row; `text` is told to the person."""

    row_id: int
    case_no: str
    done: bool
    text: str


@transaction.atomic
def assign_case(case: Case, *, post: Post, actor: PostActor, at: datetime) -> Push:
    """分派: another responsible officer takes the tracked case, with its push 2 and the clocks of it."""
    policy.require(actor, "case.assign", at=at)
    case = cases.lock(case.pk)
    if not case.is_open:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，无需分派。")
    if post.role not in (Role.COMMUNITY_OFFICER, Role.OFFICER) or case.station_id not in (
        post.unit_id,
        post.unit.parent_id,
    ):
        raise Invalid("请选择本所责任民警。", fields={"post": ["只能分派给本所责任民警或民警。"]})
    push = open_second(case) or enter(
        case, entry=Push.Entry.ASSIGNED, reason="", at_once=True, at=at, cause=None
    )
    readdress_second(case, push, post, at=at)
    end_night(case, push, actor=actor, at=at)
    lifecycle.record(
        case, "push.assigned", actor=actor, at=at, subject=push, data={"tier": 2, "post_id": post.pk}
    )
    _tell(case, push, post, at=at)
    return push


def _tell(case: Case, push: Push, post: Post, *, at: datetime) -> None:
    message = outbox.Message(
        kind="push.assigned",
        title=f"所领导分派：{case.case_no} 请跟踪化解",
        link=f"/pushes/{push.pk}/",
        urgency="important",
        post_id=post.pk,
    )
    outbox.notify(message, at=at, case_id=case.pk)


def act_on_rows(
    sheet: DailySheet,
    *,
    row_ids: Sequence[int],
    act: str,
    actor: PostActor,
    at: datetime,
    post: Post | None = None,
) -> list[RowResult]:
    """Do one act (read, assign, consult) on the ticked rows; each stands or falls alone, told row by row."""
    policy.require(actor, "case.assign", at=at)
    if act not in ACTS:
        raise Invalid("请选择要办理的事项。", fields={"act": ["分派、提交会商或已阅。"]})
    if act == "assign" and post is None:
        raise Invalid("请选择分派给谁。", fields={"post": ["请选择责任民警。"]})
    rows = DailySheetRow.objects.filter(sheet=sheet, pk__in=row_ids).select_related("case")
    results = []
    for row in rows.order_by("case_id", "pk"):
        try:
            with transaction.atomic():
                text = _one(row, act, actor, at, post)
            results.append(RowResult(row.pk, row.case_no, True, text))
        except Refused as refusal:
            results.append(RowResult(row.pk, row.case_no, False, refusal.message))
    return results


def _one(row: DailySheetRow, act: str, actor: PostActor, at: datetime, post: Post | None) -> str:
    same_case = DailySheetRow.objects.filter(sheet=row.sheet_id, case=row.case_id)
    if act == "assign" and post is not None:
        assign_case(row.case, post=post, actor=actor, at=at)
        same_case.update(assigned_at=at, assigned_to=post)
        return f"已分派给{post.user.full_name}"
    if act == "consult":
        _ask_consultation(row, actor, at)
        same_case.update(consulted_at=at)
        return "已提交当日会商"
    same_case.filter(read_at__isnull=True).update(read_at=at, read_by=actor.post)
    return "已阅"


def _ask_consultation(row: DailySheetRow, actor: PostActor, at: datetime) -> None:
    case = cases.lock(row.case_id)
    if not case.is_open:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，无需会商。")
    data = {"level": "day", "sheet_on": row.sheet.sheet_on.isoformat()}
    lifecycle.record(case, "consultation.requested", actor=actor, at=at, subject=row.sheet, data=data)
