"""What must this post do now: its running clocks, and the things that wait for it without one.

A handful of queries whatever the number of rows; the kinds are those of the clock table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count, Min
from django.urls import NoReverseMatch, reverse

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import clock_table
from dispute_hub.cases import selectors as cases
from dispute_hub.cases.models import GRAVITY, Deadline
from dispute_hub.common import masks, spans
from dispute_hub.common.paging import Page, keyset_page
from dispute_hub.outbox.selectors import dead_rows
from followup.models import Supervision, SupervisionStatus
from intake.models import DispatchStatus, Quarantine
from intake.selectors import alerts_visible_to, quarantined_visible_to
from reports.selectors._reach import is_outside
from routing import selectors as routing
from routing.models import DailySheet, OrderUnit, WorkOrder

BY_DUE: Final = ("due_at", "id")
# More of one sort than this are reached through their own page.
MOST_EXTRA: Final = 20
# A helping station sees its task, nothing of the case (handbook 5).
HELPING: Final = "assistingpush"
Numbers = dict[tuple[str, int], str]


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One thing to do. `due_at` is None for what has no clock; `colour` is "" outside the police side."""

    case_no: str
    kind: str
    name: str
    object_id: int
    due_at: datetime | None
    starts_at: datetime | None
    title: str
    url: str
    colour: str
    why_url: str = ""
    paused_at: datetime | None = None
    first_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Worklist:
    rows: list[WorkRow]
    next_cursor: str


def worklist(actor: PostActor, *, at: datetime, cursor: str | None = None, size: Any = None) -> Worklist:
    """What the post must do now: overdue first, then by due instant, graver first among equals.

    Things without a clock stand on the first page, before what is due later than today.
    """
    clocks: Page[Deadline] = keyset_page(cases.clocks_of(actor), order=BY_DUE, cursor=cursor, size=size)
    numbers = _order_numbers(clocks.rows)
    rows = [_of_clock(clock, numbers, actor) for clock in clocks.rows]
    if not cursor:
        rows += [row for source in SOURCES.get(Role(actor.role), ()) for row in source(actor, at)]
    return Worklist(sorted(rows, key=lambda row: _urgency(row, at)), clocks.next_cursor)


def _urgency(row: WorkRow, at: datetime) -> tuple[float, int]:
    """What has no clock counts as due now: nobody reminds of it."""
    return ((row.due_at or at).timestamp(), -GRAVITY[row.colour])


def _of_clock(clock: Deadline, numbers: Numbers, actor: PostActor) -> WorkRow:
    case = clock.case
    return WorkRow(
        case_no=case.case_no,
        kind=clock.kind,
        name=clock_table.name_of(clock.kind),
        object_id=clock.subject_id,
        due_at=clock.due_at,
        starts_at=clock.starts_at,
        title=masks.redact(case.title) if clock.subject_kind != HELPING else "其他派出所请求协助",
        url=_clock_url(clock, numbers),
        why_url=clock.why_url,
        paused_at=clock.paused_at,
        first_due_at=clock.first_due_at,
        colour="" if is_outside(actor) or clock.subject_kind == HELPING else case.colour,
    )


# Kind of the object → its page, with what names it there: the object, its number, or nothing.
PAGES: Final[dict[str, tuple[str, str]]] = {
    "push": ("push_detail", "id"),
    "workorder": ("order_detail", "number"),
    "orderunit": ("order_detail", "number"),
    "phoneapproval": ("approvals", ""),
    "recusal": ("approvals", ""),
    "jurisdictiondispute": ("approvals", ""),
    "orderwatch": ("watch_list", ""),
    HELPING: ("assist_list", ""),
    "followup": ("follow_up_call", "id"),
    "regrade": ("approvals", ""),
    "case": ("approvals", ""),
    "decision": ("consultation_list", ""),
    "supervision": ("supervision_list", ""),
    "mediationsession": ("session_detail", "id"),
}


