"""The morning sheet as a page shows it: head, figures, sections, part two, corrections, hand-over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Post, Role, Unit
from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.time import beijing_date
from routing.models import DailySheet, DailySheetRow
from routing.selectors import _handovers as handovers
from routing.selectors import _sheets as sheets

Section = DailySheetRow.Section
BASES = {
    Section.NEW: "昨日 00:00–24:00 新立纠纷案件，不含非纠纷、无效、已并入",
    Section.UNSETTLED: "截至昨日 24:00 仍未化解的纠纷案件",
    Section.SETTLED_AT_RISK: "昨日反馈“已化解仍有隐患”的案件",
    Section.REPEATS: "昨日再次报警的案件（90 日内第二次及以上）",
    Section.DUE_TODAY: "今日 24:00 前有时限到期的案件",
    Section.OVERDUE: "截至昨日 24:00 已有时限超期的案件",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of the head, opening the rows behind it."""

    label: str
    value: int
    base: str
    change: str
    url: str


@dataclass(frozen=True, slots=True)
class SectionRows:
    """One section with its rows; counts equal rows."""

    code: str
    title: str
    rows: list[DailySheetRow]


def station_asked(actor: PostActor, code: str, *, at: datetime) -> Unit:
    """The station whose sheet is asked for: the own one, or one of the bureau's by its code."""
    stations = sheets.stations_for(actor, at=at)
    for station in stations:
        if not code or station.code == code:
            return station
    raise OutOfScope("没有找到该派出所，或不在当前岗位的查看范围内。")


def sheet_page(actor: PostActor, station: Unit, sheet_on: date, *, at: datetime) -> dict[str, Any]:
    """Everything the page and the print view show; the number of queries does not grow with the rows."""
    visible = sheets.sheets_visible_to(actor, at=at)
    sheet = visible.filter(station=station, sheet_on=sheet_on).first()
    is_today = sheet_on == beijing_date(at)
    return {
        "sheet": sheet,
        "station": station,
        "stations": sheets.stations_for(actor, at=at) if actor.role == Role.BUREAU else [],
        "sheet_on": sheet_on,
        "covers_on": sheet_on - timedelta(days=1),
        "before_on": sheet_on - timedelta(days=1),
        "after_on": sheet_on + timedelta(days=1) if sheet_on < beijing_date(at) else None,
        "freezes_at": sheets.freezes_at(sheet_on),
        "is_today": is_today,
        "figures": _figures(sheet) if sheet else [],
        "sections": _sections(_stored(sheet)) if sheet else [],
        "part_two": _part_two(station, sheet_on, at) if is_today else [],
        "corrections": sheets.corrections(sheet) if sheet else [],
        "handover": handovers.handover_of(station.pk, sheet_on),
        "officers": officers_of(station.pk, at=at),
        "may_sign": sheet is not None and sheet.signed_at is None and _may(actor, "sheet.sign", station, at),
        "may_act": sheet is not None and _may(actor, "case.assign", station, at),
    }


def _may(actor: PostActor, act: str, station: Unit, at: datetime) -> bool:
    leads = act in policy.BY_DUTY_LEADER and people.leads_duty(actor.post, at)
    return actor.post.unit_id == station.pk and (policy.allows(actor.role, act) or leads)


def _stored(sheet: DailySheet) -> Iterable[DailySheetRow]:
    rows = DailySheetRow.objects.filter(sheet=sheet).select_related("assigned_to__user")
    return rows.order_by("section", "position")


def _sections(rows: Iterable[DailySheetRow]) -> list[SectionRows]:
    found: dict[str, list[DailySheetRow]] = {code: [] for code in Section.values}
    for row in rows:
        found[row.section].append(row)
    return [SectionRows(code, Section(code).label, found[code]) for code in Section.values]


def _part_two(station: Unit, sheet_on: date, at: datetime) -> list[SectionRows]:
    found = sheets.since_midnight(station.pk, sheet_on, at=at)
    return [SectionRows(code, Section(code).label, rows) for code, rows in found.items()]


def _figures(sheet: DailySheet) -> list[Figure]:
    figures = []
    for code in Section.values:
        now, before = sheet.figures.get(code, 0), sheet.figures_before.get(code)
        change = (
            "上日无汇总" if before is None else f"较上日 {now - before:+d}" if now != before else "与上日持平"
        )
        figures.append(Figure(Section(code).label, now, BASES[Section(code)], change, f"#sheet-{code}"))
    return figures


def officers_of(station_id: int, *, at: datetime) -> list[Post]:
    """Whom the chief may assign a tracked case to: responsible officers of the station's areas."""
    return list(assignable_posts(station_id, at=at).filter(role=Role.COMMUNITY_OFFICER))


def assignable_posts(station_id: int | None, *, at: datetime) -> QuerySet[Post]:
    """Whom a case may be given to: the station's responsible officers first, then its other officers."""
    mine = Q(unit=station_id) | Q(unit__parent=station_id)
    posts = people.live_posts(at).filter(mine, role__in=[Role.COMMUNITY_OFFICER, Role.OFFICER])
    return posts.filter(user__is_auxiliary=False).order_by("role", "id")


def get_row(actor: PostActor, sheet_on: date, row_id: int, *, at: datetime) -> DailySheetRow:
    """One row of the own station's sheet, or OutOfScope."""
    visible = sheets.sheets_visible_to(actor, at=at).filter(sheet_on=sheet_on)
    rows = DailySheetRow.objects.select_related("sheet", "case__station", "assigned_to__user")
    row = rows.filter(sheet__in=visible, pk=row_id).first()
    if row is None:
        raise OutOfScope("没有找到该行，或不在当前岗位的查看范围内。")
    return row


def results_page(sheet: DailySheet, results: Sequence[Any], *, undoes: str) -> dict[str, Any]:
    """What became of each row, the rows as they are now in every section, and what may be taken back."""
    done = [result.row_id for result in results if result.done]
    touched = DailySheetRow.objects.filter(pk__in=done).values("case_id")
    rows = DailySheetRow.objects.filter(sheet=sheet, case__in=touched).select_related("assigned_to__user")
    return {
        "results": results,
        "refused": [result for result in results if not result.done],
        "done": done,
        "undoes": undoes,
        "rows": rows,
        "sheet_on": sheet.sheet_on,
        "is_frozen": True,
        "may_act": True,
    }


def rows_asked(sheet: DailySheet, posted: QueryDict, *, at: datetime) -> dict[str, Any]:
    """Arguments of `services.act_on_rows` from a posted form; what is not a number is left out."""
    officers = {str(post.pk): post for post in officers_of(sheet.station_id, at=at)}
    row_ids = [int(text) for text in posted.getlist("row") if text.isascii() and text.isdigit()]
    return {
        "row_ids": row_ids[:500],
        "act": posted.get("act", ""),
        "post": officers.get(posted.get("post", "")),
    }
