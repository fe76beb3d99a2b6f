"""回避: who is party, kin or complained of keeps away from a case, by a leader's word (handbook 3)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, User
from dispute_hub.accounts.selectors import live_posts
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseGrant, Status
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.text import need_text
from dispute_hub.outbox import services as outbox
from routing.models import Push, Recusal
from routing.selectors._approvers import bureau_leaders, station_leaders, stays_away
from routing.services._addressee import readdress_second, responsible_officer
from routing.services._second import open_second
from routing.services._transfers import check_station, transfer

CLOCK = "recusal.approve"
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
    data = {"why": Why(why).label}
    lifecycle.record(case, "recusal.declared", actor=actor, at=at, subject=row, data=data)
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

    An officer complained of takes the whole case out of his station: the bureau says `to` which one.
    """
    policy.require(actor, "recusal.approve", at=at)
    case = cases.lock(recusal.case_id)
    row = Recusal.objects.select_for_update(of=("self",)).select_related("user").get(pk=recusal.pk)
    _check_decider(case, row, actor, at)
    if not approved:
        need_text(text, "请填写不同意的理由。")
    leaves = approved and row.why == Why.COMPLAINED_OF
    station = check_station(case, to, field="to") if leaves else None
    if leaves and station == case.station:
        raise Invalid("请选择其他派出所。", fields={"to": ["投诉民警的案件不得由其所在派出所办理。"]})
    row.status = Recusal.Status.APPROVED if approved else Recusal.Status.REFUSED
    row.decided_at, row.decided_by, row.decider_user = at, actor.post, actor.user
    row.decision_text = text[:500]
    row.save(update_fields=["status", "decided_at", "decided_by", "decider_user", "decision_text"])
    deadlines.meet(row, CLOCK, at=at)
    kind = "recusal.approved" if approved else "recusal.refused"
    lifecycle.record(case, kind, actor=actor, at=at, subject=row, data={"why": Why(row.why).label})
    if station is not None:
        transfer(case, station, why="投诉民警案件回避", actor=actor, at=at)
    if approved:
        _take_away(case, row.user, at=at)
    said = "已批准，请勿再办理本案" if approved else "未获同意，请继续办理"
    for post in live_posts(at).filter(user=row.user):
        outbox.notify(_message(f"回避{said}：{case.case_no}", post_id=post.pk), at=at, case_id=case.pk)
    return row


def _check_decider(case: Case, row: Recusal, actor: PostActor, at: datetime) -> None:
    if row.status != Recusal.Status.PROPOSED:
        raise Conflict("该回避已审批，请刷新后查看。", code="decided")
    if actor.user.pk in (row.user_id, row.declarer_user_id):
        raise NoRight("本人和申报人不能审批回避，请由其他领导审批。", code="own_proposal")
    if actor.post.unit_id not in (case.station_id, case.bureau_id):
        raise NoRight("回避由案件所属派出所领导或分局审批。", code="other_unit")
    if row.why == Why.COMPLAINED_OF and actor.post.unit_id != case.bureau_id:
        raise NoRight("民警被投诉的，由分局审批并指定其他派出所办理。", code="bureau_decides")


def _take_away(case: Case, user: User, *, at: datetime) -> None:
    """His push 2, his sight and his place among the named; a dispatch under way is not broken off."""
    posts = [post.pk for post in live_posts(at).filter(user=user)]
    push = open_second(case)
    if push is not None and push.addressee_post_id in posts:
        readdress_second(case, push, responsible_officer(case, at=at), at=at)
    if case.holder_post_id in posts and case.status == Status.TRACKING:
        cases.hold(case, unit_id=case.station_id, post=None)
    for first in Push.objects.select_for_update(of=("self",)).filter(
        case=case, tier=Push.Tier.FIRST, status=Push.Status.ISSUED, addressee_posts__overlap=posts
    ):
        first.addressee_posts = [pk for pk in first.addressee_posts if pk not in posts]
        first.addressee_post_id = first.addressee_posts[0] if len(first.addressee_posts) == 1 else None
        first.save(update_fields=["addressee_posts", "addressee_post"])
    CaseGrant.objects.filter(case=case, post__in=posts, ends_at__isnull=True).update(ends_at=at)


def end_recusals(case: Case, *, at: datetime) -> None:
    """The case ended before a leader decided: there is nothing left to keep away from."""
    for row in Recusal.objects.select_for_update().filter(case=case, status=Recusal.Status.PROPOSED):
        row.status, row.decided_at = Recusal.Status.REFUSED, at
        row.decision_text = "案件已结束，无需审批"
        row.save(update_fields=["status", "decided_at", "decision_text"])
        deadlines.end(row, at=at)


def refuse_recused(case: Case, actor: PostActor) -> None:
    """Whoever keeps away from a case does nothing on it."""
    if actor.user.pk in stays_away(case.pk):
        raise NoRight("您在本案中已批准回避，请由其他人办理。", code="recused")


def _message(title: str, *, post_id: int) -> outbox.Message:
    return outbox.Message(
        kind="recusal", title=title, link="/approvals/aside/", urgency="important", post_id=post_id
    )
