"""签收 and 到达现场: the first signature takes the push, later ones learn who took it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Conflict, Invalid, NoRight, Stale
from intake import services as intake
from intake.models import DispatchStatus
from routing.models import OnBehalf, Push
from routing.selectors._approvers import stays_away
from routing.services import _machine as machine
from routing.services import _on_behalf as on_behalf
from routing.services._machine import grant_reason
from routing.services._night import end_night_by, note_signed

# Whoever was addressed may still read the case a day after another crew took it.
UNIT_SEES_WITHIN = timedelta(hours=24)


@transaction.atomic
def sign_push(push: Push, *, actor: PostActor, at: datetime, on_behalf_of: str = "", how: str = "") -> Push:
    """签收. `on_behalf_of` is the police number of the one for whom the station signs, `how` radio or phone.

    Signing again by the same person changes nothing (a phone that lost the answer asks twice).
    Raises Stale (code already_signed) with who took it and when, NoRight for who is not addressed,
    Invalid for an unknown number.
    """
    policy.require(actor, "push.sign_on_behalf" if on_behalf_of else "push.sign", at=at)
    case, push = machine.lock_push(push)
    signer = _signer(push, actor, on_behalf_of, how, at)
    if push.signed_at is not None:
        if push.signed_by_id == signer.pk:
            return push
        raise _taken(push)
    _check_addressed(push, signer, actor, is_on_behalf=bool(on_behalf_of), at=at)
    machine.change(
        push,
        Push.Status.SIGNED,
        signed_at=at,
        signed_by=signer,
        on_behalf_by=actor.post if on_behalf_of else None,
        signed_how=how if on_behalf_of else "",
    )
    _after_signing(case, push, signer, at=at)
    data = {"tier": push.tier, "how": push.signed_how, "on_behalf": bool(on_behalf_of)}
    lifecycle.record(case, "push.signed", actor=actor, at=at, subject=push, data=data)
    end_night_by(case, push, post=signer, actor=actor, at=at)
    if on_behalf_of and signer.pk != actor.post.pk:
        on_behalf.note(case, push, OnBehalf.Act.SIGN, for_post=signer, how=how, actor=actor, at=at)
    return push


def _signer(push: Push, actor: PostActor, on_behalf_of: str, how: str, at: datetime) -> Post:
    if not on_behalf_of:
        return actor.post
    if how not in Push.How.values:
        raise Invalid("请注明对方以何种方式确认。", fields={"how": ["请选择电台或电话。"]})
    unit_ids = {actor.post.unit_id, push.addressee_unit_id}
    for post in people.live_posts(at).filter(user__police_number=on_behalf_of, role__in=_roles(push)):
        if post.unit_id in unit_ids or post.unit.parent_id in unit_ids:
            return post
    raise Invalid("没有找到该警号对应的本所人员。", fields={"on_behalf_of": ["请核对警号后重新填写。"]})


def _roles(push: Push) -> tuple[str, ...]:
    if push.is_first:
        return (Role.OFFICER, Role.COMMUNITY_OFFICER)
    return (Role.COMMUNITY_OFFICER, Role.OFFICER, Role.STATION_CHIEF)


def _taken(push: Push) -> Stale:
    who = machine.label_of(push.signed_by)
    return Stale(f"该推送已由{who}签收。", code="already_signed", who=who, at=push.signed_at, what="已签收")


def _check_addressed(push: Push, signer: Post, actor: PostActor, *, is_on_behalf: bool, at: datetime) -> None:
    """A named push is for those it names; the station records for others, leaders may sign push 2."""
    if {signer.user_id, actor.user.pk} & stays_away(push.case_id):
        raise NoRight("已批准回避的人员不能签收本案，请由其他民警签收。", code="recused")
    if push.status == Push.Status.ISSUED and signer.user.is_auxiliary:
        raise NoRight("辅警不能单独签收处置，请由民警签收。")
    if push.entry == Push.Entry.POOL:
        raise Conflict("该警情尚未分派到派出所，请先由值班长分派。")
    if not is_on_behalf and push.is_first and actor.role not in (Role.OFFICER, Role.COMMUNITY_OFFICER):
        raise Invalid("请注明代谁签收。", fields={"on_behalf_of": ["请填写处警民警的警号。"]})
    leads = not push.is_first and (
        actor.role in (Role.STATION_CHIEF, Role.STATION_COMMAND) or people.leads_duty(actor.post, at)
    )
    if is_on_behalf or leads or not push.addressee_posts or signer.pk in push.addressee_posts:
        return
    raise NoRight("该推送已指定其他民警签收；如需改由您处置，请联系综合指挥室。")


def _after_signing(case: Case, push: Push, signer: Post, *, at: datetime) -> None:
    if not push.is_first:
        note_signed(case, push, at=at)
        return
    deadlines.meet(push, "push_first.sign", at=at)
    holder = deadlines.Holder(unit_id=signer.unit_id, post_id=signer.pk, role=signer.role)
    machine.start(case, push, "push_first.arrive", holder=holder, at=at)
    if not push.reinforces_id:
        machine.start(case, push, "push_first.feed_back", holder=holder, at=at)
    grants.end(case, grant_reason(push), ends_at=at + UNIT_SEES_WITHIN, unit_id=push.addressee_unit_id)
    grants.give(case, grant_reason(push), at=at, post_id=signer.pk)
    note_dispatch(push, DispatchStatus.SIGNED, at=at)


def note_dispatch(push: Push, status: str, *, at: datetime) -> None:
    """How far the dispatch of the alert is; a crew that helps does not move it."""
    if push.alert is not None and not push.reinforces_id:
        intake.set_dispatch(push.alert, status, at=at)


@transaction.atomic
def arrive(push: Push, *, actor: PostActor, at: datetime, how: str = "") -> Push:
    """到达现场, by the crew, or recorded by the command room with `how` it heard. Repeated: no change."""
    policy.require(actor, "push.arrive", at=at)
    case, push = machine.lock_push(push)
    check_crew(push, actor)
    if push.arrived_at is not None:
        return push
    machine.change(push, Push.Status.ARRIVED, arrived_at=at)
    deadlines.meet(push, "push_first.arrive", at=at)
    note_dispatch(push, DispatchStatus.ARRIVED, at=at)
    lifecycle.record(case, "push.arrived", actor=actor, at=at, subject=push)
    note_record(case, push, OnBehalf.Act.ARRIVE, how=how, actor=actor, at=at)
    return push


def note_record(case: Case, push: Push, act: str, *, how: str, actor: PostActor, at: datetime) -> None:
    """What the command room recorded for the crew waits for the word of who signed."""
    if push.signed_by is not None and not is_crew(push, actor):
        on_behalf.note(case, push, act, for_post=push.signed_by, how=how, actor=actor, at=at)


def is_crew(push: Push, actor: PostActor) -> bool:
    """The actor took this push or is named in it."""
    return actor.post.pk in (push.signed_by_id, *push.addressee_posts)


def check_crew(push: Push, actor: PostActor) -> None:
    """Refuse unless the actor took this push, is named in it, or records for the crew at the station."""
    if not push.is_first:
        raise Conflict("二推送由责任民警跟踪化解，请在跟踪化解台账中办理。")
    if push.signed_at is None:
        raise Conflict("该推送尚未签收，请先签收。", code="not_signed")
    if not is_crew(push, actor) and actor.role != Role.STATION_COMMAND:
        who = machine.label_of(push.signed_by)
        raise NoRight(f"该警情由{who}处置，请由其本人或综合指挥室录入。")
