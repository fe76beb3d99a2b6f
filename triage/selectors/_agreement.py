"""Where people and engine agree: engine colour × colour people left, misses first, items confirmed.

One month at a time: the cost follows the month, not the years before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import Case as Choose
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.cases.models import GRAVITY, Case, CaseEvent, Status
from dispute_hub.cases.selectors import SCOPE_COLUMN
from dispute_hub.common.errors import Invalid, OutOfScope
from dispute_hub.common.time import beijing_date, day_bounds
from intake.models import Alert
from triage.models import Assessment, Regrade
from triage.selectors._assessments import Card, card_of, latest_many
from triage.selectors._matters import item_name

COLOURS: Final = ("red", "orange", "yellow", "blue", "")
NO_COLOUR: Final = "none"
MOST_MONTHS: Final = 12
MOST_PAIRS: Final = 10
MOST_MISSES: Final = 20
# Their colour says nothing about a dispute: nobody called, or it lives on in another case.
DROPPED: Final = (Status.VOID, Status.ABSORBED)
FILED: Final = ("case_file.accepted", "case_file.detained", "case_file.released", "case_file.decided")


@dataclass(frozen=True, slots=True)
class Span:
    """A month of the cases a post may count: of its station or bureau, or of one station of it."""

    column: str
    unit_id: int
    month: date
    station: Unit | None
    stations: list[Unit]

    @property
    def months(self) -> list[str]:
        """The months to choose from, the chosen one among them, the latest first."""
        return sorted({f"{self.month:%Y-%m}", *_back_from(self.month)}, reverse=True)

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        return day_bounds(self.month)[0], day_bounds(_next(self.month))[0]


@dataclass(frozen=True, slots=True)
class Cell:
    """How many cases the engine had at one colour and people left at another."""

    engine: str
    human: str
    count: int

    @property
    def query(self) -> str:
        return f"engine={self.engine or NO_COLOUR}&human={self.human or NO_COLOUR}"

    @property
    def move(self) -> str:
        one, other = GRAVITY[self.engine], GRAVITY[self.human]
        return "same" if one == other else ("up" if other > one else "down")


@dataclass(frozen=True, slots=True)
class Agreement:
    """The figures of a span. Red is true where people left it red or it became a criminal case."""

    groups: tuple[dict[str, Any], ...]

    def _sum(self, **wanted: Any) -> int:
        return sum(
            row["number"] for row in self.groups if all(row[name] == value for name, value in wanted.items())
        )

    @property
    def total(self) -> int:
        return self._sum()

    @property
    def overridden(self) -> int:
        return self._sum(overridden=True)

    @property
    def engine_reds(self) -> int:
        return self._sum(engine="red")

    @property
    def kept_reds(self) -> int:
        return self._sum(engine="red", colour="red")

    @property
    def true_reds(self) -> int:
        return sum(row["number"] for row in self.groups if _is_true_red(row))

    @property
    def found_reds(self) -> int:
        return sum(row["number"] for row in self.groups if _is_true_red(row) and row["engine"] == "red")

    @property
    def missed_reds(self) -> int:
        return self.true_reds - self.found_reds

    @property
    def files(self) -> int:
        return self._sum(filed=True)

    @property
    def filed(self) -> tuple[tuple[str, int, int], ...]:
        """Cases that got a file, by the engine's colour: colour, all, criminal ones among them."""
        return tuple(
            (colour, self._sum(engine=colour, filed=True), self._sum(engine=colour, criminal=True))
            for colour in COLOURS
        )

    @property
    def rows(self) -> list[tuple[str, list[Cell], int]]:
        """The matrix, the gravest first: engine colour, its cells by people's colour, their sum."""
        return [
            (engine, [Cell(engine, human, self._sum(engine=engine, colour=human)) for human in COLOURS],
             self._sum(engine=engine))
            for engine in COLOURS
        ]  # fmt: skip

    def of_station(self, station_id: int) -> Agreement:
        return Agreement(tuple(row for row in self.groups if row["station_id"] == station_id))


@dataclass(frozen=True, slots=True)
class Items:
    """Items of the engine against those officers confirmed: how many, how many alike, what differs most."""

    total: int
    same: int
    same_class: int
    pairs: list[tuple[str, str, int]]


@dataclass(frozen=True, slots=True)
class Miss:
    """A red the engine had below: the case, what its newest narrative says, what was found in it."""

    case: Case
    card: Card | None


def span_of(actor: PostActor, *, month: str, station: str, at: datetime) -> Span:
    """The span an address asks for; "" is this month, and every station in reach.

    Raises Invalid (400) for a month that is none, OutOfScope (404) for a station out of reach.
    """
    column = SCOPE_COLUMN[Role(actor.role)]
    first = _month(month) if month else beijing_date(at).replace(day=1)
    own = Q(pk=actor.unit.pk) if column == "station_id" else Q(bureau=actor.unit.pk)
    stations = list(Unit.objects.filter(own, kind=UnitKind.STATION).order_by("code"))
    chosen = next((unit for unit in stations if unit.code == station), None)
    if station and chosen is None:
        raise OutOfScope("没有找到该单位，或不在当前岗位的查看范围内。")
    return Span(column, actor.unit.pk, first, chosen, stations)


