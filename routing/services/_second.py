"""Push 2: the responsible officer takes over; red and orange at once, the rest with the morning sheet."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from dispute_hub.accounts.actor import SYSTEM, Actor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Phase
from dispute_hub.outbox import services as outbox
from routing.models import Push
from routing.services import _machine as machine
from routing.services import _second_notices as notices
from routing.services._addressee import (
    follow_duty,
    give_to_addressee,
    name_addressee,
    responsible_officer,
)
from routing.services._night import SIGN, announced, hold_for_the_night, is_held, readdress_signing
from routing.services._pushes import UNDER_WAY_WITHIN, first_of

# 回流警情: the same parties again within a day of on-scene handling (handbook 4).
RETURN_FIGHT_WITHIN = timedelta(hours=24)
AT_ONCE = (Push.Entry.BROUGHT_IN,)


def push_second(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of case.tracking and alert.repeated: the case enters tracked resolution (handbook 1).

    Several calls about one event while its crew is under way are no repeat: they go to that crew.
    """
    entry = event.data.get("entry") or Push.Entry.UNSETTLED
    if event.kind == "alert.repeated":
        entry = Push.Entry.REPEATED
        first_of(event.data.get("alert_id"), case)
        if not case.is_open or _is_same_event(case, event, at):
            return
    is_return = (
        entry in (Push.Entry.REPEATED, Push.Entry.REOPENED) and handled_lately(case, at=at) is not None
    )
    at_once = entry in AT_ONCE or is_return
    push = enter(
        case, entry=entry, reason=str(event.data.get("suggested") or ""), at_once=at_once, at=at, cause=event
    )
    if is_return:
        notices.tell(case, push, unit_id=case.station_id, role=Role.STATION_CHIEF, word="回流警情", at=at)


def _is_same_event(case: Case, event: CaseEvent, at: datetime) -> bool:
    """A crew is under way, or has yet to sign, for this case: the call is about the same event."""
    since = at - UNDER_WAY_WITHIN
    under_way = Q(status__in=machine.UNDER_WAY, signed_at__gte=since)
    unsigned = Q(status=Push.Status.ISSUED, issued_at__gte=since) & ~Q(alert_id=event.data.get("alert_id"))
    return Push.objects.filter(under_way | unsigned, case=case, tier=Push.Tier.FIRST).exists()


def handled_lately(case: Case, *, at: datetime) -> Push | None:
    """The last push 1 of the case reported within a day, if there is one."""
    return (
        Push.objects.filter(case=case, tier=Push.Tier.FIRST, reported_at__gte=at - RETURN_FIGHT_WITHIN)
        .order_by("-reported_at")
        .first()
    )


def enter(
    case: Case, *, entry: str, reason: str, at_once: bool, at: datetime, cause: CaseEvent | None
) -> Push:
    """Open push 2 of a locked case, or add the reason to the one that is open."""
    push = open_second(case)
    is_new = push is None
    if push is None:
        push = _open(case, entry, reason, at=at)
    else:
        _add(case, push, entry, reason, at=at, cause=cause)
    lifecycle.advance_phase(case, Phase.MIDDLE)
    if not is_held(push):
        give_to_addressee(case, push, at=at)
    is_due = at_once or push.colour in machine.GRAVE or case.station_id is None
    if push.status == Push.Status.QUEUED and is_due:
        issue_second(case, push, at=at, cause=cause)
    elif is_new and push.addressee_post_id is None:
        outbox.notify_many([(message, case.pk) for message in notices.for_the_pool(case, push)], at=at)
    return push


def open_second(case: Case) -> Push | None:
    """The open push 2 of the case, queued ones included."""
    return (
        Push.objects.select_for_update(of=("self",))
        .filter(case=case, tier=Push.Tier.SECOND)
        .exclude(status=Push.Status.ENDED)
        .select_related("addressee_post__user", "addressee_post__unit")
        .first()
    )


def _open(case: Case, entry: str, reason: str, *, at: datetime) -> Push:
    push = Push(
        case=case,
        tier=Push.Tier.SECOND,
        status=Push.Status.QUEUED,
        entry=entry,
        entries=[entry],
        reason=reason[:400],
        colour=case.colour,
        queued_at=at,
    )
    name_addressee(case, push, responsible_officer(case, at=at))
    push.save()
    data = {"tier": 2, "entry": entry}
    lifecycle.record(case, "push.queued", actor=SYSTEM, at=at, subject=push, data=data)
    return push


def _add(case: Case, push: Push, entry: str, reason: str, *, at: datetime, cause: CaseEvent | None) -> None:
    """One open push 2 per case: a new reason joins it, and asks for a new contact with the parties."""
    if entry not in push.entries:
        push.entries = [*push.entries, entry]
    push.reason = (reason or push.reason)[:400]
    push.colour = machine.graver(push.colour, case.colour)
    push.save(update_fields=["entries", "reason", "colour"])
    lifecycle.record(
        case,
        "push.entry_added",
        actor=SYSTEM,
        at=at,
        subject=push,
        cause=cause,
        data={"tier": 2, "entry": entry},
    )
    if push.status == Push.Status.QUEUED:
        return
    _start_contact(case, push, at=at)
    notices.tell(case, push, post_id=push.addressee_post_id, word=Push.Entry(entry).label, at=at)


def issue_second(
    case: Case, push: Push, *, at: datetime, cause: CaseEvent | None, sheet_id: int | None = None
) -> None:
    """Send a queued push 2: from here its clocks run (handbook 7). Who is away by now is stood in for."""
    machine.change(push, Push.Status.ISSUED, issued_at=at, sheet_id=sheet_id)
    follow_duty(case, push, at=at)
    machine.start(case, push, SIGN, holder=machine.holder_of(push), at=at)
    machine.start(case, push, "push_second.contact", holder=machine.holder_of(push), at=at)
    lifecycle.record(
        case, "push.issued", actor=SYSTEM, at=at, subject=push, cause=cause,
        data={"tier": 2, "colour": push.colour, "entry": push.entry},
    )  # fmt: skip
    crew = hold_for_the_night(case, push, at=at)
    signing = readdress_signing(case, push, at=at)
    told = announced(case, push, crew, at=at) + signing
    if push.addressee_post_id and not is_held(push) and not any(message.role for message in signing):
        told += notices.copies(case, push)
    outbox.notify_many([(message, case.pk) for message in told], at=at)


def follow_rise(case: Case, push: Push, *, at: datetime) -> None:
    """The colour of an issued push 2 rose: the duty leader may have to sign it, the crew to hold it."""
    crew = hold_for_the_night(case, push, at=at)
    told = readdress_signing(case, push, at=at)
    told += announced(case, push, crew, at=at) if push.night_since_at == at else []
    outbox.notify_many([(message, case.pk) for message in told], at=at)


def _start_contact(case: Case, push: Push, *, at: datetime) -> None:
    if not deadlines.is_running(push, "push_second.contact"):
        machine.start(case, push, "push_second.contact", holder=machine.holder_of(push), at=at)
