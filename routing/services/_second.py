"""Push 2: the responsible officer takes over; red and orange at once, the rest with the morning sheet."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import SYSTEM, Actor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Colour, Deadline, Phase, Status
from dispute_hub.outbox import services as outbox
from routing.models import Push
from routing.services import _machine as machine
from routing.services._machine import grant_reason
from routing.services._pushes import UNDER_WAY_WITHIN, URGENCY, first_of

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
        _tell(case, push, unit_id=case.station_id, role=Role.STATION_CHIEF, word="回流警情", at=at)


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
    if push is None:
        push = _open(case, entry, reason, at=at)
    else:
        _add(case, push, entry, reason, at=at, cause=cause)
    lifecycle.advance_phase(case, Phase.MIDDLE)
    _give_to(case, push, at=at)
    is_due = at_once or push.colour in machine.GRAVE or case.station_id is None
    if push.status == Push.Status.QUEUED and is_due:
        issue_second(case, push, at=at, cause=cause)
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


def responsible_officer(case: Case, *, at: datetime) -> Post | None:
    """By grid → police area → post (handbook 4); None when nobody holds the post."""
    area = people.area_of_grid(case.grid_id) if case.grid_id else None
    area_id = area.pk if area else case.area_id
    posts = people.responsible_officers(area_id, at) if area_id else []
    return posts[0] if posts else None


def _open(case: Case, entry: str, reason: str, *, at: datetime) -> Push:
    post = responsible_officer(case, at=at)
    push = Push.objects.create(
        case=case,
        tier=Push.Tier.SECOND,
        status=Push.Status.QUEUED,
        entry=entry,
        entries=[entry],
        reason=reason[:400],
        colour=case.colour,
        addressee_unit_id=post.unit_id if post else case.station_id or case.bureau_id,
        addressee_role=Role.COMMUNITY_OFFICER if post else Role.STATION_COMMAND,
        addressee_post=post,
        addressee_posts=[post.pk] if post else [],
        queued_at=at,
    )
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
    _tell(case, push, post_id=push.addressee_post_id, word=Push.Entry(entry).label, at=at)


def _give_to(case: Case, push: Push, *, at: datetime) -> None:
    """The responsible officer holds the case and sees it from the entry on, sheet or no sheet."""
    if push.addressee_post_id:
        grants.give(case, grant_reason(push), at=at, post_id=push.addressee_post_id)
    if case.status == Status.TRACKING:
        cases.hold(case, unit_id=push.addressee_unit_id, post=push.addressee_post)


def issue_second(
    case: Case, push: Push, *, at: datetime, cause: CaseEvent | None, sheet_id: int | None = None
) -> None:
    """Send a queued push 2: from here its clocks run (handbook 7)."""
    machine.change(push, Push.Status.ISSUED, issued_at=at, sheet_id=sheet_id)
    machine.start(case, push, "push_second.sign", holder=_signer(case, push), at=at)
    machine.start(case, push, "push_second.contact", holder=machine.holder_of(push), at=at)
    lifecycle.record(
        case, "push.issued", actor=SYSTEM, at=at, subject=push, cause=cause,
        data={"tier": 2, "colour": push.colour, "entry": push.entry},
    )  # fmt: skip
    outbox.notify_many([(message, case.pk) for message in _announced(case, push)], at=at)


def _announced(case: Case, push: Push) -> list[outbox.Message]:
    """To the responsible officer, or to the unit while there is none; the station's leaders know."""
    told = []
    if push.addressee_post_id:
        told.append(_message(case, push, post_id=push.addressee_post_id, word="请签收并联系双方"))
    elif push.addressee_unit_id:
        unit_id, role = push.addressee_unit_id, push.addressee_role
        told.append(_message(case, push, unit_id=unit_id, role=role, word="无责任民警"))
    if case.station_id:
        chief = Role.STATION_CHIEF
        told.append(_message(case, push, unit_id=case.station_id, role=chief, word="抄送所领导"))
    return told


def _signer(case: Case, push: Push) -> deadlines.Holder:
    """Red is signed by the duty leader within 30 minutes, else by the responsible officer (handbook 7)."""
    if push.colour == Colour.RED and case.station_id:
        return deadlines.Holder(unit_id=case.station_id, role=Role.STATION_CHIEF)
    return machine.holder_of(push)


def _start_contact(case: Case, push: Push, *, at: datetime) -> None:
    running = Deadline.objects.filter(
        subject_kind="push", subject_id=push.pk, kind="push_second.contact", state=Deadline.State.OPEN
    )
    if not running.exists():
        machine.start(case, push, "push_second.contact", holder=machine.holder_of(push), at=at)


def _tell(
    case: Case,
    push: Push,
    *,
    word: str,
    at: datetime,
    post_id: int | None = None,
    unit_id: int | None = None,
    role: str = "",
) -> None:
    if post_id is None and unit_id is None:
        return
    message = _message(case, push, word=word, post_id=post_id, unit_id=unit_id, role=role)
    outbox.notify(message, at=at, case_id=case.pk)


def _message(
    case: Case,
    push: Push,
    *,
    word: str,
    post_id: int | None = None,
    unit_id: int | None = None,
    role: str = "",
) -> outbox.Message:
    colour = f"{Colour(push.colour).label}色" if push.colour else ""
    return outbox.Message(
        kind="push.second",
        title=f"{colour}二推送：{case.case_no}（{word}）",
        link=f"/pushes/{push.pk}/" if post_id else f"/cases/{case.case_no}/",
        urgency="alarm" if word == "无责任民警" else URGENCY.get(push.colour, "normal"),
        post_id=post_id,
        unit_id=unit_id,
        role=role,
    )
