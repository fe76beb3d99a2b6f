"""The clearance board: figures of a period from the roll-ups, with base and comparison."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Case as Choice
from django.db.models import Count, Exists, IntegerField, OuterRef, Q, Sum, When

from dispute_hub.accounts.models import Unit
from dispute_hub.cases.models import Case, Colour, Standstill
from reports.facts import FACTS, RATES, SPAN_FIGURES
from reports.models import Counted, DayFigure
from reports.periods import Period
from reports.selectors._territory import Territory
from reports.span_rows import unsettled_now

Flow = Counted.Span.FLOW
TREND_WITHIN: Final = timedelta(days=30)
# Upper ends of the ages in days; the last is open.
AGES: Final = ((1, "1天内"), (3, "1—3天"), (7, "3—7天"), (15, "7—15天"), (30, "15—30天"), (0, "30天以上"))
MOST_REDS: Final = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its base. `now`, `before` and `year` are those of the compared periods."""

    code: str
    name: str
    base: str
    is_rate: bool
    now: float | None
    before: float | None
    year: float | None
    parts: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One station: 应清, 已清, 未清 and the rate in percent (None when nothing was due)."""

    unit: Unit | None
    due: int
    cleared: int
    left: int

    @property
    def rate(self) -> float | None:
        return percent(self.cleared, self.due)


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the board shows; `as_of` is None before the first count."""

    period: Period
    territory: Territory
    as_of: datetime | None
    figures: dict[str, Figure]
    heat: list[HeatRow]
    total: HeatRow
    trend: dict[str, list[int]]
    trend_days: list[date]
    ages: list[tuple[str, int]]
    unsettled: int
    reds: list[Case]

    @property
    def reds_on_wall(self) -> list[Case]:
        """Without what is commanded as an emergency: nothing of it stands on a wall (handbook 4)."""
        return [case for case in self.reds if not case.is_stopped]  # type: ignore[attr-defined]


def shown_days(period: Period) -> list[date]:
    """The days of the trend, ending with the period."""
    count = TREND_WITHIN.days
    return [period.last_on - timedelta(days=number) for number in reversed(range(count))]


def compared(period: Period) -> list[Period]:
    """The period, the one before it (环比) and the one a year before (同比)."""
    return [period, period.before(), period.year_before()]


def board(territory: Territory, period: Period, *, at: datetime) -> Board:
    """The board of a territory as last counted; seven queries whatever the number of cases."""
    spans = compared(period)
    flows = _flows(territory, spans)
    due = _span_values(territory, spans)
    heat = [_heat(unit, due.get((unit.pk, period.first_on), {})) for unit in territory.shown]
    days = shown_days(period)
    ages = _ages(territory, at=at)
    return Board(
        period=period,
        territory=territory,
        as_of=as_of(territory.bureau_id, period),
        figures=_figures(flows, [_summed(due.items(), span.first_on) for span in spans], period),
        heat=heat,
        total=HeatRow(
            None,
            sum(row.due for row in heat),
            sum(row.cleared for row in heat),
            sum(row.left for row in heat),
        ),
        trend=_trend(territory, days),
        trend_days=days,
        ages=ages,
        unsettled=sum(number for _, number in ages),
        reds=_reds(territory),
    )


def as_of(bureau_id: int, period: Period) -> datetime | None:
    """The instant the period's newest figures were counted (数据截至)."""
    days = (period.first_on, period.last_on)
    rows = Counted.objects.filter(bureau=bureau_id, span=Flow, first_on__range=days)
    found = rows.order_by("-first_on").first()
    return found.counted_at if found else None


def percent(top: int, bottom: int) -> float | None:
    """A rate in percent, one decimal; None without a base."""
    return round(100 * top / bottom, 1) if bottom else None


def change_of(figure: Figure, then: float | None) -> str:
    """同比/环比: counts in percent, rates in percentage points; "—" where then was nothing (handbook 11)."""
    if figure.now is None or then is None:
        return "—"
    if figure.is_rate:
        return f"{figure.now - then:+.1f}个百分点"
    return f"{100 * (figure.now - then) / then:+.1f}%" if then else "—"


def _flows(territory: Territory, spans: list[Period]) -> list[dict[str, int]]:
    """Sums of the flow figures in each period; one query."""
    rows = DayFigure.objects.filter(
        bureau=territory.bureau_id, span=Flow, station__in=territory.station_ids
    ).filter(_any(Q(day__range=(span.first_on, span.last_on)) for span in spans))
    sums = {
        f"sum_{place}": Sum("value", filter=Q(day__range=(span.first_on, span.last_on)))
        for place, span in enumerate(spans)
    }
    grouped: Any = rows.order_by().values("figure").annotate(**sums)
    found = list(grouped)
    return [{row["figure"]: row[f"sum_{place}"] or 0 for row in found} for place in range(len(spans))]


