"""撤销: what a slip on the sheet did is taken back, as long as nobody has acted on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Post
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import CaseEvent
from dispute_hub.cases.selectors import kept_away
from dispute_hub.common.errors import Conflict, Invalid, Refused
from dispute_hub.outbox import services as outbox
from routing.models import DailySheet, DailySheetRow, Push
from routing.selectors._approvers import stays_away
from routing.services._addressee import readdress_second
from routing.services._machine import PREPARE
from routing.services._second import open_second
from routing.services._sheet_acts import RowResult, refuse_kept_away, same_case


def undo_on_rows(
    sheet: DailySheet, *, row_ids: Sequence[int], act: str, actor: PostActor, at: datetime
) -> list[RowResult]:
    """Take one act back on these rows; each stands or falls alone. Doing it again changes nothing."""
    policy.require(actor, "case.assign", at=at)
    if act not in UNDOERS:
        raise Invalid("请选择要撤销的事项。", fields={"act": ["分派、提请三推、提交会商或已阅。"]})
    rows = DailySheetRow.objects.filter(sheet=sheet, pk__in=row_ids)
    rows = rows.select_related("case", "sheet", "assigned_to__user", "assigned_from__user")
    away = set(kept_away(actor).values_list("pk", flat=True))
    results = []
    for row in rows.order_by("case_id", "pk").distinct("case_id"):
        try:
            refuse_kept_away(row, away)
            with transaction.atomic():
                text = UNDOERS[act](row, actor, at)
            results.append(RowResult(row.pk, row.case_no, True, text))
        except Refused as refusal:
            results.append(RowResult(row.pk, row.case_no, False, refusal.message))
    return results


def _unread(row: DailySheetRow, actor: PostActor, at: datetime) -> str:
    same_case(row).update(read_at=None, read_by=None)
    return "已撤销已阅"


def _unassign(row: DailySheetRow, actor: PostActor, at: datetime) -> str:
    """Back to whose it was, while the new one has neither signed nor reached the parties."""
    case = cases.lock(row.case_id)
    row.refresh_from_db(fields=["assigned_at", "assigned_to", "assigned_from"])
    if row.assigned_at is None:
        return "没有需要撤销的分派"
    push = open_second(case)
    if push is None or push.addressee_post_id != row.assigned_to_id:
        raise Conflict("该案件此后已另行分派或办结，不能撤销。")
    if _has_begun(push, row.assigned_to_id, row.assigned_at):
        raise Conflict("新的责任民警已签收办理，不能撤销；如需调整请重新分派。")
    if row.assigned_from is not None and row.assigned_from.user_id in stays_away(case.pk):
        raise Conflict("原责任民警已批准回避，不能退回；如需调整请重新分派。")
    if push.taken_over_at is not None and push.taken_over_at >= row.assigned_at:
        raise Conflict("夜间代管已随分派结束，不能撤销；如需调整请重新分派。")
    readdress_second(case, push, row.assigned_from, at=at)
    data = {"tier": 2, "post_id": row.assigned_from_id}
    lifecycle.record(case, "push.assignment_undone", actor=actor, at=at, subject=push, data=data)
    for post in (row.assigned_to, row.assigned_from):
        _tell(case.pk, case.case_no, post, at=at)
    same_case(row).update(assigned_at=None, assigned_to=None, assigned_from=None)
    former = row.assigned_from
    return f"已撤销分派，退回{former.user.full_name}" if former else "已撤销分派，退回待分派"


def _has_begun(push: Push, post_id: int | None, since: datetime) -> bool:
    """He has signed the push or spoken with the parties since."""
    signed = push.signed_by_id == post_id and push.signed_at is not None and push.signed_at >= since
    contacts = CaseEvent.objects.filter(case=push.case_id, kind="case.contacted", at__gte=since)
    return signed or contacts.filter(actor_post=post_id).exists()


def _tell(case_id: int, case_no: str, post: Post | None, *, at: datetime) -> None:
    if post is None:
        return
    message = outbox.Message(
        kind="push.assigned", title=f"所领导撤销分派：{case_no}", link="/tracking/", post_id=post.pk
    )
    outbox.notify(message, at=at, case_id=case_id)


def _unask_third(row: DailySheetRow, actor: PostActor, at: datetime) -> str:
    if row.third_asked_at is None:
        return "没有需要撤销的要求"
    case = cases.lock(row.case_id)
    for push in Push.objects.filter(case=case, tier=Push.Tier.SECOND).exclude(status=Push.Status.ENDED):
        if not deadlines.end(push, at=at, kinds=[PREPARE]):
            raise Conflict("综合指挥室已提请三推，不能撤销；请在审批中处理。")
        lifecycle.record(case, "third_push.ask_withdrawn", actor=actor, at=at, subject=push)
    same_case(row).update(third_asked_at=None)
    return "已撤销拟报三推"


def _unconsult(row: DailySheetRow, actor: PostActor, at: datetime) -> str:
    """The follower takes the case off the agenda, or refuses when something was said about it."""
    if row.consulted_at is None:
        return "没有需要撤销的会商"
    case = cases.lock(row.case_id)
    data = {"level": "day", "sheet_on": row.sheet.sheet_on.isoformat()}
    lifecycle.record(case, "consultation.withdrawn", actor=actor, at=at, subject=row.sheet, data=data)
    same_case(row).update(consulted_at=None)
    return "已撤销提交会商"


Undoer = Callable[[DailySheetRow, PostActor, datetime], str]
UNDOERS: Final[dict[str, Undoer]] = {
    "read": _unread, "assign": _unassign, "third": _unask_third, "consult": _unconsult,
}  # fmt: skip
