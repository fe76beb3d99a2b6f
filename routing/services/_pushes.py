"""Push 1: every alert is pushed to a crew at once, whatever the status of its case."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import Actor
from dispute_hub.accounts.models import DutyRoster, Post, Role
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Colour, Status
from dispute_hub.outbox import services as outbox
from intake import services as intake
from intake.models import Alert, DispatchStatus
from routing.models import Push
from routing.selectors._approvers import stays_away
from routing.services import _machine as machine
from triage.models import Assessment

# A crew that signed so long ago has most likely left: the call is treated as a new one (design decision).
UNDER_WAY_WITHIN = timedelta(hours=2)
URGENCY: dict[str, str] = {Colour.RED: "alarm", Colour.ORANGE: "important"}


def push_first(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of case.assessed: issue push 1 of the assessed alert, once (handbook 4).

    An alert that is not to be dispatched (a clue, or handed over) gets none. A later version of the
    alert that names another station or crew readdresses the push while nobody has signed it.
    """
    alert = _assessed(event)
    if alert is None:
        return
    if alert.dispatch_status == DispatchStatus.NONE:
        _tell_of_clue(case, at=at)
        return
    standing = list(_standing(Q(alert=alert) | Q(case=case)))
    own = next((push for push in standing if push.alert_id == alert.pk), None)
    crew = _crew_of(standing, at=at)
    if own is None:
        colour = machine.graver(event.data.get("colour") or "", case.colour)
        issue_first(case, alert, colour=colour, crew=crew, actor=actor, at=at, cause=event)
    elif machine.adopt(case, own).status == Push.Status.ISSUED:
        readdress(case, own, alert, crew=crew, actor=actor, at=at)
    elif own.status in machine.UNDER_WAY:
        _tell_more(case, own, event, at=at)


def _assessed(event: CaseEvent) -> Alert | None:
    if isinstance(event.subject, Assessment):
        return event.subject.alert
    return Alert.objects.filter(pk=event.data.get("alert_id")).first()


def _standing(of: Q) -> QuerySet[Push]:
    pushes = Push.objects.filter(of, tier=Push.Tier.FIRST, reinforces=None).exclude(status=Push.Status.ENDED)
    return pushes.select_related("signed_by__user", "signed_by__unit").order_by("id")


def first_of(alert_id: int | None, case: Case) -> Push | None:
    """The standing push 1 of an alert, brought into the case the alert is in now."""
    push = _standing(Q(alert=alert_id)).first() if alert_id else None
    return machine.adopt(case, push) if push else None


def issue_first(
    case: Case,
    alert: Alert,
    *,
    colour: str,
    crew: Post | None,
    actor: Actor,
    at: datetime,
    cause: CaseEvent | None,
) -> Push:
    """Write push 1 of an alert with its clock, grant and notices; the case is locked by the caller.

    `crew` is who is under way to this case already (`crew_under_way`).
    """
    push = Push(
        case=case, alert=alert, tier=Push.Tier.FIRST, status=Push.Status.ISSUED, colour=colour, issued_at=at
    )  # fmt: skip
    _address(push, _target(case, alert, crew, at))
    push.entries = [push.entry]
    push.save()
    intake.set_dispatch(alert, _dispatch_status(push), at=at)
    _let_see(case, push, at=at)
    machine.start(case, push, "push_first.sign", holder=machine.holder_of(push), at=at)
    lifecycle.record(
        case, "push.issued", actor=actor, at=at, subject=push, cause=cause,
        data={"tier": 1, "alert_id": alert.pk, "colour": colour, "entry": push.entry},
    )  # fmt: skip
    _tell(case, push, is_follow_on=crew is not None, at=at)
    return push


def readdress(case: Case, push: Push, alert: Alert, *, crew: Post | None, actor: Actor, at: datetime) -> bool:
    """Send an unsigned push 1 to where the alert belongs now; False when it already is there.

    Its clock is handed over, not restarted: the wait so far is part of the caller's wait.
    """
    return _send_to(case, push, _target(case, alert, crew, at), actor=actor, at=at)


