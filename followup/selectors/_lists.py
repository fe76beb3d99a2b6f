"""Whose follow-ups are open, grouped by when they are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases.models import UNKNOWN, Case, Party, Status
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common import spans
from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.spans import Group
from followup.models import OPEN_FOLLOW_UPS, FollowUp, FollowUpStatus, Side

GROUPS: Final = {**spans.TITLES, spans.OVERDUE: "已超期"}
SIDE_OF: Final = {Party.PartyRole.REPORTER: Side.REPORTER, Party.PartyRole.PARTY: Side.OTHER}


@dataclass(frozen=True, slots=True)
class Row:
    """One follow-up on the list; names are masked here for everybody."""

    follow_up: FollowUp
    parties: str
    visits: int
    clock: dict[str, Any]


def follow_ups_visible_to(actor: Actor, *, at: datetime) -> QuerySet[FollowUp]:
    """Follow-ups of cases in reach; a mediator sees only those he has to ask himself."""
    rows = FollowUp.objects.select_related("case", "assignee_post__user", "assignee_unit")
    rows = rows.filter(case__in=visible_to(actor, at=at))
    if isinstance(actor, PostActor) and actor.role == Role.MEDIATOR:
        return rows.filter(assignee_post=actor.post)
    return rows


def worklist(actor: PostActor, *, at: datetime) -> QuerySet[FollowUp]:
    """Open follow-ups: of this post for who visits, of the whole station for its leading posts."""
    rows = follow_ups_visible_to(actor, at=at).filter(status__in=OPEN_FOLLOW_UPS)
    if actor.role in (Role.STATION_COMMAND, Role.STATION_CHIEF):
        return rows
    by_role = Q(assignee_post__isnull=True, assignee_unit=actor.post.unit_id, assignee_role=actor.role)
    return rows.filter(Q(assignee_post=actor.post) | by_role)


def in_group(rows: QuerySet[FollowUp], group: str, *, at: datetime) -> QuerySet[FollowUp]:
    """The rows of one span of `GROUPS`; all of them for any other word."""
    within = _spans(at).get(group)
    return rows.filter(within) if within is not None else rows


def counts(rows: QuerySet[FollowUp], *, at: datetime) -> dict[str, int]:
    """How many open follow-ups lie in each span; one query."""
    spans = {code: Count("pk", filter=within) for code, within in _spans(at).items()}
    counted: dict[str, int] = rows.order_by().aggregate(**spans)
    return counted


def _spans(at: datetime) -> dict[str, Q]:
    """A date ends at 24:00, which is kept as 00:00 of the next day: bounds belong to the earlier span."""
    today, week = spans.ends(at)
    return {
        "overdue": Q(due_at__lte=at),
        "today": Q(due_at__gt=at, due_at__lte=today),
        "week": Q(due_at__gt=today, due_at__lte=week),
        "later": Q(due_at__gt=week),
    }


def finished(actor: PostActor, *, at: datetime) -> QuerySet[FollowUp]:
    """What was asked already, for the same post or station, newest first."""
    rows = follow_ups_visible_to(actor, at=at).filter(status=FollowUpStatus.DONE)
    if actor.role in (Role.STATION_COMMAND, Role.STATION_CHIEF):
        return rows
    return rows.filter(Q(assignee_post=actor.post) | Q(done_by=actor.post))


def rows_of(follow_ups: Sequence[FollowUp]) -> list[Row]:
    """One page of rows with their people; two queries however many rows."""
    ids = {one.case_id for one in follow_ups}
    people: dict[int, list[str]] = {}
    for party in Party.objects.filter(case__in=ids, role__in=SIDE_OF).order_by("id"):
        people.setdefault(party.case_id, []).append(party.shown_name(clear=False))
    settlements = {one.settlement_id for one in follow_ups}
    visits = dict(
        FollowUp.objects.filter(settlement__in=settlements)
        .order_by()
        .values_list("settlement")
        .annotate(number=Count("pk"))
    )
    return [
        Row(
            one, "、".join(people.get(one.case_id, [])[:3]) or UNKNOWN, visits[one.settlement_id],
            clock_of(one),
        )
        for one in follow_ups
    ]  # fmt: skip


def clock_of(follow_up: FollowUp) -> dict[str, Any]:
    """Its clock in the words of a Deadline, without another query."""
    state = {FollowUpStatus.DONE: "met", FollowUpStatus.WAIVED: "ended"}.get(
        FollowUpStatus(follow_up.status), "open"
    )
    return {
        "starts_at": follow_up.planned_at,
        "due_at": follow_up.due_at,
        "state": state,
        "ended_at": follow_up.done_at,
    }


def grouped(rows: Sequence[Row], *, at: datetime) -> list[Group[Row]]:
    """The rows under 已超期 / 今天 / 本周 / 以后, empty groups left out."""
    return spans.grouped(rows, lambda row: spans.span_of(row.follow_up.due_at, at=at), GROUPS)


def get_follow_up(actor: Actor, follow_up_id: int, *, at: datetime) -> FollowUp:
    """One follow-up; OutOfScope (404) when unknown or out of reach, alike."""
    found = (
        follow_ups_visible_to(actor, at=at)
        .select_related("case__station", "done_by__user", "done_by__unit")
        .filter(pk=follow_up_id)
        .first()
    )
    if found is None:
        raise OutOfScope("没有找到该回访，或不在当前岗位的查看范围内。")
    return found


def next_after(actor: PostActor, follow_up: FollowUp, *, at: datetime) -> FollowUp | None:
    """The nearest other one of the worklist: call mode goes on with it."""
    return worklist(actor, at=at).exclude(pk=follow_up.pk).order_by("due_at", "id").first()


def as_one(title: str, rows: Sequence[Row]) -> list[Group[Row]]:
    """The rows under one title, no group at all without rows."""
    return [Group("all", title, list(rows))] if rows else []


def closings(actor: PostActor, *, at: datetime) -> QuerySet[Case]:
    """Red and orange cases whose follow-up is over and whose closing waits for a chief."""
    return (
        visible_to(actor, at=at)
        .filter(status=Status.SETTLED, close_proposed_at__isnull=False)
        .prefetch_related("follow_ups")
        .order_by("close_proposed_at", "id")
    )
