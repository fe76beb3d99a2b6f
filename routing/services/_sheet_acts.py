"""What the chief does with rows of the sheet: 分派, 提请三推, 提交会商, 已阅, one by one or many at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Status
from dispute_hub.cases.selectors import kept_away
from dispute_hub.common.errors import Conflict, Invalid, NoRight, Refused
from dispute_hub.outbox import services as outbox
from routing.models import DailySheet, DailySheetRow, Push
from routing.selectors._approvers import stays_away
from routing.services import _machine as machine
from routing.services._addressee import readdress_second
from routing.services._night import end_night
from routing.services._second import enter, open_second

ACTS: Final = ("read", "assign", "consult", "third")


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
    push, _ = _assign(case, post, actor, at)
    _tell_officer(post, [case], at=at)
    return push


def _assign(case: Case, post: Post, actor: PostActor, at: datetime) -> tuple[Push, int | None]:
    """The push, and whose it was until now."""
    policy.require(actor, "case.assign", at=at)
    case = cases.lock(case.pk)
    if not case.is_open:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，无需分派。")
    if actor.post.unit_id != case.station_id:
        raise NoRight("分派由案件所属派出所所领导办理。", code="other_unit")
    if post.role not in (Role.COMMUNITY_OFFICER, Role.OFFICER) or case.station_id not in (
        post.unit_id,
        post.unit.parent_id,
    ):
        raise Invalid("请选择本所责任民警。", fields={"post": ["只能分派给本所责任民警或民警。"]})
    if post.user.is_auxiliary:
        raise Invalid("请选择民警。", fields={"post": ["辅警不能单独签收处置。"]})
    if post.user_id in stays_away(case.pk):
        raise Invalid("请选择其他民警。", fields={"post": ["此人在本案中已批准回避。"]})
    push = open_second(case) or enter(
        case, entry=Push.Entry.ASSIGNED, reason="", at_once=True, at=at, cause=None
    )
    former_id = push.addressee_post_id
    readdress_second(case, push, post, at=at)
    end_night(case, push, actor=actor, at=at)
    lifecycle.record(
        case, "push.assigned", actor=actor, at=at, subject=push, data={"tier": 2, "post_id": post.pk}
    )
    return push, former_id


def act_on_rows(
    sheet: DailySheet,
    *,
    row_ids: Sequence[int],
    act: str,
    actor: PostActor,
    at: datetime,
    post: Post | None = None,
) -> list[RowResult]:
    """Do one act on the ticked rows; each stands or falls alone, told row by row.

    A case that stands in several sections is acted on once. Who is given several cases gets one notice.
    """
    policy.require(actor, "case.assign", at=at)
    if act not in ACTS:
        raise Invalid("请选择要办理的事项。", fields={"act": ["分派、提请三推、提交会商或已阅。"]})
    if act == "assign" and post is None:
        raise Invalid("请选择分派给谁。", fields={"post": ["请选择责任民警。"]})
    rows = DailySheetRow.objects.filter(sheet=sheet, pk__in=row_ids).select_related("case", "sheet")
    away = set(kept_away(actor).values_list("pk", flat=True))
    results: list[RowResult] = []
    handed: list[Case] = []
    for row in rows.order_by("case_id", "pk").distinct("case_id"):
        try:
            refuse_kept_away(row, away)
            with transaction.atomic():
                text = _one(row, act, actor, at, post)
            results.append(RowResult(row.pk, row.case_no, True, text))
            handed.append(row.case)
        except Refused as refusal:
            results.append(RowResult(row.pk, row.case_no, False, refusal.message))
    if act == "assign" and post is not None:
        _tell_officer(post, handed, at=at)
    if act == "third":
        _tell_command(sheet, handed, at=at)
    return results


def same_case(row: DailySheetRow) -> QuerySet[DailySheetRow]:
    """The rows of the case in every section of the sheet: a mark belongs to all of them."""
    return DailySheetRow.objects.filter(sheet=row.sheet_id, case=row.case_id)


def refuse_kept_away(row: DailySheetRow, away: Collection[int]) -> None:
    """A printed sheet keeps the row of who keeps away from its case; he does nothing with it."""
    if row.case_id in away:
        raise NoRight("您在本案中已批准回避，请由其他人办理。", code="recused")


def _one(row: DailySheetRow, act: str, actor: PostActor, at: datetime, post: Post | None) -> str:
    if act == "assign" and post is not None:
        return _assign_row(row, post, actor, at)
    if act == "consult":
        return _ask_consultation(row, actor, at)
    if act == "third":
        return _ask_third_push(row, actor, at)
    same_case(row).filter(read_at__isnull=True).update(read_at=at, read_by=actor.post)
    return "已阅"


def _assign_row(row: DailySheetRow, post: Post, actor: PostActor, at: datetime) -> str:
    _, former_id = _assign(row.case, post, actor, at)
    came_from = row.assigned_from_id if former_id == post.pk else former_id
    same_case(row).update(assigned_at=at, assigned_to=post, assigned_from=came_from)
    return f"已分派给{post.user.full_name}"


def _ask_consultation(row: DailySheetRow, actor: PostActor, at: datetime) -> str:
    case = _open_case(row, "会商")
    if row.consulted_at is not None:
        return "此前已提交当日会商"
    data = {"level": "day", "sheet_on": row.sheet.sheet_on.isoformat()}
    lifecycle.record(case, "consultation.requested", actor=actor, at=at, subject=row.sheet, data=data)
    same_case(row).update(consulted_at=at)
    return "已提交当日会商"


def _ask_third_push(row: DailySheetRow, actor: PostActor, at: datetime) -> str:
    """The command room prepares what the chief will then approve: he cannot propose to himself."""
    case = _open_case(row, "三推")
    if case.status != Status.TRACKING:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，只有跟踪化解中的案件可以提请三推。")
    push = open_second(case) or enter(
        case, entry=Push.Entry.ASSIGNED, reason="", at_once=True, at=at, cause=None
    )
    if deadlines.is_running(push, machine.PREPARE):  # asked on this sheet or on one before
        same_case(row).filter(third_asked_at=None).update(third_asked_at=at)
        return "此前已要求拟报三推"
    holder = deadlines.Holder(unit_id=case.station_id, role=Role.STATION_COMMAND)
    machine.start(case, push, machine.PREPARE, holder=holder, at=at)
    data = {"sheet_on": row.sheet.sheet_on.isoformat()}
    lifecycle.record(case, "third_push.asked", actor=actor, at=at, subject=push, data=data)
    same_case(row).update(third_asked_at=at)
    return "已交综合指挥室拟报三推"


def _open_case(row: DailySheetRow, word: str) -> Case:
    case = cases.lock(row.case_id)
    if not case.is_open:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，无需{word}。")
    return case


def meet_preparation(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of order.proposed: what the chief asked for is there."""
    for push in Push.objects.filter(case=case, tier=Push.Tier.SECOND).exclude(status=Push.Status.ENDED):
        deadlines.meet(push, machine.PREPARE, at=at)


def _tell_officer(post: Post, handed: Sequence[Case], *, at: datetime) -> None:
    if not handed:
        return
    first = handed[0].case_no
    what = first if len(handed) == 1 else f"{first} 等 {len(handed)} 件"
    message = outbox.Message(
        kind="push.assigned",
        title=f"所领导分派：{what}，请跟踪化解",
        link="/tracking/",
        urgency="important",
        post_id=post.pk,
    )
    outbox.notify(message, at=at, case_id=handed[0].pk if len(handed) == 1 else None)


def _tell_command(sheet: DailySheet, handed: Sequence[Case], *, at: datetime) -> None:
    if not handed:
        return
    one = len(handed) == 1
    what = handed[0].case_no if one else f"{handed[0].case_no} 等 {len(handed)} 件"
    message = outbox.Message(
        kind="third_push.asked",
        title=f"所领导要求拟报三推：{what}",
        link=f"/cases/{handed[0].case_no}/third-push/" if one else f"/sheet/{sheet.sheet_on.isoformat()}/",
        urgency="important",
        unit_id=sheet.station_id,
        role=Role.STATION_COMMAND,
    )
    outbox.notify(message, at=at, case_id=handed[0].pk if one else None)
