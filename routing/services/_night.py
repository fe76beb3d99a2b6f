"""Grave push 2: the duty leader signs it; outside office hours the duty crew holds the case until 09:30.

By then the responsible officer takes it over (handbook 7).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import SYSTEM, PostActor
from dispute_hub.accounts.models import DutyRoster, Post, Role
from dispute_hub.cases import calendar, deadlines, grants, lifecycle
from dispute_hub.cases.models import Case, Colour, Status
from dispute_hub.common.errors import Conflict, NoRight
from dispute_hub.common.time import BEIJING
from dispute_hub.outbox import services as outbox
from routing.models import Push
from routing.selectors._pushes import takes_over
from routing.services import _machine as machine
from routing.services._addressee import give_to_addressee, readdress_second
from routing.services._holding import hold
from routing.services._second_notices import for_the_pool, message

SIGN: Final = "push_second.sign"
TAKE_OVER: Final = "push_second.take_over"
PLEASE_SIGN: Final = "请值班领导签收"


def is_night(at: datetime) -> bool:
    """Outside office hours: before the office opens, after it closes, all of a day that is not worked."""
    office, local = calendar.office_calendar(), at.astimezone(BEIJING)
    opens, closes = office.office_hours[0][0], office.office_hours[-1][1]
    return not (office.is_working_day(local.date()) and opens <= local.time() < closes)


def is_held(push: Push) -> bool:
    """The duty crew holds it still."""
    return push.night_since_at is not None and push.taken_over_at is None


def duty_leader(case: Case, *, at: datetime) -> Post | None:
    """The station's duty leader now, when the roster names one; else its leaders are asked together."""
    found = people.on_roster(case.station_id, DutyRoster.Duty.LEADER, at) if case.station_id else []
    return found[0] if found else None


def leading_holder(case: Case, *, at: datetime) -> deadlines.Holder:
    """Who must sign for the station: the duty leader by name, or its leaders."""
    post = duty_leader(case, at=at)
    if post is None:
        return deadlines.Holder(unit_id=case.station_id, role=Role.STATION_CHIEF)
    return deadlines.Holder(unit_id=post.unit_id, post_id=post.pk, role=post.role)


def _is_led(case: Case, push: Push, *, at: datetime) -> bool:
    """Red is signed by the duty leader, at night orange as well; else by the responsible officer."""
    by_night = push.colour in machine.GRAVE and is_night(at)
    return case.station_id is not None and (push.colour == Colour.RED or by_night)


def readdress_signing(case: Case, push: Push, *, at: datetime) -> list[outbox.Message]:
    """Give the clock of an unsigned push 2 to whoever must sign it now.

    A duty leader sees the case until it is signed; returns what he is to be told, nothing for others.
    """
    if push.status != Push.Status.ISSUED:
        return []
    if not _is_led(case, push, at=at):
        deadlines.hand_over(push, holder=machine.holder_of(push), kinds=[SIGN])
        return []
    leader = leading_holder(case, at=at)
    deadlines.hand_over(push, holder=leader, kinds=[SIGN])
    if leader.post_id is None:
        return [message(case, push, unit_id=leader.unit_id, role=leader.role, word=PLEASE_SIGN)]
    grants.give(case, _leader_reason(push), at=at, post_id=leader.post_id)
    return [message(case, push, post_id=leader.post_id, word=PLEASE_SIGN)]


def note_signed(case: Case, push: Push, *, at: datetime) -> None:
    """Somebody signed a push 2: its clock is met, the duty leader needs no sight of the case for it."""
    deadlines.meet(push, SIGN, at=at)
    grants.end(case, _leader_reason(push), ends_at=at)


def announced(case: Case, push: Push, crew: list[Post], *, at: datetime) -> list[outbox.Message]:
    """To the responsible officer, or to the pool while there is none; at night to the crew as well."""
    if push.addressee_post_id is None:
        told = for_the_pool(case, push)
    else:
        word = "值班警组代管，请于9:30前接手" if is_held(push) else "请签收并联系双方"
        told = [message(case, push, post_id=push.addressee_post_id, word=word)]
    return told + [
        message(case, push, post_id=post.pk, word="夜间由值班警组代管，直至责任民警接手") for post in crew
    ]


