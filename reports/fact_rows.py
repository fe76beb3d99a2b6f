"""What each figure counts, without scope and period: counting and listing add those.

`as_of` is the instant of the count: a clock that may still be met then is not due yet.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from dispute_hub.cases.models import RESOLVING, Case, Deadline, Status
from followup.models import OPEN_FOLLOW_UPS, FollowUp, FollowUpAnswer, FollowUpStatus, Satisfaction
from intake.models import Alert
from routing.models import OrderKind, OrderStatus, Push, WorkOrder
from routing.selectors._counts import OUTSIDE, SET_ASIDE

Rows = Callable[[datetime], QuerySet[Any]]
REPEAT_WITHIN: Final = timedelta(days=90)
NO_PUSH_SECOND_WITHIN: Final = timedelta(days=7)
ENDED = (Status.SETTLED, Status.CLOSED)
MOVED_ON = (OrderStatus.SENT, OrderStatus.ACCEPTED, OrderStatus.TO_VERIFY, OrderStatus.DONE)


def alerts(as_of: datetime) -> QuerySet[Any]:
    return Alert.objects.all()


def dispute_alerts(as_of: datetime) -> QuerySet[Any]:
    """Alerts judged to be disputes whose case nobody confirmed as none; an absorbed case's still count."""
    dropped = (Status.NOT_DISPUTE, Status.VOID)
    return Alert.objects.filter(is_dispute=True).exclude(case__status__in=dropped)


def diverted() -> Exists:
    orders = WorkOrder.objects.filter(kind=OrderKind.DIVERSION, status__in=MOVED_ON)
    return Exists(orders.filter(case=OuterRef("case")))


def non_police(as_of: datetime) -> QuerySet[Any]:
    return dispute_alerts(as_of).filter(case__side="non_police")


def repeated(as_of: datetime) -> QuerySet[Any]:
    others = Alert.objects.filter(
        case=OuterRef("case"),
        received_at__gte=OuterRef("received_at") - REPEAT_WITHIN,
        received_at__lte=OuterRef("received_at") + REPEAT_WITHIN,
    ).exclude(pk=OuterRef("pk"))
    return dispute_alerts(as_of).filter(Exists(others))


def of_colour(colour: str) -> Rows:
    return lambda as_of: dispute_alerts(as_of).filter(case__colour=colour)


def new_cases(as_of: datetime) -> QuerySet[Any]:
    return Case.objects.exclude(status__in=SET_ASIDE).exclude(item_code=OUTSIDE)


def sent_pushes(as_of: datetime) -> QuerySet[Any]:
    """Pushes of disputes that went out."""
    sent = Push.objects.filter(issued_at__isnull=False)
    return sent.exclude(case__status__in=SET_ASIDE).exclude(case__item_code=OUTSIDE)


def pushed(as_of: datetime) -> QuerySet[Any]:
    """The first push of every dispute: by its day a dispute belongs to a period, once."""
    earlier = Push.objects.filter(case=OuterRef("case"), issued_at__isnull=False, pk__lt=OuterRef("pk"))
    return sent_pushes(as_of).filter(~Exists(earlier))


def concluded(as_of: datetime) -> QuerySet[Any]:
    return pushed(as_of).filter(case__status__in=ENDED)


def resolved(as_of: datetime) -> QuerySet[Any]:
    return concluded(as_of).filter(case__settle_how__in=RESOLVING)


def verified(as_of: datetime) -> QuerySet[Any]:
    visits = FollowUp.objects.filter(case=OuterRef("case"), status=FollowUpStatus.DONE)
    return resolved(as_of).filter(Exists(visits), ~Exists(visits.filter(is_bad=True)))


def handled(as_of: datetime) -> QuerySet[Any]:
    return sent_pushes(as_of).filter(tier=Push.Tier.FIRST, reported_at__isnull=False)


def handled_on_scene(as_of: datetime) -> QuerySet[Any]:
    followed = Push.objects.filter(
        case=OuterRef("case"),
        tier=Push.Tier.SECOND,
        queued_at__gte=OuterRef("reported_at"),
        queued_at__lte=OuterRef("reported_at") + NO_PUSH_SECOND_WITHIN,
    )
    return handled(as_of).filter(~Exists(followed), outcome=Push.Outcome.SETTLED)


def due_clocks(as_of: datetime) -> QuerySet[Any]:
    """Due by now: what may still be done in time is neither late nor on time yet."""
    running = Q(state=Deadline.State.OPEN, due_at__gt=as_of)
    return Deadline.objects.exclude(state=Deadline.State.ENDED).exclude(running)


def on_time(as_of: datetime) -> QuerySet[Any]:
    return due_clocks(as_of).filter(state=Deadline.State.MET, ended_at__lte=F("due_at"))


def visits_due(as_of: datetime) -> QuerySet[Any]:
    ahead = Q(status__in=OPEN_FOLLOW_UPS, due_at__gt=as_of)
    return FollowUp.objects.exclude(status=FollowUpStatus.WAIVED).exclude(ahead)


def visits_done(as_of: datetime) -> QuerySet[Any]:
    return visits_due(as_of).filter(status=FollowUpStatus.DONE, done_at__lte=F("due_at"))


def answers(as_of: datetime) -> QuerySet[Any]:
    return FollowUpAnswer.objects.exclude(satisfaction="")


def content(as_of: datetime) -> QuerySet[Any]:
    return answers(as_of).filter(satisfaction__in=[Satisfaction.VERY, Satisfaction.BASICALLY])


def third_pushes(as_of: datetime) -> QuerySet[Any]:
    return WorkOrder.objects.filter(kind=OrderKind.THIRD_PUSH, sent_at__isnull=False)


def pushes_of(tier: int) -> Rows:
    return lambda as_of: sent_pushes(as_of).filter(tier=tier)


def diverted_disputes(as_of: datetime) -> QuerySet[Any]:
    return dispute_alerts(as_of).filter(diverted())


def diverted_non_police(as_of: datetime) -> QuerySet[Any]:
    return non_police(as_of).filter(diverted())
