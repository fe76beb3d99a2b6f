"""Who is on duty, asked at the moment of action; nobody keeps the answer.

A post is done by its holder, by his B岗 while he is away or the post is not held, by the B岗's B岗 …; the
chain ends where somebody is there, or with nobody. Auxiliaries (辅警) go along and are asked for nothing:
they may not sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from dispute_hub.accounts.models import Absence, DutyRoster, Post, Role, Unit, UnitKind
from dispute_hub.accounts.selectors._people import live_posts

Duty = DutyRoster.Duty

# Which duties a kind of unit has, and whose posts may do them; the first role is on duty where no roster is.
DUTIES: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    UnitKind.STATION: {
        Duty.LEADER: (Role.STATION_CHIEF, Role.STATION_COMMAND, Role.OFFICER),
        Duty.COMMAND: (Role.STATION_COMMAND,),
        Duty.CREW: (Role.OFFICER,),
    },
    UnitKind.RECEPTION: {
        Duty.LEADER: (Role.DUTY_COMMANDER,),
        Duty.DESK: (Role.DISPATCHER, Role.DUTY_COMMANDER),
    },
    UnitKind.BUREAU: {Duty.LEADER: (Role.BUREAU,), Duty.DESK: (Role.BUREAU,)},
    UnitKind.CENTRE: {Duty.LEADER: (Role.CENTRE,), Duty.DESK: (Role.CENTRE,)},
    UnitKind.COUNTY_CENTRE: {Duty.LEADER: (Role.COUNTY_CENTRE,), Duty.DESK: (Role.COUNTY_CENTRE,)},
}
# Whose duty leader decides in a chief's stead: the station's, and behind it the bureau's (handbook 3). A
# duty leader of the 110 desk or of a centre leads his own house and no police work.
LEADS_FOR_A_CHIEF: Final = (UnitKind.STATION, UnitKind.BUREAU)


def on_duty(unit_id: int, duty: str, at: datetime) -> list[Post]:
    """Who is on duty at the unit now: whom the roster names, else everybody of the fitting role there.

    A gap in a roster therefore keeps nothing from reaching people; the roster's page warns of it. Empty
    only when nobody holds such a post.
    """
    return on_roster(unit_id, duty, at) or _on_post(unit_id, duty, at)


def on_roster(unit_id: int, duty: str, at: datetime) -> list[Post]:
    """Whom the roster of the unit names now, by his B岗 while one is away; nobody without a roster."""
    turns = _turns(unit_id, duty, at).filter(post__user__is_auxiliary=False)
    return present(_posts(at).filter(pk__in=turns.values("post_id")), at)


def leaders_on_duty(unit: Unit, at: datetime, *, besides_user_id: int | None) -> list[Post]:
    """Who may decide for the unit now: duty leader, then its other chiefs, else the bureau's duty leader.

    `besides_user_id` is the person who proposed: he never decides himself (handbook 3).
    """
    chiefs = _on_post(unit.pk, Duty.LEADER, at)
    here = _others([*on_roster(unit.pk, Duty.LEADER, at), *chiefs], besides_user_id)
    if here or unit.bureau_id in (None, unit.pk):
        return here
    return _others(on_duty(unit.bureau_id, Duty.LEADER, at), besides_user_id) if unit.bureau_id else []


def _others(posts: list[Post], besides_user_id: int | None) -> list[Post]:
    found = {post.pk: post for post in posts if post.user_id != besides_user_id}
    return list(found.values())


def leads_duty(post: Post, at: datetime) -> bool:
    """True while the post is, or stands in for, the police duty leader of its own unit (值班代批).

    A B岗 was named as one who may come to lead, so that his own role is not asked; a name on the roster
    is one for whom the roster has the duty.
    """
    kind = post.unit.kind
    if kind not in LEADS_FOR_A_CHIEF:
        return False
    turns = _turns(post.unit_id, Duty.LEADER, at).filter(Q(post=post) | Q(post__stand_in__isnull=False))
    named = [turn.post for turn in turns.select_related("post__user", "post__unit")]
    if any(one.pk == post.pk for one in named):
        return post.role in DUTIES[kind][Duty.LEADER]
    return any(
        stand_in is not None and stand_in.pk == post.pk for stand_in in (there_for(one, at) for one in named)
    )


def responsible_officers(area_id: int, at: datetime) -> list[Post]:
    """The responsible officers (责任民警) of a police area who are there; while none is, their B岗."""
    holders = _posts(at).filter(unit=area_id, role=Role.COMMUNITY_OFFICER, user__is_auxiliary=False)
    return [post for post in holders if is_there(post, at)] or present(holders, at)


def present(posts: Iterable[Post], at: datetime) -> list[Post]:
    """These posts, each by whoever does its work now, nobody twice."""
    found = {one.pk: one for post in posts if (one := there_for(post, at)) is not None}
    return list(found.values())


def there_for(post: Post, at: datetime) -> Post | None:
    """Who does the work of the post now: its holder or the first of its B岗 chain who is there."""
    seen: set[int] = set()
    one: Post | None = post
    while one is not None and not is_there(one, at):
        seen.add(one.pk)
        onward = one.stand_in_id
        one = _posts(at).filter(pk=onward).first() if onward and onward not in seen else None
    return one


def is_there(post: Post, at: datetime) -> bool:
    """The post is held by an active person at an active unit who is not away."""
    is_held = post.ends_at is None or post.ends_at > at
    if not (is_held and post.user.is_active and post.unit.is_active):
        return False
    away = getattr(post, "is_away", None)
    return not (_absences(at).filter(post=post).exists() if away is None else away)


def _posts(at: datetime) -> QuerySet[Post]:
    """Posts with whether their holder is away, ended ones included: their B岗 goes on."""
    away = Exists(_absences(at).filter(post=OuterRef("pk")))
    return Post.objects.annotate(is_away=away).select_related("user", "unit").order_by("id")


def _absences(at: datetime) -> QuerySet[Absence]:
    return Absence.objects.filter(starts_at__lte=at, ends_at__gt=at)


def _turns(unit_id: int, duty: str, at: datetime) -> QuerySet[DutyRoster]:
    return DutyRoster.objects.filter(unit_id=unit_id, duty=duty, starts_at__lte=at, ends_at__gt=at)


def _on_post(unit_id: int, duty: str, at: datetime) -> list[Post]:
    """Everybody of the fitting role at the unit, those away left out unless nobody else is there."""
    roles = {duties[duty][0] for duties in DUTIES.values() if duty in duties}
    live = live_posts(at).filter(unit=unit_id, role__in=roles, user__is_auxiliary=False)
    held = list(_posts(at).filter(pk__in=live.values("pk")))
    return [post for post in held if is_there(post, at)] or held