def name_others(case: Case, push: Push, *, without: Collection[int], actor: Actor, at: datetime) -> None:
    """These posts keep away: the others named take the push, else everybody on duty at the station."""
    left = [pk for pk in push.addressee_posts if pk not in without]
    unit_id, role = case.station_id or push.addressee_unit_id, str(Role.OFFICER)
    if left:
        first = Post.objects.get(pk=left[0])
        unit_id, role = first.unit_id, first.role
    _send_to(case, push, Target(unit_id, role, tuple(left), push.entry), actor=actor, at=at)


def _send_to(case: Case, push: Push, target: Target, *, actor: Actor, at: datetime) -> bool:
    if target == Target(push.addressee_unit_id, push.addressee_role, tuple(push.addressee_posts), push.entry):
        return False
    grants.end(case, machine.grant_reason(push), ends_at=at)
    _address(push, target)
    push.entries = [*push.entries, push.entry]
    push.save()
    deadlines.hand_over(push, holder=machine.holder_of(push))
    if push.alert is not None and not push.reinforces_id:
        intake.set_dispatch(push.alert, _dispatch_status(push), at=at)
    _let_see(case, push, at=at)
    data = {"tier": 1, "alert_id": push.alert_id, "entry": push.entry}
    lifecycle.record(case, "push.readdressed", actor=actor, at=at, subject=push, data=data)
    _tell(case, push, is_follow_on=False, at=at)
    return True


@dataclass(frozen=True, slots=True)
class Target:
    """Where a push 1 goes: a role at a unit, narrowed to `posts` unless empty."""

    unit_id: int | None
    role: str
    posts: tuple[int, ...]
    entry: str


def _target(case: Case, alert: Alert, crew: Post | None, at: datetime) -> Target:
    """The crew under way, the named and known officers, else the station; the pool to who deals it out."""
    station_id = case.station_id or alert.station_id
    if case.status != Status.POOL:
        posts = [crew] if crew else people.officers_by_number(alert.officers, at) if alert.officers else []
        if posts := _who_may(case, posts):
            return Target(posts[0].unit_id, posts[0].role, tuple(post.pk for post in posts), Push.Entry.ALERT)
        if station_id:
            return Target(station_id, Role.OFFICER, (), Push.Entry.ALERT)
    if station_id:
        return Target(station_id, Role.STATION_COMMAND, (), Push.Entry.POOL)
    if alert.reception_id and not intake.is_kept(alert):
        return Target(alert.reception_id, Role.DUTY_COMMANDER, (), Push.Entry.POOL)
    return Target(alert.bureau_id or case.bureau_id, Role.BUREAU, (), Push.Entry.POOL)


def _who_may(case: Case, posts: list[Post]) -> list[Post]:
    """Without those who keep away from the case (回避)."""
    away = stays_away(case.pk) if posts else set()
    return [post for post in posts if post.user_id not in away]


def _address(push: Push, target: Target) -> None:
    push.addressee_unit_id, push.addressee_role = target.unit_id, target.role
    push.addressee_posts, push.entry = list(target.posts), target.entry
    push.addressee_post_id = target.posts[0] if len(target.posts) == 1 else None


def _dispatch_status(push: Push) -> str:
    return DispatchStatus.AWAITING if push.entry == Push.Entry.POOL else DispatchStatus.DISPATCHED


def crew_under_way(case: Case, *, at: datetime) -> Post | None:
    """Who has signed a push 1 of this case in the last two hours and has not reported yet."""
    return _crew_of(_standing(Q(case=case, status__in=machine.UNDER_WAY)), at=at)


def _crew_of(pushes: Iterable[Push], *, at: datetime) -> Post | None:
    since = at - UNDER_WAY_WITHIN
    signed = [
        (push.signed_at, push.signed_by)
        for push in pushes
        if push.status in machine.UNDER_WAY and push.signed_at is not None and push.signed_at >= since
    ]
    return max(signed, key=lambda one: one[0])[1] if signed else None


def _let_see(case: Case, push: Push, *, at: datetime) -> None:
    named, unit_id = push.addressee_posts, push.addressee_unit_id
    unit_ids = [unit_id] if unit_id and not named and push.entry != Push.Entry.POOL else []
    grants.give_first(case, machine.grant_reason(push), at=at, post_ids=named, unit_ids=unit_ids)


