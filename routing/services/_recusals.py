"""回避: who is party, kin or complained of keeps away from a case, by a leader's word (handbook 3)."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, User
from dispute_hub.accounts.selectors import live_posts
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseGrant, Deadline, Status
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.text import need_text
from dispute_hub.outbox import services as outbox
from routing.models import Push, Recusal
from routing.selectors._approvers import bureau_leaders, station_leaders, stays_away
from routing.selectors._stepping_aside import waiting_moves
from routing.services._addressee import readdress_second, responsible_officer
from routing.services._holding import hold
from routing.services._machine import UNDER_WAY
from routing.services._pushes import name_others
from routing.services._second import open_second
from routing.services._transfers import MOVABLE, check_station, transfer

CLOCK = "recusal.approve"
# What the timeline says of the move; that somebody was complained of is no matter for the station.
MOVED = "因回避由分局指定办理单位"
Why = Recusal.Why


@transaction.atomic
def declare_recusal(
    case: Case, *, user: User | None, why: str, text: str, actor: PostActor, at: datetime
) -> Recusal:
    """Declare for oneself or for a colleague; until a leader decides, work on the case goes on."""
    policy.require(actor, "recusal.declare", at=at)
    case = cases.lock(case.pk)
    _check(case, user, why, text, at)
    assert user is not None
    row = Recusal.objects.create(
        case=case, user=user, why=why, text=text[:500], declared_at=at, declared_by=actor.post,
        declarer_user=actor.user,
    )  # fmt: skip
    besides = [user.pk, actor.user.pk]
    leaders = [] if why == Why.COMPLAINED_OF else station_leaders(case, at=at, besides=besides)
    goes_up = not leaders
    holder = deadlines.Holder(
        unit_id=case.bureau_id if goes_up else case.station_id,
        role=Role.BUREAU if goes_up else Role.STATION_CHIEF,
    )
    deadlines.start(case, row, CLOCK, key="", holder=holder, at=at)
    lifecycle.record(case, "recusal.declared", actor=actor, at=at, subject=row, data=_said(row))
    title = f"回避待审批：{case.case_no}"
    told = leaders or bureau_leaders(case, at=at, besides=besides)
    outbox.notify_many([(_message(title, post_id=post.pk), case.pk) for post in told], at=at)
    return row


def _check(case: Case, user: User | None, why: str, text: str, at: datetime) -> None:
    fields: dict[str, list[str]] = {}
    here = live_posts(at).filter(user=user)
    ours = here.filter(unit=case.station_id) | here.filter(unit__parent=case.station_id)
    if user is None or case.station_id is None or not (ours | here.filter(unit=case.bureau_id)).exists():
        fields["user"] = ["请选择本所或分局可能办理、审批本案的人员。"]
    if why not in Why.values:
        fields["why"] = ["请选择回避事由。"]
    if not text.strip():
        fields["text"] = ["请写明具体关系或情形。"]
    if fields:
        raise Invalid("回避申报不完整，请补齐标出的部分。", fields=fields)
    if Recusal.objects.filter(case=case, user=user).exclude(status=Recusal.Status.REFUSED).exists():
        raise Conflict("此人在本案中的回避已申报。", code="recusal_open")


@transaction.atomic
def decide_recusal(
    recusal: Recusal,
    *,
    approved: bool,
    actor: PostActor,
    at: datetime,
    text: str = "",
    to: Unit | None = None,
) -> Recusal:
    """A leader's word, never of the person himself or of who declared it (the database has it too).

    An officer complained of takes the whole case out of his station: the bureau says `to` which one. While
    an order is under way he alone is taken away, and the move stays the bureau's task (`move_complained`).
    """
    policy.require(actor, "recusal.approve", at=at)
    case = cases.lock(recusal.case_id)
    row = Recusal.objects.select_for_update(of=("self",)).select_related("user").get(pk=recusal.pk)
    _check_decider(case, row, actor, at)
    if not approved:
        need_text(text, "请填写不同意的理由。")
    leaves = approved and row.why == Why.COMPLAINED_OF
    station = _other_station(case, to) if leaves and case.status in MOVABLE else None
    row.status = Recusal.Status.APPROVED if approved else Recusal.Status.REFUSED
    row.decided_at, row.decided_by, row.decider_user = at, actor.post, actor.user
    row.decision_text = text[:500]
    row.save(update_fields=["status", "decided_at", "decided_by", "decider_user", "decision_text"])
    deadlines.meet(row, CLOCK, at=at)
    kind = "recusal.approved" if approved else "recusal.refused"
    lifecycle.record(case, kind, actor=actor, at=at, subject=row, data=_said(row))
    if station is not None:
        transfer(case, station, why=MOVED, actor=actor, at=at)
    if approved:
        _take_away(case, row.user, actor=actor, at=at)
    if leaves and station is None:
        _alarm_of_move(case, row, at=at)
    said = "已批准，请勿再办理本案" if approved else "未获同意，请继续办理"
    for post in live_posts(at).filter(user=row.user):
        outbox.notify(_message(f"回避{said}：{case.case_no}", post_id=post.pk), at=at, case_id=case.pk)
    return row


@transaction.atomic
def move_complained(recusal: Recusal, *, to: Unit | None, actor: PostActor, at: datetime) -> Case:
    """The move that an approved complaint still owes, once the order that stood in its way is over."""
    policy.require(actor, "jurisdiction.decide", at=at)
    case = cases.lock(recusal.case_id)
    if actor.post.unit_id != case.bureau_id:
        raise NoRight("案件由所属分局指定办理单位。", code="other_unit")
    if actor.user.pk == recusal.user_id:
        raise NoRight("本人不能指定办理单位，请由其他人员办理。", code="own_proposal")
    if not waiting_moves(case.bureau_id).filter(pk=recusal.pk).exists():
        raise Conflict("该案件已移交或已办结，请刷新后查看。", code="decided")
    transfer(case, _other_station(case, to), why=MOVED, actor=actor, at=at)
    return case


def _other_station(case: Case, to: Unit | None) -> Unit:
    station = check_station(case, to, field="to")
    if station == case.station:
        raise Invalid("请选择其他派出所。", fields={"to": ["投诉民警的案件不得由其所在派出所办理。"]})
    return station


def _alarm_of_move(case: Case, row: Recusal, *, at: datetime) -> None:
    title = f"回避已批准，交办办结或撤回后请将案件移交其他派出所：{case.case_no}"
    alarm = partial(_message, title, urgency="alarm")
    told = bureau_leaders(case, at=at, besides=[row.user_id])
    outbox.notify_many([(alarm(post_id=post.pk), case.pk) for post in told], at=at)


def _said(row: Recusal) -> dict[str, str]:
    """A complaint is no matter for the station whose timeline this is (handbook 3)."""
    return {} if row.why == Why.COMPLAINED_OF else {"why": Why(row.why).label}


def _check_decider(case: Case, row: Recusal, actor: PostActor, at: datetime) -> None:
    if row.status != Recusal.Status.PROPOSED:
        raise Conflict("该回避已审批，请刷新后查看。", code="decided")
    if actor.user.pk in (row.user_id, row.declarer_user_id):
        raise NoRight("本人和申报人不能审批回避，请由其他领导审批。", code="own_proposal")
    if actor.post.unit_id not in (case.station_id, case.bureau_id):
        raise NoRight("回避由案件所属派出所领导或分局审批。", code="other_unit")
    if row.why == Why.COMPLAINED_OF and actor.post.unit_id != case.bureau_id:
        raise NoRight("民警被投诉的，由分局审批并指定其他派出所办理。", code="bureau_decides")


def _take_away(case: Case, user: User, *, actor: PostActor, at: datetime) -> None:
    """All he has to do on the case is somebody else's at once; a dispatch under way is not broken off."""
    posts = [post.pk for post in live_posts(at).filter(user=user)]
    second = open_second(case)
    if second is not None and second.addressee_post_id in posts:
        readdress_second(case, second, responsible_officer(case, at=at), at=at)
    Push.objects.filter(case=case, caretaker_post__in=posts).update(caretaker_post=None)
    named = Push.objects.select_for_update(of=("self",)).select_related("alert").filter(
        case=case, tier=Push.Tier.FIRST, status=Push.Status.ISSUED, addressee_posts__overlap=posts
    )  # fmt: skip
    for first in named.order_by("pk"):
        name_others(case, first, without=posts, actor=actor, at=at)
    CaseGrant.objects.filter(case=case, post__in=posts, ends_at__isnull=True).update(ends_at=at)
    _give_to_command_room(case, posts, at=at)


