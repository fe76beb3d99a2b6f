"""实时态势 of a command room: new reds and oranges, unsigned pushes, clocks about to turn.

Every list starts from what is open, or from the last hours, so it costs what is going on now and not what
there ever was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import DurationField, Exists, ExpressionWrapper, F, OuterRef, QuerySet, Value
from django.urls import reverse

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import clock_table
from dispute_hub.cases.models import OPEN_STATUSES, Case, Colour, Deadline, Standstill, Status
from dispute_hub.common import masks
from intake.models import Alert
from routing.models import Push
from routing.selectors import open_pushes_for

NEW_WITHIN: Final = timedelta(hours=24)
# A clock that has just turned stays in sight for as long; older ones are the worklist's.
TURNED_WITHIN: Final = timedelta(hours=1)
# handbook 7: the second rung of the ladder; the longest tabled limit is thirty days.
ABOUT_TO_TURN: Final = 0.8
LONGEST_LAST_PART: Final = timedelta(days=7)
MOST_ROWS: Final = 20
SIGNING: Final = ("push_first.sign", "push_second.sign")
GRAVE: Final = (Colour.RED, Colour.ORANGE)
MOST_REDS: Final = 20


@dataclass(frozen=True, slots=True)
class LiveRow:
    """One line. `line` is what it is about, without numbers of people; a wall leaves it out."""

    case: Case
    name: str
    line: str
    url: str
    at: datetime
    clock: Deadline | None = None

    @property
    def unsigned_red(self) -> int | None:
        """The push behind a row that rings until somebody has seen it."""
        rings = self.clock is not None and self.clock.kind == "push_first.sign"
        return self.clock.subject_id if rings and self.clock and self.clock.key == Colour.RED else None


@dataclass(frozen=True, slots=True)
class LiveBoard:
    """The three lists, each cut at twenty rows; one more tells that there are more."""

    reds: list[LiveRow]
    unsigned: list[LiveRow]
    turning: list[LiveRow]

    @property
    def fingerprint(self) -> str:
        """Changes when a row comes, goes or changes; times tick in the browser."""
        rows = [*self.reds, None, *self.unsigned, None, *self.turning]
        said = ";".join(_mark(row) for row in rows)
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def _mark(row: LiveRow | None) -> str:
    if row is None:
        return "|"
    due = row.clock.due_at.isoformat() if row.clock else ""
    return f"{row.case.pk}:{row.case.version}:{row.case.colour}:{row.name}:{due}"


def live_board(actor: PostActor, *, at: datetime, wall: bool = False) -> LiveBoard:
    """What goes on in the post's territory now. Three queries, one more for the 110 centre.

    On a wall without what is commanded as an emergency: nothing of it stands there (handbook 4).
    """
    sight = _in_sight(actor, at)
    if wall:
        still = Standstill.objects.filter(case=OuterRef("pk"), ended_at__isnull=True)
        sight = sight.exclude(Exists(still))
    running = Deadline.objects.filter(state=Deadline.State.OPEN, paused_at__isnull=True)
    running = running.filter(case__in=sight.order_by()).select_related("case__station")
    cases = list(
        sight.filter(colour__in=GRAVE, last_alert_at__gt=at - NEW_WITHIN, last_alert_at__lte=at)
        .select_related("station")
        .order_by("-last_alert_at", "-id")[: MOST_ROWS + 1]
    )
    unsigned = list(running.filter(kind__in=SIGNING).order_by("due_at", "id")[: MOST_ROWS + 1])
    turning = list(_turning(running.exclude(kind__in=SIGNING), at)[: MOST_ROWS + 1])
    alerts = _alert_numbers(actor, [*cases, *(clock.case for clock in (*unsigned, *turning))])
    return LiveBoard(
        [_of_case(case, alerts) for case in cases],
        [_of_clock(clock, alerts) for clock in unsigned],
        [_of_clock(clock, alerts) for clock in turning],
    )


def _in_sight(actor: PostActor, at: datetime) -> QuerySet[Case]:
    """Open cases of the station, of the bureau, or of the 110 centre's calls of the last day."""
    unit_id, open_ones = actor.post.unit_id, Case.objects.filter(status__in=OPEN_STATUSES)
    if actor.role == Role.STATION_COMMAND:
        return open_ones.filter(station=unit_id)
    if actor.role == Role.BUREAU:
        return open_ones.filter(bureau=unit_id)
    if actor.role == Role.DUTY_COMMANDER:
        calls = Alert.objects.filter(reception=unit_id, received_at__gt=at - NEW_WITHIN)
        return open_ones.filter(pk__in=calls.values("case_id"))
    return Case.objects.none()


def _turning(clocks: QuerySet[Deadline], at: datetime) -> QuerySet[Deadline]:
    """Past 80 % of their time, the nearest end first."""
    near = clocks.filter(due_at__gt=at - TURNED_WITHIN, due_at__lte=at + LONGEST_LAST_PART)
    span = ExpressionWrapper((F("due_at") - F("starts_at")) * ABOUT_TO_TURN, DurationField())
    passed = ExpressionWrapper(Value(at) - F("starts_at"), DurationField())
    return (
        near.annotate(last_part=span, passed=passed)
        .filter(passed__gte=F("last_part"))
        .order_by("due_at", "id")
    )


def _alert_numbers(actor: PostActor, cases: Iterable[Case]) -> dict[int, str]:
    """Where the 110 centre, which has no case files, looks a case up: its newest alert."""
    if actor.role != Role.DUTY_COMMANDER:
        return {}
    mine = Alert.objects.filter(reception=actor.post.unit_id, case__in={case.pk for case in cases})
    return dict(mine.order_by("received_at", "id").values_list("case_id", "alert_no"))


def _url(case: Case, alerts: dict[int, str]) -> str:
    if case.pk in alerts:
        return reverse("alert_detail", args=[alerts[case.pk]])
    return reverse("case_file", args=[case.case_no])


def _of_case(case: Case, alerts: dict[int, str]) -> LiveRow:
    line = f"{case.colour_sentence} {masks.redact(case.title)}"
    return LiveRow(case, Status(case.status).label, line, _url(case, alerts), case.last_alert_at)


def _of_clock(clock: Deadline, alerts: dict[int, str]) -> LiveRow:
    case, name = clock.case, clock_table.name_of(clock.kind)
    return LiveRow(case, name, masks.redact(case.title), _url(case, alerts), clock.starts_at, clock)


def unsigned_reds(actor: PostActor, *, here: str, at: datetime) -> list[Push]:
    """Red first pushes nobody has signed, for the crew and its command room; not the one shown at `here`."""
    if actor.role not in (Role.OFFICER, Role.STATION_COMMAND):
        return []
    pushes = open_pushes_for(actor, at=at).filter(
        status=Push.Status.ISSUED, tier=Push.Tier.FIRST, colour=Colour.RED
    )
    found = pushes.select_related(None).select_related("case")[: MOST_REDS + 1]
    return [push for push in found if here != reverse("push_detail", args=[push.pk])][:MOST_REDS]
