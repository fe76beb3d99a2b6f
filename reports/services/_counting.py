"""Roll-ups are recomputed from the facts, never counted up: a mark says only "look again"."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from dispute_hub.accounts.actor import Actor
from dispute_hub.accounts.models import Unit, UnitKind
from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common.time import BEIJING, beijing_date
from reports.facts import FACTS, FactSpec
from reports.models import Counted, DayFigure, DirtyCase
from reports.periods import Period, period_of, ranges_of
from reports.span_rows import due_in, open_at

Span = Counted.Span
# Any constant: it only has to differ from the other advisory locks of the product.
COUNT_LOCK: Final = 0x5EA2
# Until a day is over its clocks fall due without any event; older counts of it are made again.
FRESH_WITHIN = timedelta(seconds=60)
# What the board shows by itself: a month with the one before it.
SHOWN_WITHIN = timedelta(days=62)


def mark_dirty(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of every event that changes a figure: one plain INSERT, nobody waits for anybody."""
    if case.bureau_id is not None:
        DirtyCase.objects.create(case=case, bureau_id=case.bureau_id)


@transaction.atomic
def count(bureau_id: int, periods: Sequence[Period], days: Iterable[date], *, at: datetime) -> bool:
    """Bring the roll-ups of these periods and days up to the facts.

    False if another count of the bureau is running: the figures then stand as of their last count.
    Future days are left alone. Figures are counted set-wise: one grouped query each, for all stations.
    """
    if not _is_only_counter(bureau_id):
        return False
    _drain(bureau_id, at=at)
    today = beijing_date(at)
    wanted = {day for day in [*days, *(day for period in periods for day in period.days)] if day <= today}
    stations = stations_of(bureau_id)
    _count_days(bureau_id, stations, _stale(bureau_id, Span.FLOW, wanted, at=at), at=at)
    for period in periods:
        if period.first_on <= today and _stale(bureau_id, period.span, [period.first_on], at=at):
            _count_span(bureau_id, stations, period, at=at)
    return True


def count_dirty(*, at: datetime) -> int:
    """Count what is marked, for every bureau with marks; returns how many were counted."""
    bureaus = DirtyCase.objects.order_by("bureau_id").values_list("bureau_id", flat=True).distinct()
    return sum(_count_shown(bureau_id, at=at) for bureau_id in bureaus)


def recount(*, at: datetime) -> int:
    """Count the last two months of every bureau anew, marks or not (the nightly recount)."""
    bureaus = list(Unit.objects.filter(kind=UnitKind.BUREAU).order_by("id").values_list("pk", flat=True))
    since = beijing_date(at) - SHOWN_WITHIN
    Counted.objects.filter(bureau__in=bureaus, first_on__gte=since).update(is_stale=True)
    return sum(_count_shown(bureau_id, at=at) for bureau_id in bureaus)


def _count_shown(bureau_id: int, *, at: datetime) -> bool:
    today = beijing_date(at)
    periods = [period_of(span, today) for span in ("day", "week", "month")]
    days = [today - timedelta(days=number) for number in range(SHOWN_WITHIN.days)]
    return count(bureau_id, periods, days, at=at)


def stations_of(bureau_id: int) -> list[int]:
    """Ids of the stations the bureau's figures are kept for."""
    rows = Unit.objects.filter(kind=UnitKind.STATION, bureau=bureau_id)
    return list(rows.order_by("code").values_list("pk", flat=True))


def _is_only_counter(bureau_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [COUNT_LOCK, bureau_id])
        return bool(cursor.fetchone()[0])


def _drain(bureau_id: int, *, at: datetime) -> None:
    """Turn the marks into stale days. A mark of a transaction still running stays for the next count."""
    marks = list(DirtyCase.objects.filter(bureau=bureau_id).values_list("pk", "case_id"))
    if not marks:
        return
    days = days_of({case_id for _, case_id in marks})
    rows = Counted.objects.filter(bureau=bureau_id)
    rows.filter(span=Span.FLOW, first_on__in=days).update(is_stale=True)
    # Spans read the timeline, which only grows: what is over can change by a late correction alone.
    since = beijing_date(at) - SHOWN_WITHIN
    rows.exclude(span=Span.FLOW).filter(first_on__gte=since).update(is_stale=True)
    DirtyCase.objects.filter(pk__in=[pk for pk, _ in marks]).delete()


