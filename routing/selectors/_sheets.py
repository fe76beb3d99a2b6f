"""The morning sheet: what stands on it, which are missing, what was corrected since."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Max, Q, QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.cases import clock_table
from dispute_hub.cases.models import Case, CaseEvent, Party, Status
from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.time import BEIJING, beijing_date, day_bounds
from routing.models import DailySheet, DailySheetRow, ShiftHandover
from routing.selectors import _counts as counts
from triage import selectors as triage

Section = DailySheetRow.Section
FREEZES_AT = time(8, 0)
# What brings a case into a day after its sheet: it arrived late, or was no dispute then.
TOLD_LATE = ("alert.received", "case.scene", "case.tracking")
# A sheet that beat missed is still issued on the next days; older ones are for a person to look into.
MISSING_WITHIN_DAYS = 3
SECTIONS_SINCE_MIDNIGHT = (Section.NEW, Section.SETTLED_AT_RISK, Section.REPEATS)


@dataclass(frozen=True, slots=True)
class Correction:
    """更正: a case of the sheet that was set aside after the freeze."""

    case_no: str
    at: datetime
    text: str


def freezes_at(sheet_on: date) -> datetime:
    """08:00 Beijing of the sheet's morning."""
    return datetime.combine(sheet_on, FREEZES_AT, BEIJING)


def sections_of(
    station_id: int,
    start: datetime,
    end: datetime,
    *,
    due_on: date,
    as_of: datetime,
    only: Collection[str] = Section.values,
) -> dict[str, list[Case]]:
    """The cases of each section for the span, oldest first; one query a section."""
    stations = [station_id]
    due_start, due_end = day_bounds(due_on)
    found: dict[str, QuerySet[Case]] = {
        Section.NEW: counts.new_in(stations, start, end, as_of=as_of),
        Section.UNSETTLED: counts.unsettled_at(stations, as_of=as_of),
        Section.SETTLED_AT_RISK: counts.settled_at_risk_in(stations, start, end),
        Section.REPEATS: counts.repeated_in(stations, start, end),
        Section.DUE_TODAY: counts.due_in(stations, due_start, due_end, as_of=as_of),
        Section.OVERDUE: counts.overdue_at(stations, as_of=as_of),
    }
    return {
        section: list(_with_people(counts.oldest_first(cases).annotate(was=counts.status_as_of(as_of))))
        for section, cases in found.items()
        if section in only
    }


def _with_people(cases: QuerySet[Case]) -> QuerySet[Case]:
    return cases.select_related("holder_unit", "holder_post__user", "holder_post__unit")


def rows_of(cases: Iterable[Case], section: str, *, as_of: datetime) -> list[DailySheetRow]:
    """Unsaved rows that say how each case stood at the cut-off; three queries however many cases."""
    cases = list(cases)
    ids = [case.pk for case in cases]
    # Under 今日到期 stands the clock that ends today, not one that is already over.
    due_from = as_of if section == Section.DUE_TODAY else None
    clocks = counts.next_due(ids, as_of=as_of, due_from=due_from)
    named: dict[int, list[str]] = {}
    for party in Party.objects.filter(case__in=ids).order_by("id"):
        named.setdefault(party.case_id, []).append(party.shown_name(clear=True))
    rows = []
    for position, case in enumerate(cases, 1):
        clock = clocks.get(case.pk)
        rows.append(
            DailySheetRow(
                section=section,
                position=position,
                case=case,
                case_no=case.case_no,
                colour=case.colour,
                level=case.level,
                status=getattr(case, "was", case.status),
                title=case.title,
                address=case.address,
                parties="、".join(named.get(case.pk, [])[:4]),
                item_name=triage.item_name(case.item_code)[:60] if case.item_code else "",
                holder_label=str(case.holder_post or case.holder_unit or "")[:160],
                alerts_count=case.alerts_count,
                opened_at=case.opened_at,
                days_open=max(0, (beijing_date(as_of) - beijing_date(case.opened_at)).days),
                clock_name=clock_table.name_of(clock.kind) if clock else "",
                due_at=clock.due_at if clock else None,
            )
        )
    return rows


