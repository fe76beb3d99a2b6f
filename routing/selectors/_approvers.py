"""Who may decide a third push at this moment: leaders of the station, else the bureau's duty leader."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import DutyRoster, Post
from dispute_hub.cases.models import Case
from routing.models import OrderKind, Recusal, WorkOrder


def stays_away(case_id: int) -> set[int]:
    """Ids of the people who keep away from a case by an approved 回避."""
    return {user_id for _, user_id in all_who_stay_away([case_id])}


def all_who_stay_away(case_ids: Iterable[int]) -> set[tuple[int, int]]:
    """Case and person of every approved 回避 in these cases."""
    rows = Recusal.objects.filter(case__in=list(case_ids), status=Recusal.Status.APPROVED)
    return set(rows.values_list("case_id", "user_id"))


def station_leaders(case: Case, *, at: datetime, besides: Iterable[int | None]) -> list[Post]:
    """Duty leader and chiefs of the case's station, without these people; empty when nobody is left."""
    if case.station is None:
        return []
    without = set(besides)
    found = people.leaders_on_duty(case.station, at, besides_user_id=None)
    return [post for post in found if post.user_id not in without and post.unit_id != case.bureau_id]


def bureau_leaders(case: Case, *, at: datetime, besides: Iterable[int | None] = ()) -> list[Post]:
    """The bureau's duty leader; everybody on post there while it has no roster."""
    if case.bureau_id is None:
        return []
    without = set(besides)
    found = people.on_duty(case.bureau_id, DutyRoster.Duty.LEADER, at)
    return [post for post in found if post.user_id not in without]


def phone_leaders(order: WorkOrder, *, at: datetime, besides: Iterable[int | None] = ()) -> list[Post]:
    """Whose word by telephone lets a 特急 order go: the station's leaders first, then the bureau's."""
    case = order.case
    without = {order.proposer_user_id, *besides, *stays_away(case.pk)}
    found = [*station_leaders(case, at=at, besides=without), *bureau_leaders(case, at=at, besides=without)]
    return list({post.pk: post for post in found}.values())


def may_decide(order: WorkOrder, actor: PostActor, *, at: datetime) -> bool:
    """Whether a proposed third push is this post's to decide; the service looks again, at 回避 as well."""
    if order.kind == OrderKind.DIVERSION or order.proposer_user_id == actor.user.pk:
        return False
    if actor.post.unit_id == order.case.station_id:
        return True
    filing = getattr(order, "filing", None)
    if actor.post.unit_id != order.case.bureau_id or (filing is not None and filing.risen_at is None):
        return False
    return actor.post.pk in {post.pk for post in bureau_leaders(order.case, at=at)}