def _span_values(territory: Territory, spans: list[Period]) -> dict[tuple[int, date], dict[str, int]]:
    rows = DayFigure.objects.filter(
        bureau=territory.bureau_id,
        span=spans[0].span,
        day__in=[span.first_on for span in spans],
        station__in=territory.station_ids,
    )
    found: dict[tuple[int, date], dict[str, int]] = {}
    for station_id, day, figure, value in rows.values_list("station_id", "day", "figure", "value"):
        found.setdefault((station_id, day), {})[figure] = value
    return found


def _summed(values: Iterable[tuple[tuple[int, date], Mapping[str, int]]], day: date) -> dict[str, int]:
    sums = dict.fromkeys(SPAN_FIGURES, 0)
    for (_, first_on), figures in values:
        for code, value in figures.items() if first_on == day else ():
            sums[code] += value
    return sums


def _heat(unit: Unit, values: Mapping[str, int]) -> HeatRow:
    return HeatRow(unit, values.get("due", 0), values.get("cleared", 0), values.get("left", 0))


def _figures(flows: list[dict[str, int]], due: list[dict[str, int]], period: Period) -> dict[str, Figure]:
    found = {}
    for code, spec in FACTS.items():
        now, before, year = (flow.get(code, 0) for flow in flows)
        found[code] = Figure(code, spec.name, spec.base, False, now, before, year)
    for code, rate in RATES.items():
        parts = [(flow.get(rate.top, 0), flow.get(rate.bottom, 0)) for flow in flows]
        found[code] = _rate(code, rate.name, rate.base, parts)
    for code, (name, base) in SPAN_FIGURES.items():
        now, before, year = (one[code] for one in due)
        found[code] = Figure(code, name, base, False, now, before, year)
    name = {"day": "日清零率", "week": "周清零率", "month": "月清零率"}[period.span]
    base = f"已清 ÷ 应清；应清：{SPAN_FIGURES['due'][1]}"
    parts = [(one["cleared"], one["due"]) for one in due]
    return found | {"clearance_rate": _rate("clearance_rate", name, base, parts)}


def _rate(code: str, name: str, base: str, parts: list[tuple[int, int]]) -> Figure:
    """A rate of the three compared periods from its counts."""
    now, before, year = (percent(*pair) for pair in parts)
    return Figure(code, name, base, True, now, before, year, parts[0])


def _trend(territory: Territory, days: list[date]) -> dict[str, list[int]]:
    """Dispute alerts by colour and day; one query."""
    rows = DayFigure.objects.filter(
        bureau=territory.bureau_id,
        span=Flow,
        station__in=territory.station_ids,
        day__range=(days[0], days[-1]),
        figure__in=[f"alerts_{colour.value}" for colour in Colour],
    )
    found: dict[tuple[str, date], int] = {
        (row["figure"], row["day"]): row["number"]
        for row in rows.order_by().values("figure", "day").annotate(number=Sum("value"))
    }
    return {
        colour.value: [found.get((f"alerts_{colour.value}", day), 0) for day in days] for colour in Colour
    }


def _ages(territory: Territory, *, at: datetime) -> list[tuple[str, int]]:
    """How long what is open has been open; one query over the open cases only."""
    bounds = [at - timedelta(days=days) for days, _ in AGES if days]
    age = Choice(
        *(When(opened_at__gt=bound, then=place) for place, bound in enumerate(bounds)),
        default=len(bounds),
        output_field=IntegerField(),
    )
    rows = unsettled_now(territory.station_ids).order_by().annotate(age=age).values("age")
    found = {row["age"]: row["number"] for row in rows.annotate(number=Count("pk"))}
    return [(name, found.get(place, 0)) for place, (_, name) in enumerate(AGES)]


def _reds(territory: Territory) -> list[Case]:
    rows = unsettled_now(territory.station_ids).filter(colour=Colour.RED).select_related("station")
    still = Standstill.objects.filter(case=OuterRef("pk"), ended_at__isnull=True)
    return list(rows.annotate(is_stopped=Exists(still)).order_by("opened_at", "id")[:MOST_REDS])


def _any(conditions: Iterable[Q]) -> Q:
    found = Q()
    for condition in conditions:
        found |= condition
    return found


def as_answer(shown: Board) -> dict[str, Any]:
    """The board as `GET /reports/clearance/` tells it."""
    return {
        "period": shown.period.span,
        "first_on": shown.period.first_on,
        "last_on": shown.period.last_on,
        "as_of": shown.as_of,
        "stations": [
            {
                "code": row.unit.code,
                "name": row.unit.name,
                "due": row.due,
                "cleared": row.cleared,
                "left": row.left,
                "rate": row.rate,
            }
            for row in shown.heat
            if row.unit is not None
        ],
        "total": {
            "due": shown.total.due,
            "cleared": shown.total.cleared,
            "left": shown.total.left,
            "rate": shown.total.rate,
        },
        "unsettled": shown.unsettled,
        "figures": [
            {
                "code": figure.code,
                "name": figure.name,
                "base": figure.base,
                "value": figure.now,
                "before": figure.before,
                "year_before": figure.year,
                "numerator": figure.parts[0] if figure.is_rate else None,
                "denominator": figure.parts[1] if figure.is_rate else None,
            }
            for figure in shown.figures.values()
        ],
    }
