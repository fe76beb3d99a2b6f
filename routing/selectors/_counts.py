"""What counts in which figure, for the morning sheet and the board alike: one definition each.

Every function gives the cases behind its number, so that counts equal rows. `stations` are unit ids;
spans are half-open `[start, end)`; `as_of` is the cut-off: what happened later does not show.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db.models import CharField, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from dispute_hub.cases.models import OPEN_STATUSES, Case, CaseEvent, Deadline, Status
from routing.models import Push

# Police work that is no dispute counts among alerts, never in dispute figures (handbook 6).
OUTSIDE: Final = "X0000"
SET_ASIDE: Final = (Status.NOT_DISPUTE, Status.VOID, Status.ABSORBED)
MOVES: Final = [f"case.{status.value}" for status in Status]


def status_as_of(as_of: datetime) -> Coalesce:
    """Status of a case at an instant: what its first later change moved it from, else what it is."""
    later = CaseEvent.objects.filter(case=OuterRef("pk"), kind__in=MOVES, at__gte=as_of).order_by("id")
    moved_from = later.annotate(was=KeyTextTransform("from", "data")).values("was")[:1]
    return Coalesce(Subquery(moved_from), F("status"), output_field=CharField())


def disputes(stations: Collection[int]) -> QuerySet[Case]:
    """The stations' cases that count as disputes."""
    return Case.objects.filter(station__in=stations).exclude(item_code=OUTSIDE)


def new_in(stations: Collection[int], start: datetime, end: datetime, *, as_of: datetime) -> QuerySet[Case]:
    """新增: opened in the span and not set aside by the cut-off."""
    opened = disputes(stations).filter(opened_at__gte=start, opened_at__lt=end)
    return opened.annotate(was=status_as_of(as_of)).exclude(was__in=SET_ASIDE)


def unsettled_at(stations: Collection[int], *, as_of: datetime) -> QuerySet[Case]:
    """未化解: open at the cut-off, whatever became of it since."""
    candidates = Q(status__in=OPEN_STATUSES) | Q(updated_at__gte=as_of)
    cases = disputes(stations).filter(candidates, opened_at__lt=as_of)
    return cases.annotate(was=status_as_of(as_of)).filter(was__in=OPEN_STATUSES)


def settled_at_risk_in(stations: Collection[int], start: datetime, end: datetime) -> QuerySet[Case]:
    """已化解仍有隐患: a crew said so in the span."""
    told = Push.objects.filter(
        outcome=Push.Outcome.SETTLED_AT_RISK, reported_at__gte=start, reported_at__lt=end
    )
    return disputes(stations).filter(pk__in=told.values("case_id"))


def repeated_in(stations: Collection[int], start: datetime, end: datetime) -> QuerySet[Case]:
    """重复警情: an alert of the span was not the first of its people (rule c of push 2)."""
    events = CaseEvent.objects.filter(kind="alert.repeated", at__gte=start, at__lt=end)
    return disputes(stations).filter(pk__in=events.values("case_id"))


def clocks_as_of(stations: Collection[int], *, as_of: datetime) -> QuerySet[Deadline]:
    """Clocks that ran at the cut-off on cases of the stations that were open or in follow-up."""
    candidates = Q(status__in=[*OPEN_STATUSES, Status.SETTLED]) | Q(updated_at__gte=as_of)
    cases = disputes(stations).filter(candidates)
    ran = Q(state=Deadline.State.OPEN) | Q(ended_at__gte=as_of)
    return Deadline.objects.filter(ran, case__in=cases, starts_at__lt=as_of)


def due_in(stations: Collection[int], start: datetime, end: datetime, *, as_of: datetime) -> QuerySet[Case]:
    """今日到期: a clock that ran at the cut-off ends in the span."""
    clocks = clocks_as_of(stations, as_of=as_of).filter(due_at__gte=start, due_at__lt=end)
    return disputes(stations).filter(pk__in=clocks.values("case_id"))


def overdue_at(stations: Collection[int], *, as_of: datetime) -> QuerySet[Case]:
    """已超期: a clock was past its end at the cut-off and still ran."""
    clocks = clocks_as_of(stations, as_of=as_of).filter(due_at__lt=as_of)
    return disputes(stations).filter(pk__in=clocks.values("case_id"))


def next_due(
    cases: Collection[int], *, as_of: datetime, due_from: datetime | None = None
) -> dict[int, Deadline]:
    """The clock each case had to meet next at the cut-off (or next from `due_from` on), by case id."""
    ran = Q(state=Deadline.State.OPEN) | Q(ended_at__gte=as_of)
    clocks = Deadline.objects.filter(ran, case__in=cases, starts_at__lt=as_of)
    clocks = clocks.filter(due_at__gte=due_from) if due_from else clocks
    return {clock.case_id: clock for clock in clocks.order_by("case_id", "due_at", "id").distinct("case_id")}


def oldest_first(cases: QuerySet[Case]) -> QuerySet[Case]:
    """The order of every section."""
    return cases.order_by("opened_at", "id")


def earliest_due_at() -> Min:
    """The nearest running clock of a case, to order ledgers by."""
    return Min("deadlines__due_at", filter=Q(deadlines__state=Deadline.State.OPEN))