def sheets_visible_to(actor: PostActor, *, at: datetime) -> QuerySet[DailySheet]:
    """Sheets of the own station; the bureau's post sees those of its stations."""
    policy.require(actor, "sheet.read", at=at)
    rows = DailySheet.objects.select_related("station", "signed_by__user", "signed_by__unit")
    if actor.role == Role.BUREAU:
        return rows.filter(station__bureau=actor.post.unit_id)
    return rows.filter(station=actor.post.unit_id)


def get_sheet(actor: PostActor, station_code: str, sheet_on: date, *, at: datetime) -> DailySheet:
    """One sheet; OutOfScope (404) when it was never issued or belongs to another station, alike."""
    found = sheets_visible_to(actor, at=at).filter(station__code=station_code, sheet_on=sheet_on).first()
    if found is None:
        raise OutOfScope("没有找到该日的每日汇总，或不在当前岗位的查看范围内。")
    return found


def stations_for(actor: PostActor, *, at: datetime) -> list[Unit]:
    """The stations whose sheets the post may open, its own first."""
    policy.require(actor, "sheet.read", at=at)
    units = Unit.objects.filter(kind=UnitKind.STATION, is_active=True).order_by("code")
    if actor.role == Role.BUREAU:
        return list(units.filter(bureau=actor.post.unit_id))
    return list(units.filter(pk=actor.post.unit_id))


def since_midnight(station_id: int, sheet_on: date, *, at: datetime) -> dict[str, list[DailySheetRow]]:
    """今日凌晨补充: 00:00 until the hand-over is signed (live before), counted tomorrow."""
    start, _ = day_bounds(sheet_on)
    handover = ShiftHandover.objects.filter(station=station_id, shift_on=sheet_on).first()
    until = handover.incoming_signed_at if handover and handover.incoming_signed_at else at
    only = SECTIONS_SINCE_MIDNIGHT
    found = sections_of(station_id, start, until, due_on=sheet_on, as_of=until, only=only)
    return {section: rows_of(cases, section, as_of=until) for section, cases in found.items()}


def corrections(sheet: DailySheet) -> list[Correction]:
    """更正: cases of the sheet set aside since; the frozen figures stay, this stands beside them."""
    kinds = {f"case.{status.value}": status for status in counts.SET_ASIDE}
    events = (
        CaseEvent.objects.filter(kind__in=kinds, at__gte=sheet.cut_off_at)
        .filter(case__in=DailySheetRow.objects.filter(sheet=sheet).values("case_id"))
        .select_related("case")
        .order_by("id")
    )
    lines = [
        Correction(event.case.case_no, event.at, f"更正为“{Status(kinds[event.kind]).label}”")
        for event in events
    ]
    return sorted([*lines, *_counted_late(sheet)], key=lambda line: line.at)


def _counted_late(sheet: DailySheet) -> list[Correction]:
    """Cases of the sheet's day that came, or came back to be disputes, only after the freeze."""
    start, end = day_bounds(sheet.sheet_on - timedelta(days=1))
    missing = counts.disputes([sheet.station_id]).filter(opened_at__gte=start, opened_at__lt=end)
    missing = missing.exclude(status__in=counts.SET_ASIDE).exclude(
        pk__in=DailySheetRow.objects.filter(sheet=sheet, section=Section.NEW).values("case_id")
    )
    told = missing.annotate(told_at=Max("events__at", filter=Q(events__kind__in=TOLD_LATE)))
    return [
        Correction(case.case_no, case.told_at or sheet.issued_at, "冻结后计入：统计时段内接报")
        for case in told.order_by("id")
    ]


def missing_sheets(*, at: datetime) -> list[tuple[Unit, date]]:
    """Stations and mornings of the last days whose sheet is due and not issued, oldest first."""
    today = beijing_date(at)
    mornings = [today - timedelta(days=back) for back in range(MISSING_WITHIN_DAYS - 1, -1, -1)]
    mornings = [morning for morning in mornings if freezes_at(morning) <= at]
    issued = set(DailySheet.objects.filter(sheet_on__in=mornings).values_list("station_id", "sheet_on"))
    stations = list(Unit.objects.filter(kind=UnitKind.STATION, is_active=True).order_by("id"))
    return [
        (station, morning)
        for morning in mornings
        for station in stations
        if (station.pk, morning) not in issued
    ]