def hold_for_the_night(case: Case, push: Push, *, at: datetime) -> list[Post]:
    """Let the duty crew hold a grave push 2 from now on; returns the crew, empty when nothing was done.

    The one who was on the scene holds it if he is on duty, else the first on the roster; without a roster
    whoever was on the scene, or the station's officers together.
    """
    grave = push.colour in machine.GRAVE and case.station_id is not None
    if not (grave and is_night(at) and case.status == Status.TRACKING and push.night_since_at is None):
        return []
    crew, leader = people.on_duty(case.station_id or 0, DutyRoster.Duty.CREW, at), duty_leader(case, at=at)
    push.night_since_at, push.caretaker_post = at, _caretaker(case, crew, at=at)
    push.save(update_fields=["night_since_at", "caretaker_post"])
    for post in [*crew, *([leader] if leader else [])]:
        grants.give(case, _reason(push), at=at, post_id=post.pk)
    hold(case, unit_id=case.station_id, post=push.caretaker_post)
    machine.start(case, push, TAKE_OVER, holder=machine.holder_of(push), at=at)
    data = {"tier": 2, "caretaker": push.caretaker_post_id}
    lifecycle.record(case, "push.night_held", actor=SYSTEM, at=at, subject=push, data=data)
    return crew


def _caretaker(case: Case, crew: list[Post], *, at: datetime) -> Post | None:
    on_scene = Push.objects.filter(case=case, tier=Push.Tier.FIRST, signed_by__isnull=False)
    last = on_scene.order_by("-signed_at").values_list("signed_by_id", flat=True).first()
    rostered = bool(case.station_id and people.on_roster(case.station_id, DutyRoster.Duty.CREW, at))
    scene = next((post for post in crew if post.pk == last), None)
    return scene or (crew[0] if crew and rostered else None)


def _reason(push: Push) -> str:
    return f"night:{push.pk}"


def _leader_reason(push: Push) -> str:
    return f"lead:{push.pk}"


@transaction.atomic
def take_over(push: Push, *, actor: PostActor, at: datetime) -> Push:
    """接手: the responsible officer (or his B岗 while he is away) takes the case from the duty crew.

    It signs the push, too, if nobody had. Doing it again changes nothing. Raises NoRight for others.
    """
    policy.require(actor, "push.sign", at=at)
    case, push = machine.lock_push(push)
    if push.night_since_at is None:
        raise Conflict("该案件不在夜间代管中，无需接手。")
    if push.taken_over_at is not None:
        return push
    if not takes_over(push, actor.post, at=at):
        raise NoRight("夜间代管的案件由责任民警接手；责任民警不在岗的，请所领导先分派。")
    if actor.post.pk != push.addressee_post_id:
        readdress_second(case, push, actor.post, at=at)
    if push.status == Push.Status.ISSUED:
        machine.change(push, Push.Status.SIGNED, signed_at=at, signed_by=actor.post)
        note_signed(case, push, at=at)
    end_night(case, push, actor=actor, at=at)
    return push


def end_night(case: Case, push: Push, *, actor: PostActor, at: datetime) -> None:
    """The case goes from the duty crew to the addressee, whatever handed it over; nothing if it did not."""
    if not is_held(push):
        return
    deadlines.meet(push, TAKE_OVER, at=at)
    close_night(case, push, at=at)
    give_to_addressee(case, push, at=at)
    lifecycle.record(case, "push.taken_over", actor=actor, at=at, subject=push, data={"tier": 2})


def close_night(case: Case, push: Push, *, at: datetime) -> None:
    """The duty crew holds it no longer, though nobody took it over: it ended, or goes elsewhere."""
    if not is_held(push):
        return
    push.taken_over_at = at
    push.save(update_fields=["taken_over_at"])
    deadlines.end(push, at=at, kinds=[TAKE_OVER])
    grants.end(case, _reason(push), ends_at=at)


def leave_night(case: Case, *, at: datetime) -> None:
    """The case leaves its station: the crew of its open push 2, if it holds it, holds it no longer."""
    held = Push.objects.select_for_update(of=("self",)).filter(case=case, tier=Push.Tier.SECOND)
    for push in held.exclude(status=Push.Status.ENDED):
        close_night(case, push, at=at)


def end_sight(case: Case, push: Push, *, at: datetime) -> None:
    """Push 2 ended: crew and duty leader see the case no longer for its sake."""
    close_night(case, push, at=at)
    grants.end(case, _leader_reason(push), ends_at=at)


def end_night_by(case: Case, push: Push, *, post: Post, actor: PostActor, at: datetime) -> None:
    """What the responsible officer does himself (a signature, a contact) takes the case over as well."""
    if post.pk == push.addressee_post_id:
        end_night(case, push, actor=actor, at=at)
