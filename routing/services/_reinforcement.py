"""请求增援: the crew asks, the command room or the 110 desk sends, everybody knows who comes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Conflict, Invalid, Stale
from routing.models import OnBehalf, Push, Reinforcement
from routing.services import _machine as machine
from routing.services import _on_behalf as on_behalf
from routing.services import _reinforcement_notices as notices
from routing.services._signing import check_crew, is_crew

CLOCK: Final = "push_first.reinforce"
DESK: Final = (Role.DISPATCHER, Role.DUTY_COMMANDER)
MOST_OFFICERS = 50
Status = Reinforcement.Status


@transaction.atomic
def ask_reinforcement(
    push: Push,
    *,
    officers_needed: int,
    actor: PostActor,
    at: datetime,
    needs: Sequence[str] = (),
    text: str = "",
    how: str = "",
) -> Reinforcement:
    """The crew (or the command room for it) asks for more officers; the alarm goes out at once.

    Raises Conflict before the signature, after the report, and while a request waits for its answer.
    """
    policy.require(actor, "push.reinforce", at=at)
    case, push = machine.lock_push(push)
    check_crew(push, actor)
    if push.status not in machine.UNDER_WAY:
        raise Conflict("该警情处置已结束，不能再请求增援；如再起冲突请拨打110。")
    led = _led(push)
    if led.reinforcement_requests.filter(status=Status.ASKED).exists():
        raise Conflict("增援请求已发出，正在等待答复；有新情况请写续报。", code="already_asked")
    row = Reinforcement.objects.create(
        push=led,
        officers_needed=_checked(officers_needed, needs),
        needs=list(needs),
        text=text.strip(),
        asked_at=at,
        asked_by=actor.post,
    )
    if not is_crew(push, actor) and push.signed_by is not None:
        act = OnBehalf.Act.REINFORCE
        on_behalf.note(case, push, act, for_post=push.signed_by, how=how, actor=actor, at=at)
    holder = deadlines.Holder(unit_id=notices.station_of(case, led), role=Role.STATION_COMMAND)
    deadlines.start(case, row, CLOCK, key="", holder=holder, at=at)
    data = {"officers": row.officers_needed, "needs": row.needs}
    lifecycle.record(case, "reinforcement.asked", actor=actor, at=at, subject=row, data=data)
    notices.tell_asked(case, row, actor=actor, at=at)
    return row


def _checked(officers_needed: int, needs: Sequence[str]) -> int:
    if not 1 <= officers_needed <= MOST_OFFICERS:
        raise Invalid(
            "请填写需要增援的人数。", fields={"officers_needed": [f"请填1至{MOST_OFFICERS}之间的整数。"]}
        )
    if unknown := set(needs) - set(Reinforcement.Need.values):
        raise Invalid("增援事由有误。", fields={"needs": [f"没有“{unknown.pop()}”这一项，请重新选择。"]})
    return officers_needed


def _led(push: Push) -> Push:
    """The push of the crew that reports, also when its helpers ask."""
    return Push.objects.select_related("alert", "signed_by__user").get(pk=push.led_by.pk)


@transaction.atomic
def answer_reinforcement(
    row: Reinforcement, *, numbers: Sequence[str], actor: PostActor, at: datetime, text: str = ""
) -> Reinforcement:
    """Send officers by police number, each with a push 1 of his own; `text` says what else comes (120, 119).

    The station sends its own people, the 110 desk anybody's. Raises Stale when somebody answered before,
    Invalid for numbers that are unknown, on the spot already, or another station's.
    """
    policy.require(actor, "reinforcement.answer", at=at)
    case, row = _locked(row)
    if row.status != Status.ASKED:
        who = machine.label_of(row.answered_by) or "当事民警"
        at_ = row.answered_at or row.ended_at
        raise Stale(f"该增援请求{row.get_status_display()}。", who=who, at=at_, what=row.get_status_display())
    posts = _chosen(row, numbers, actor, at)
    if not posts and not text.strip():
        raise Invalid("请选择增援警力。", fields={"numbers": ["请勾选或填写警号；只派120等，请写明。"]})
    for post in posts:
        _send(case, row.push, post, actor=actor, at=at)
    row.status, row.answered_at, row.answered_by = Status.SENT, at, actor.post
    row.sent_posts, row.answer = [post.pk for post in posts], text.strip()
    row.save(update_fields=["status", "answered_at", "answered_by", "sent_posts", "answer"])
    deadlines.meet(row, CLOCK, at=at)
    data = {"officers": len(posts)}
    lifecycle.record(case, "reinforcement.sent", actor=actor, at=at, subject=row, data=data)
    notices.tell_sent(case, row, posts, actor=actor, at=at)
    return row


def _locked(row: Reinforcement) -> tuple[Case, Reinforcement]:
    case, _ = machine.lock_push(row.push)
    known = Reinforcement.objects.select_related(
        "push__alert", "push__signed_by__user", "push__signed_by__unit", "answered_by__user", "asked_by__user"
    )
    return case, known.get(pk=row.pk)


def _chosen(row: Reinforcement, numbers: Sequence[str], actor: PostActor, at: datetime) -> list[Post]:
    wanted = list(dict.fromkeys(number for number in numbers if number))
    posts = people.officers_by_number(wanted, at)
    if unknown := set(wanted) - {post.user.police_number for post in posts}:
        raise _wrong(f"没有找到警号{'、'.join(sorted(unknown))}的处警民警，请核对。")
    away = [post for post in posts if post.unit_id != actor.post.unit_id]
    if away and actor.role not in DESK:
        raise _wrong(f"{away[0].unit} {away[0].user.full_name}不是本所民警，请由110值班长调派。")
    there = row.push.reinforced_by.exclude(status=Push.Status.ENDED).values_list("addressee_post", flat=True)
    on_it = {row.push.signed_by_id, *row.push.addressee_posts, *there}
    for post in posts:
        if post.pk in on_it:
            raise _wrong(f"{post.user.full_name}已在处置该警情，请选择其他民警。")
    return posts


def _wrong(words: str) -> Invalid:
    return Invalid(words, fields={"numbers": [words]})


def _send(case: Case, led: Push, post: Post, *, actor: Actor, at: datetime) -> Push:
    push = Push.objects.create(
        case=case, alert=led.alert, reinforces=led, tier=Push.Tier.FIRST, status=Push.Status.ISSUED,
        entry=Push.Entry.REINFORCEMENT, entries=[Push.Entry.REINFORCEMENT], colour=led.colour, issued_at=at,
        addressee_unit_id=post.unit_id, addressee_role=post.role, addressee_posts=[post.pk],
        addressee_post=post,
    )  # fmt: skip
    grants.give_first(case, machine.grant_reason(push), at=at, post_ids=[post.pk])
    machine.start(case, push, "push_first.sign", holder=machine.holder_of(push), at=at)
    data = {"tier": 1, "colour": push.colour, "entry": push.entry}
    lifecycle.record(case, "push.issued", actor=actor, at=at, subject=push, data=data)
    return push


@transaction.atomic
def withdraw_reinforcement(push: Push, *, actor: PostActor, at: datetime) -> Reinforcement:
    """The crew needs nobody any more: the request ends, and whoever has not arrived is called back.

    Raises Conflict when nothing was asked. Withdrawing again changes nothing.
    """
    policy.require(actor, "push.reinforce", at=at)
    case, push = machine.lock_push(push)
    check_crew(push, actor)
    row = _led(push).reinforcement_requests.order_by("-id").first()
    if row is None or row.status == Status.OVER:
        raise Conflict("没有可撤回的增援请求。")
    if row.status == Status.WITHDRAWN:
        return row
    _end_request(row, Status.WITHDRAWN, at=at)
    on_their_way = (Push.Status.ISSUED, Push.Status.SIGNED)
    ended = _end_helpers(case, row.push, on_their_way, why="reinforcement.withdrawn", actor=actor, at=at)
    lifecycle.record(case, "reinforcement.withdrawn", actor=actor, at=at, subject=row)
    notices.tell_withdrawn(case, row, ended, actor=actor, at=at)
    return row


def end_help(case: Case, push: Push, *, why: str, actor: Actor, at: datetime) -> None:
    """The helped crew reported, or the alert was void: nobody needs to come any more."""
    for row in push.reinforcement_requests.filter(status=Status.ASKED):
        _end_request(row, Status.OVER, at=at)
    ended = _end_helpers(case, push, machine.RUNNING, why=why, actor=actor, at=at)
    notices.tell_over(case, ended, at=at)


def _end_request(row: Reinforcement, status: str, *, at: datetime) -> None:
    row.status, row.ended_at = status, at
    row.save(update_fields=["status", "ended_at"])
    deadlines.end(row, at=at)


def _end_helpers(
    case: Case, led: Push, statuses: Sequence[str], *, why: str, actor: Actor, at: datetime
) -> list[Push]:
    helpers = list(led.reinforced_by.select_for_update().filter(status__in=statuses).order_by("pk"))
    for helper in helpers:
        machine.change(helper, Push.Status.ENDED, ended_at=at)
        deadlines.end(helper, at=at)
        data = {"tier": 1, "why": why}
        lifecycle.record(case, "push.ended", actor=actor, at=at, subject=helper, data=data)
    return helpers