# Decided on a page of their own, not on the object's.
LISTED_ON: Final[dict[str, str]] = {"order.approve": "approvals", "diversion.confirm": "diversion_list"}


def _clock_url(clock: Deadline, numbers: Numbers) -> str:
    page, named_by = PAGES.get(clock.subject_kind, ("case_file", "case"))
    if clock.kind in LISTED_ON:
        page, named_by = LISTED_ON[clock.kind], ""
    names: dict[str, list[Any]] = {
        "id": [clock.subject_id],
        "number": [numbers.get((clock.subject_kind, clock.subject_id), "-")],
        "": [],
    }
    return _url(page, *names.get(named_by, [clock.case.case_no])) or f"/cases/{clock.case.case_no}/"


def _url(page: str, *args: Any) -> str:
    try:
        return reverse(page, args=args)
    except NoReverseMatch:
        return ""


def _order_numbers(clocks: Iterable[Deadline]) -> Numbers:
    """Numbers of the orders these clocks run on, and of those on whose parts they run."""
    ids: dict[str, list[int]] = {"workorder": [], "orderunit": []}
    for clock in clocks:
        ids.get(clock.subject_kind, []).append(clock.subject_id)
    found: Numbers = {}
    if ids["workorder"]:
        orders = WorkOrder.objects.filter(pk__in=ids["workorder"]).values_list("pk", "no")
        found |= {("workorder", pk): no for pk, no in orders}
    if ids["orderunit"]:
        parts = OrderUnit.objects.filter(pk__in=ids["orderunit"]).values_list("pk", "order__no")
        found |= {("orderunit", pk): no for pk, no in parts}
    return found


Source = Callable[[PostActor, datetime], list[WorkRow]]


def _unsigned(actor: PostActor, at: datetime) -> list[WorkRow]:
    """Pushes of the station nobody has signed: the command room may sign on behalf."""
    rows = Deadline.objects.filter(
        state=Deadline.State.OPEN,
        kind__in=["push_first.sign", "push_second.sign"],
        case__station=actor.unit,
    )
    rows = rows.exclude(pk__in=cases.clocks_of(actor).order_by().values("pk")).select_related("case")
    return [_of_clock(clock, {}, actor) for clock in rows.order_by(*BY_DUE)[:MOST_EXTRA]]


def _sheets(actor: PostActor, at: datetime) -> list[WorkRow]:
    sheets = DailySheet.objects.filter(station=actor.unit, signed_at__isnull=True).order_by("-sheet_on")
    return [
        _plain("sheet.sign", "审签每日汇总", sheet.pk, f"{sheet.sheet_on:%m月%d日}每日汇总待审签",
               _url("sheet", sheet.sheet_on), since=sheet.issued_at)
        for sheet in sheets[:3]
    ]  # fmt: skip


def _extensions(actor: PostActor, at: datetime) -> list[WorkRow]:
    return [
        _plain("order.extension", "延期审批", row.pk, masks.redact(row.order.case.title), _url("approvals"),
               since=row.proposed_at, case_no=row.order.case.case_no, colour=row.order.case.colour)
        for row in routing.pending_extensions(actor)[:MOST_EXTRA]
    ]  # fmt: skip


def _lost(actor: PostActor, at: datetime) -> list[WorkRow]:
    """Whom nobody reached at 核查: a leader says whether that ends the order."""
    return [
        _plain("order.lost", "失去联系审批", row.pk, masks.redact(row.order.case.title), _url("approvals"),
               since=row.proposed_at, case_no=row.order.case.case_no, colour=row.order.case.colour)
        for row in routing.lost_to_decide(actor, at=at, most=MOST_EXTRA)
    ]  # fmt: skip


def _to_confirm(actor: PostActor, at: datetime) -> list[WorkRow]:
    """Crews reported 非纠纷 or 无效: the command room has the last word."""
    return [
        _plain("case.confirm", f"确认{row.get_outcome_display()}", row.pk, masks.redact(row.case.title),
               _url("approvals"), since=row.reported_at, case_no=row.case.case_no, colour=row.case.colour)
        for row in routing.confirmations_for(actor, at=at)[:MOST_EXTRA]
    ]  # fmt: skip