def _give_to_command_room(case: Case, posts: list[int], *, at: datetime) -> None:
    """Whatever nobody took over by rule: his clocks, and the case itself if he holds it."""
    driving = Push.objects.filter(case=case, tier=Push.Tier.FIRST, signed_by__in=posts, status__in=UNDER_WAY)
    clocks = Deadline.objects.filter(case=case, state=Deadline.State.OPEN, holder_post__in=posts).exclude(
        subject_kind="push", subject_id__in=driving.values("pk")
    )
    command = Role.STATION_COMMAND
    moved = clocks.update(holder_unit=case.station_id, holder_post=None, holder_role=command)
    holds = case.holder_post_id in posts and case.status != Status.SCENE
    if holds:
        hold(case, unit_id=case.station_id, post=None)
    if (moved or holds) and case.station_id:
        title = f"承办人已回避，请另行指定：{case.case_no}"
        outbox.notify(_message(title, unit_id=case.station_id, role=command), at=at, case_id=case.pk)


def end_recusals(case: Case, *, at: datetime) -> None:
    """The case ended before a leader decided: there is nothing left to keep away from."""
    for row in Recusal.objects.select_for_update().filter(case=case, status=Recusal.Status.PROPOSED):
        row.status, row.decided_at = Recusal.Status.REFUSED, at
        row.decision_text = "案件已结束，无需审批"
        row.save(update_fields=["status", "decided_at", "decision_text"])
        deadlines.end(row, at=at)


def refuse_recused(case: Case, actor: PostActor) -> None:
    """The scope keeps him out of every door; this is for who came in before the approval."""
    if actor.user.pk in stays_away(case.pk):
        raise NoRight("您在本案中已批准回避，请由其他人办理。", code="recused")


def _message(title: str, *, urgency: str = "important", **addressee: Any) -> outbox.Message:
    return outbox.Message(kind="recusal", title=title, link="/approvals/aside/", urgency=urgency, **addressee)
