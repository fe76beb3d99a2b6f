"""每日汇总: frozen at 08:00 as stored rows, signed by the chief, and it sends the push 2 that waited."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role, Unit
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from dispute_hub.common.alone import each_alone
from dispute_hub.common.errors import Conflict, NoRight, Stale
from dispute_hub.common.time import day_bounds
from dispute_hub.outbox import services as outbox
from routing.models import DailySheet, DailySheetRow, Push
from routing.selectors import _sheets as sheets
from routing.services._machine import label_of
from routing.services._second import issue_second, open_second


@transaction.atomic
def issue_sheet(station: Unit, *, sheet_on: date, actor: Actor, at: datetime) -> DailySheet:
    """Freeze the sheet of a morning and send the queued push 2 of the station. Once, however often asked.

    It covers the day before, 00:00–24:00, as of that day's end (handbook 7). Raises Conflict before 08:00.
    """
    policy.require(actor, "sheet.read", at=at)
    if at < sheets.freezes_at(sheet_on):
        raise Conflict("每日汇总于当日 08:00 冻结下发，请届时查看。", code="sheet_not_due")
    known = DailySheet.objects.filter(station=station, sheet_on=sheet_on).first()
    if known is not None:
        return known
    start, cut_off = day_bounds(sheet_on - timedelta(days=1))
    found = sheets.sections_of(station.pk, start, cut_off, due_on=sheet_on, as_of=cut_off)
    try:
        with transaction.atomic():
            sheet = DailySheet.objects.create(
                station=station,
                sheet_on=sheet_on,
                cut_off_at=cut_off,
                issued_at=at,
                figures={section: len(rows) for section, rows in found.items()},
                figures_before=_figures_before(station, sheet_on),
            )
    except IntegrityError:  # two beats at once: the other one's sheet stands
        return DailySheet.objects.get(station=station, sheet_on=sheet_on)
    _freeze(sheet, found)
    _send_queued(station, sheet, at=at)
    _tell_chief(sheet, at=at)
    return sheet


def _figures_before(station: Unit, sheet_on: date) -> dict[str, int]:
    before = DailySheet.objects.filter(station=station, sheet_on=sheet_on - timedelta(days=1)).first()
    return dict(before.figures) if before else {}


def _freeze(sheet: DailySheet, found: dict[str, list[Case]]) -> None:
    rows = [
        row
        for section, section_cases in found.items()
        for row in sheets.rows_of(section_cases, section, as_of=sheet.cut_off_at)
    ]
    for row in rows:
        row.sheet = sheet
    DailySheetRow.objects.bulk_create(rows)


def _send_queued(station: Unit, sheet: DailySheet, *, at: datetime) -> None:
    """In case order, as every service that locks several (lock order of the house)."""
    waiting = Push.objects.filter(
        tier=Push.Tier.SECOND, status=Push.Status.QUEUED, case__station=station, queued_at__lte=at
    )
    for case_id in list(waiting.order_by("case_id").values_list("case_id", flat=True)):
        case = cases.lock(case_id)
        push = open_second(case)
        if push is not None and push.status == Push.Status.QUEUED:
            issue_second(case, push, at=at, cause=None, sheet_id=sheet.pk)


def _tell_chief(sheet: DailySheet, *, at: datetime) -> None:
    message = outbox.Message(
        kind="sheet.issued",
        title=f"{sheet.sheet_on:%m-%d} 每日汇总已冻结，请审签",
        link=f"/sheet/{sheet.sheet_on.isoformat()}/",
        unit_id=sheet.station_id,
        role=Role.STATION_CHIEF,
    )
    outbox.notify(message, at=at, case_id=None)


def issue_missing_sheets(*, actor: Actor, at: datetime) -> int:
    """Issue every due sheet of the last days; one station's failure does not keep the others waiting."""

    def issue(missing: tuple[Unit, date]) -> int:
        issue_sheet(missing[0], sheet_on=missing[1], actor=actor, at=at)
        return 1

    missing = sheets.missing_sheets(at=at)
    return each_alone(missing, issue, named=lambda one: f"{one[0].code} {one[1].isoformat()}")


@transaction.atomic
def sign_sheet(sheet: DailySheet, *, actor: PostActor, at: datetime) -> DailySheet:
    """审签 by the chief, or by the duty leader (值班代批). Signing again by the same post changes nothing."""
    by_duty = policy.require(actor, "sheet.sign", at=at)
    sheet = (
        DailySheet.objects.select_for_update(of=("self",)).select_related("signed_by__user").get(pk=sheet.pk)
    )
    if actor.post.unit_id != sheet.station_id:
        raise NoRight("每日汇总由本所所领导审签。")
    if sheet.signed_at is not None:
        if sheet.signed_by_id == actor.post.pk:
            return sheet
        who = label_of(sheet.signed_by)
        raise Stale(
            f"该汇总已由{who}审签。", code="already_signed", who=who, at=sheet.signed_at, what="已审签"
        )
    sheet.signed_at, sheet.signed_by, sheet.signed_by_duty = at, actor.post, by_duty
    sheet.save(update_fields=["signed_at", "signed_by", "signed_by_duty"])
    data = {"sheet_on": sheet.sheet_on.isoformat(), "by_duty": by_duty}
    for case in Case.objects.filter(pk__in=sheet.rows.values("case_id")).order_by("pk"):
        lifecycle.record(case, "sheet.signed", actor=actor, at=at, subject=sheet, data=data)
    return sheet