def _supervisions(actor: PostActor, at: datetime) -> list[WorkRow]:
    """Supervision a clock has proposed and a person must issue, and answers to be checked."""
    waits = (SupervisionStatus.PROPOSED, SupervisionStatus.ANSWERED)
    rows = Supervision.objects.filter(case__in=cases.visible_to(actor, at=at), status__in=waits)
    return [
        _plain("supervision.issue", f"{row.get_kind_display()}{row.get_status_display()}", row.pk,
               row.problem, _url("supervision_list"), since=row.proposed_at, case_no=row.case.case_no,
               colour=row.case.colour)
        for row in rows.select_related("case").order_by("proposed_at", "id")[:MOST_EXTRA]
    ]  # fmt: skip


def _quarantine(actor: PostActor, at: datetime) -> list[WorkRow]:
    waiting = quarantined_visible_to(actor).filter(state=Quarantine.State.OPEN).order_by()
    said = waiting.aggregate(number=Count("id"), since=Min("created_at"))
    title = f"异常报文箱有 {said['number']} 件待处理"
    row = _plain("quarantine.repair", "处理异常报文", 0, title, _url("quarantine"), since=said["since"])
    return [row] if said["number"] else []


def _dead_letters(actor: PostActor, at: datetime) -> list[WorkRow]:
    said = dead_rows().order_by().aggregate(number=Count("id"), since=Min("created_at"))
    title = f"有 {said['number']} 件投递失败待处理"
    row = _plain("outbox.replay", "处理投递失败", 0, title, _url("dead_letters"), since=said["since"])
    return [row] if said["number"] else []


def _awaiting(actor: PostActor, at: datetime) -> list[WorkRow]:
    """Alerts of the own centre nobody has been sent to yet."""
    rows = alerts_visible_to(actor, at=at).filter(dispatch_status=DispatchStatus.AWAITING)
    return [
        _plain("alert.dispatch", "派警", row.pk, masks.redact(row.case.title),
               _url("alert_detail", row.alert_no), since=row.received_at, case_no=row.case.case_no,
               colour=row.case.colour)
        for row in rows.select_related("case").order_by("received_at", "id")[:MOST_EXTRA]
    ]  # fmt: skip


def _plain(
    kind: str, name: str, object_id: int, title: str, url: str, *, since: datetime | None,
    case_no: str = "", colour: str = "",
) -> WorkRow:  # fmt: skip
    return WorkRow(case_no, kind, name, object_id, None, since, title, url, colour)


SOURCES: Final[dict[Role, tuple[Source, ...]]] = {
    Role.DISPATCHER: (_awaiting,),
    Role.DUTY_COMMANDER: (_awaiting, _quarantine),
    # Whoever may lead a station's duty decides in the chief's stead.
    Role.OFFICER: (_lost,),
    Role.STATION_COMMAND: (_unsigned, _to_confirm, _quarantine, _lost),
    Role.STATION_CHIEF: (_unsigned, _sheets, _extensions, _lost, _supervisions),
    Role.BUREAU: (_lost, _supervisions, _quarantine),
    Role.SYSTEM_ADMIN: (_dead_letters,),
}


GROUPS: Final = {code: spans.TITLES[code] for code in (spans.OVERDUE, spans.TODAY, spans.LATER)}


def grouped(rows: list[WorkRow], *, at: datetime) -> list[spans.Group[WorkRow]]:
    """The rows in their order as 已超时 / 今天 / 以后; what has no clock is for today."""

    def span(row: WorkRow) -> str:
        found = spans.span_of(row.due_at, at=at) if row.due_at else spans.TODAY
        return spans.LATER if found == spans.WEEK else found

    return spans.grouped(rows, span, GROUPS)