def _tell(case: Case, push: Push, *, is_follow_on: bool, at: datetime) -> None:
    """Tell whom the push is for; red and orange are told to the command room as well."""
    word = Colour(push.colour).label if push.colour else "未定"
    title = f"续报：{case.case_no} 同一事件又有报警" if is_follow_on else f"{word}色一推送：{case.case_no}"
    if push.entry == Push.Entry.POOL:
        title = f"待分派警情：{case.case_no} 请立即分派"
    base = outbox.Message(
        kind="push.follow_on" if is_follow_on else "push.issued",
        title=title,
        link=_link(push),
        urgency="alarm" if push.entry == Push.Entry.POOL else URGENCY.get(push.colour, "normal"),
    )
    outbox.notify_many([(message, case.pk) for message in _addressed(base, push, at)], at=at)


def _tell_more(case: Case, push: Push, event: CaseEvent, *, at: datetime) -> None:
    """续报 of an alert somebody drives to: the crew and its helpers learn it, but for who told it himself.

    What the crew tells from the scene goes to the command room as well.
    """
    if event.cause is None or event.cause.kind != "alert.amended":
        return
    teller = event.cause.actor_post_id
    helping = push.reinforced_by.filter(status__in=machine.RUNNING)
    crew: dict[int | None, int] = {push.signed_by_id: push.pk}
    crew.update((one.addressee_post_id, one.pk) for one in helping)
    base = outbox.Message(
        kind="push.follow_on",
        title=f"续报：{case.case_no} 有新情况",
        link=_link(push),
        urgency=URGENCY.get(case.colour, "normal"),
    )
    told = [
        replace(base, post_id=post_id, link=f"/pushes/{push_id}/")
        for post_id, push_id in crew.items()
        if post_id and post_id != teller
    ]
    if teller in crew and case.station_id:
        told.append(replace(base, unit_id=case.station_id, role=Role.STATION_COMMAND))
    outbox.notify_many([(message, case.pk) for message in told], at=at)


def _tell_of_clue(case: Case, *, at: datetime) -> None:
    """A clue in the pool has no crew; the command room decides what becomes of it."""
    if case.status != Status.POOL:
        return
    unit_id = case.station_id or case.bureau_id
    if unit_id is None:
        return
    message = outbox.Message(
        kind="case.pool",
        title=f"待分派线索：{case.case_no} 请分派",
        link=f"/cases/{case.case_no}/",
        unit_id=unit_id,
        role=Role.STATION_COMMAND if case.station_id else Role.BUREAU,
    )
    outbox.notify(message, at=at, case_id=case.pk)


def _link(push: Push) -> str:
    """Who deals out the pool does so on the alert's own page; complaints are the bureau's."""
    if push.entry == Push.Entry.POOL and push.alert is not None and intake.is_kept(push.alert):
        return "/approvals/aside/"
    if push.entry == Push.Entry.POOL and push.alert is not None:
        return f"/alerts/{push.alert.alert_no}/"
    return f"/pushes/{push.pk}/"


def _addressed(base: outbox.Message, push: Push, at: datetime) -> list[outbox.Message]:
    """One message per named person, per person on the roster, or one to the role at the unit."""
    posts = list(push.addressee_posts)
    unit_id = push.addressee_unit_id
    if not posts and unit_id and push.entry != Push.Entry.POOL:
        # Nobody on the roster, or no roster yet: everybody on post there is on duty (handbook 4).
        rostered = people.on_roster(unit_id, DutyRoster.Duty.CREW, at)
        posts = [post.pk for post in _who_may(push.case, rostered)]
    told = [replace(base, post_id=post_id) for post_id in posts]
    if not told and push.addressee_unit_id:
        told = [replace(base, unit_id=push.addressee_unit_id, role=push.addressee_role)]
    is_pool = push.entry == Push.Entry.POOL
    if push.colour in machine.GRAVE and push.case.station_id and not is_pool:
        told.append(replace(base, unit_id=push.case.station_id, role=Role.STATION_COMMAND))
    return told
