"""Requests for reinforcement that somebody may answer, and records that wait for an officer's word."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.db.models import Case as Choice
from django.db.models import Q, QuerySet, When

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import DutyRoster, Post, Role
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import OutOfScope
from routing.models import OnBehalf, Push, Reinforcement

SHOWN_WITHIN = timedelta(hours=24)
MOST_SHOWN = 50


def reinforcements_for(actor: PostActor, *, at: datetime) -> list[Reinforcement]:
    """Open requests first, then those of the last day; what this post may answer."""
    rows = _in_reach(actor, at=at).filter(
        Q(status=Reinforcement.Status.ASKED) | Q(asked_at__gte=at - SHOWN_WITHIN)
    )
    open_first = Choice(When(status=Reinforcement.Status.ASKED, then=0), default=1)
    return list(rows.order_by(open_first, "-asked_at")[:MOST_SHOWN])


def get_reinforcement(actor: PostActor, pk: int, *, at: datetime) -> Reinforcement:
    """One request. OutOfScope (404) when it is another station's or another centre's."""
    policy.require(actor, "reinforcement.answer", at=at)
    row = _in_reach(actor, at=at).filter(pk=pk).first()
    if row is None:
        raise OutOfScope("没有找到该增援请求，或不在当前岗位的查看范围内。")
    return row


def _in_reach(actor: PostActor, *, at: datetime) -> QuerySet[Reinforcement]:
    rows = Reinforcement.objects.select_related(
        "push__case", "push__alert", "push__signed_by__user", "push__signed_by__unit", "asked_by__user",
        "answered_by__user", "answered_by__unit",
    ).prefetch_related("push__reinforced_by__addressee_post__user")  # fmt: skip
    if actor.role in (Role.DISPATCHER, Role.DUTY_COMMANDER):
        return rows.filter(push__alert__reception=actor.post.unit_id)
    return rows.filter(push__case__in=visible_to(actor, at=at))


def crews_for(rows: Collection[Reinforcement], *, at: datetime) -> dict[int, list[tuple[str, str]]]:
    """For each request who of its station is on duty and not on it yet: (police number, name).

    Each station's roster is asked once, however many of its crews call.
    """
    units = {row.pk: row.push.case.station_id or row.push.addressee_unit_id for row in rows}
    rosters = {
        unit_id: people.on_duty(unit_id, DutyRoster.Duty.CREW, at)
        for unit_id in set(units.values())
        if unit_id
    }
    return {row.pk: _free(row, rosters.get(units[row.pk] or 0, [])) for row in rows}


def _free(row: Reinforcement, crews: Iterable[Post]) -> list[tuple[str, str]]:
    helping = [
        one.addressee_post_id for one in row.push.reinforced_by.all() if one.status != Push.Status.ENDED
    ]
    on_it = {row.push.signed_by_id, *row.push.addressee_posts, *helping}
    return [(post.user.police_number, post.user.full_name) for post in crews if post.pk not in on_it]


def on_behalf_for(actor: PostActor) -> list[OnBehalf]:
    """待确认代签: what the station recorded in this officer's name, oldest first."""
    rows = OnBehalf.objects.filter(for_post=actor.post, confirmed_at=None)
    known = rows.select_related("push__case", "by_post__user", "by_post__unit")
    return list(known.order_by("at", "id")[:MOST_SHOWN])


def on_behalf_count(actor: PostActor) -> int:
    """How many records wait for this officer's word."""
    return OnBehalf.objects.filter(for_post=actor.post, confirmed_at=None).count()


def get_on_behalf(actor: PostActor, pk: int) -> OnBehalf:
    """One record in this officer's name. OutOfScope (404) for anybody else's."""
    row = OnBehalf.objects.filter(for_post=actor.post, pk=pk).select_related("push__case").first()
    if row is None:
        raise OutOfScope("没有找到该代录记录，或不是代您记录的。")
    return row
