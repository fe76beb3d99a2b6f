"""应清 and 未清 of a day, week or month: which disputes were due to be cleared, and which were not.

Cleared (清零) is settled, or lawfully moved on and accepted, or on an agenda with owner and date
(handbook, section 8). Statuses are read as of an instant from the timeline, with the definitions the
morning sheet uses, so that both tell the same number.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from dispute_hub.cases.models import OPEN_STATUSES, Case
from mediation.models import Decision
from routing.models import OrderKind, WorkOrder
from routing.selectors import _counts as counts


def moved_on(as_of: datetime) -> Exists:
    """Accepted by the other side and in its hands at the instant."""
    ended = Q(ended_at__isnull=True) | Q(ended_at__gt=as_of)
    # What a centre hands to the police moves nothing on: it comes the other way.
    orders = WorkOrder.objects.filter(ended, accepted_at__lte=as_of).exclude(kind=OrderKind.COUNTER)
    return Exists(orders.filter(case=OuterRef("pk")))


def on_agenda(as_of: datetime) -> Exists:
    """A consultation has given it an owner and a date that has not passed."""
    undone = Q(done_at__isnull=True) | Q(done_at__gt=as_of)
    tasks = Decision.objects.filter(undone, entry__case=OuterRef("pk"), decided_at__lte=as_of)
    return Exists(tasks.filter(due_at__gt=as_of))


def open_at(stations: Collection[int], *, as_of: datetime) -> QuerySet[Case]:
    """未清: unsettled at the instant, neither moved on nor on an agenda."""
    return counts.unsettled_at(stations, as_of=as_of).filter(~moved_on(as_of), ~on_agenda(as_of))


def due_in(stations: Collection[int], start: datetime, until: datetime) -> QuerySet[Case]:
    """应清: open at the start, new in the span, or open again at its end; set aside by then: not."""
    carried = open_at(stations, as_of=start).values("pk")
    new = counts.new_in(stations, start, until, as_of=until).values("pk")
    left = open_at(stations, as_of=until).values("pk")
    due = counts.disputes(stations).filter(Q(pk__in=carried) | Q(pk__in=new) | Q(pk__in=left))
    return due.annotate(was=counts.status_as_of(until)).exclude(was__in=counts.SET_ASIDE)


def cleared_in(stations: Collection[int], start: datetime, until: datetime) -> QuerySet[Case]:
    """已清: due in the span and not left at its end."""
    left = open_at(stations, as_of=until).values("pk")
    return due_in(stations, start, until).exclude(pk__in=left)


def unsettled_now(stations: Collection[int]) -> QuerySet[Case]:
    """待化解: open at this moment."""
    return counts.disputes(stations).filter(status__in=OPEN_STATUSES)


SPAN_ROWS = {
    "due": due_in,
    "cleared": cleared_in,
    "left": lambda stations, start, until: open_at(stations, as_of=until),
}