def days_of(case_ids: Collection[int]) -> set[date]:
    """Every day on which one of the cases may be counted in a figure."""
    sources = {(spec.model, spec.day): spec for spec in FACTS.values()}
    days: set[date] = set()
    for (model, column), spec in sources.items():
        rows = model._default_manager.filter(**{f"{spec.case}__in": case_ids, f"{column}__isnull": False})
        days.update(rows.order_by().values_list(TruncDate(column, tzinfo=BEIJING), flat=True).distinct())
    return days


def _stale(bureau_id: int, span: str, days: Collection[date], *, at: datetime) -> list[date]:
    """Those of the days (first days of a span) that must be counted: never yet, marked, or still going on."""
    rows = Counted.objects.filter(bureau=bureau_id, span=span, first_on__in=days, is_stale=False)
    kind = "day" if span == Span.FLOW else span
    fresh = {
        row.first_on
        for row in rows
        if row.counted_at >= period_of(kind, row.first_on).end_at or at - row.counted_at < FRESH_WITHIN
    }
    return sorted(set(days) - fresh)


def _count_days(bureau_id: int, stations: list[int], days: list[date], *, at: datetime) -> None:
    if not days:
        return
    wanted = set(days)
    found: list[DayFigure] = []
    for spec in FACTS.values():
        for station_id, day, number in _grouped(spec, stations, days, at=at):
            if day in wanted:
                found.append(
                    DayFigure(
                        bureau_id=bureau_id, station_id=station_id, span=Span.FLOW, day=day,
                        figure=spec.code, value=number,
                    )
                )  # fmt: skip
    _replace(bureau_id, Span.FLOW, days, found, at=at)


def _grouped(
    spec: FactSpec, stations: list[int], days: list[date], *, at: datetime
) -> Iterable[tuple[int, date, int]]:
    within = Q()
    for start, end in ranges_of(days):
        within |= Q(**{f"{spec.day}__gte": start, f"{spec.day}__lt": end})
    rows = spec.rows(at).filter(within, **{f"{spec.station}__in": stations})
    day = TruncDate(spec.day, tzinfo=BEIJING)
    grouped: Iterable[tuple[int, date, int]] = (
        rows.order_by().annotate(on=day).values_list(spec.station, "on").annotate(number=Count("pk"))
    )
    return grouped


def _count_span(bureau_id: int, stations: list[int], period: Period, *, at: datetime) -> None:
    until = period.until(at)
    left = open_at(stations, as_of=until).values("pk")
    rows = due_in(stations, period.start_at, until).order_by().values("station_id")
    counted = rows.annotate(due=Count("pk"), left=Count("pk", filter=Q(pk__in=left)))
    found = [
        DayFigure(
            bureau_id=bureau_id, station_id=row["station_id"], span=period.span, day=period.first_on,
            figure=figure, value=value,
        )
        for row in counted
        for figure, value in (
            ("due", row["due"]), ("cleared", row["due"] - row["left"]), ("left", row["left"]),
        )
    ]  # fmt: skip
    _replace(bureau_id, period.span, [period.first_on], found, at=at)


def _replace(bureau_id: int, span: str, days: list[date], found: list[DayFigure], *, at: datetime) -> None:
    DayFigure.objects.filter(bureau=bureau_id, span=span, day__in=days).delete()
    DayFigure.objects.bulk_create(found, batch_size=2000)
    Counted.objects.bulk_create(
        [Counted(bureau_id=bureau_id, span=span, first_on=day, counted_at=at) for day in days],
        update_conflicts=True,
        unique_fields=["bureau", "span", "first_on"],
        update_fields=["counted_at", "is_stale"],
    )