def agreement(span: Span) -> Agreement:
    """Engine colour × people's colour by station; one query over the cases opened in the month."""
    rows = _judged(span).values("station_id", "engine", "colour", "overridden", "filed", "criminal")
    return Agreement(tuple(rows.annotate(number=Count("id")).order_by()))


def agreement_rows(span: Span, *, engine: str, human: str) -> QuerySet[Case]:
    """The cases behind one cell; page them by `-opened_at, -id`. Raises Invalid (400) for no such cell."""
    rows = _judged(span).filter(engine=_colour(engine), colour=_colour(human))
    return rows.select_related("station").order_by("-opened_at", "-id")


def missed_reds(span: Span) -> list[Miss]:
    """The newest reds the engine had below, at most twenty; three queries. Narratives are masked."""
    true = Q(colour="red") | Q(criminal=True)
    rows = _judged(span).filter(true).exclude(engine="red").select_related("station")
    found = list(rows.order_by("-opened_at", "-id")[:MOST_MISSES])
    alerts = Alert.objects.filter(case__in=found).order_by("case_id", "received_at", "id").distinct("case_id")
    first = {alert.case_id: alert for alert in alerts.only("case_id", "narrative")}
    judged = latest_many(case.pk for case in found)
    return [Miss(case, _card(judged.get(case.pk), first.get(case.pk))) for case in found]


def items_confirmed(span: Span) -> Items:
    """What officers confirmed of the alerts of the month beside the engine's items; one query."""
    since, until = span.bounds
    scope = {"station": span.station} if span.station else {span.column: span.unit_id}
    newest = Assessment.objects.filter(alert=OuterRef("pk"), failed=False).order_by("-id")
    rows = (
        Alert.objects.filter(**scope, received_at__gte=since, received_at__lt=until)
        .exclude(confirmed_item="")
        .annotate(engine_item=Subquery(newest.values("item_code")[:1]))
        .exclude(engine_item=None)
        .values_list("engine_item", "confirmed_item")
        .annotate(number=Count("id"))
        .order_by("-number", "engine_item", "confirmed_item")
    )
    return _items(rows)


def _items(rows: Iterable[tuple[Any, ...]]) -> Items:
    found = list(rows)
    differ = [(item_name(one), item_name(other), number) for one, other, number in found if one != other]
    return Items(
        total=sum(number for *_, number in found),
        same=sum(number for one, other, number in found if one == other),
        same_class=sum(number for one, other, number in found if one[:3] == other[:3]),
        pairs=differ[:MOST_PAIRS],
    )


def _judged(span: Span) -> QuerySet[Any, Any]:
    """Cases of the span with `engine`, `overridden`, `filed`, `criminal`.

    Only a person moves a case away from the engine's colour, so only where one did the assessments are
    looked at.
    """
    since, until = span.bounds
    scope = {"station": span.station} if span.station else {span.column: span.unit_id}
    by_people = Regrade.objects.filter(
        case=OuterRef("pk"), kind=Regrade.Kind.COLOUR, status=Regrade.Status.APPROVED
    )
    gravest = Assessment.objects.filter(case=OuterRef("pk"), failed=False).annotate(gravity=_gravity())
    files = CaseEvent.objects.filter(case=OuterRef("pk"), kind__in=FILED)
    crime = files.filter(Q(data__kind="criminal") | Q(data__decision="criminal"))
    rows = Case.objects.filter(**scope, opened_at__gte=since, opened_at__lt=until)
    return rows.exclude(status__in=DROPPED).annotate(
        overridden=Exists(by_people),
        engine=Choose(
            When(Exists(by_people), then=Subquery(gravest.order_by("-gravity").values("colour")[:1])),
            default=F("colour"),
            output_field=CharField(),
        ),
        filed=Exists(files),
        criminal=Exists(crime),
    )


def _gravity() -> Choose:
    return Choose(*(When(colour=code, then=Value(weight)) for code, weight in GRAVITY.items()))


def _is_true_red(row: dict[str, Any]) -> bool:
    return row["colour"] == "red" or bool(row["criminal"])


def _card(assessment: Assessment | None, alert: Alert | None) -> Card | None:
    if assessment is None:
        return None
    if assessment.alert_id is None or (alert is not None and assessment.alert_id == alert.pk):
        assessment.alert = alert
    return card_of(assessment, clear=False)


def _colour(word: str) -> str:
    colour = "" if word == NO_COLOUR else word
    if colour not in COLOURS or not word:
        raise Invalid("没有这种预警色，请从对照表进入。", code="bad_colour", status=400)
    return colour


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Invalid("月份有误，请从列表中选择。", code="bad_month", status=400) from error


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _back_from(month: date) -> list[str]:
    numbers = (month.year * 12 + month.month - 1 - back for back in range(MOST_MONTHS))
    return [f"{number // 12}-{number % 12 + 1:02d}" for number in numbers]
