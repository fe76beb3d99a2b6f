"""What happens in the demo city every day, whoever calls: sheets, sweeps, signatures, meetings."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from dispute_hub.accounts.actor import SYSTEM, PostActor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases import deadlines
from dispute_hub.cases.models import Case, Status
from dispute_hub.common.errors import Refused
from dispute_hub.common.time import BEIJING, beijing_date
from dispute_hub.demo.stage import Stage
from dispute_hub.demo.stories import consulted, taken_up
from dispute_hub.demo.timeline import Beat
from dispute_hub.demo.units import STATIONS
from dispute_hub.outbox.models import Notice, NoticeRead, OutboxRow
from dispute_hub.outbox.selectors import notices_for
from followup import services as followup
from followup.models import Supervision
from mediation import services as mediation
from mediation.models import Consultation, Decision
from routing import services as routing
from routing.models import DailySheet, Push

# Handed over each morning at these minutes past midnight (Beijing).
SHEET, SIGNING, HANDOVER, LATE, SUPERVISION, MEETING, TASKS, EVENING = (
    481,
    505,
    514,
    545,
    570,
    600,
    1020,
    1380,
)
READ_AFTER: Final = timedelta(hours=20)
# Each costs a few milliseconds, forty-five days long; beat runs them every few seconds.
SWEPT_EVERY: Final = timedelta(hours=3)
# Older sheets of the other stations exist only where a push 2 waited for them.
SHEETS_KEPT: Final = timedelta(days=6)


def tell_routine(stage: Stage, *, first_at: datetime) -> None:
    """Put every day's business on the timeline, from the day of `first_at` on."""
    midnight = first_at.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    line = stage.timeline

    def daily(minutes: int, act: Beat) -> None:
        line.each(act, first_at=midnight + timedelta(minutes=minutes), every=timedelta(days=1))

    daily(SHEET, lambda at: _issue_sheets(stage, at))
    daily(SIGNING, lambda at: _sign_sheets(stage, at))
    daily(HANDOVER, lambda at: _hand_over(stage, at))
    daily(LATE, lambda at: _take_up_late(stage, at))
    daily(SUPERVISION, lambda at: _supervise(stage, at))
    daily(MEETING, lambda at: _meet(stage, at))
    daily(TASKS, lambda at: _do_tasks(stage, at))
    daily(EVENING, lambda at: mediation.lapse_confirmations(at=at))
    line.each(_sweep, first_at=midnight, every=SWEPT_EVERY)


def _sweep(at: datetime) -> None:
    """As beat does, only less often."""
    routing.return_unaccepted(at=at)
    followup.mark_due(at=at)
    followup.mark_missed(at=at)
    deadlines.sweep(at=at)


def _issue_sheets(stage: Stage, at: datetime) -> None:
    waiting = Push.objects.filter(status=Push.Status.QUEUED).values_list("case__station", flat=True)
    needed = {stage.unit("XZ").pk, *waiting}
    for code in STATIONS:
        station = stage.unit(code)
        if station.pk in needed or stage.timeline.until_at - at < SHEETS_KEPT:
            routing.issue_sheet(station, sheet_on=beijing_date(at), actor=SYSTEM, at=at)


def _sign_sheets(stage: Stage, at: datetime) -> None:
    """The chiefs sign; at 象珠 today's waits for the visitor."""
    is_today = stage.timeline.until_at - at < timedelta(hours=24)
    for sheet in DailySheet.objects.filter(signed_at=None, issued_at__lte=at).select_related("station"):
        if is_today and sheet.station_id == stage.unit("XZ").pk:
            continue
        chief = stage.who(Role.STATION_CHIEF, sheet.station)[0]
        routing.sign_sheet(sheet, actor=chief, at=at)


def _hand_over(stage: Stage, at: datetime) -> None:
    station = stage.unit("XZ")
    row = routing.sign_handover(
        station, note="移交平稳，注意重点警情。", actor=stage.actor("station_command"), at=at
    )
    if stage.timeline.until_at - at > timedelta(hours=24):
        incoming = stage.actor("station_chief")
        taken = range(1, len(row.items) + 1)
        routing.sign_handover(station, note="", actor=incoming, at=at + timedelta(minutes=10), taken=taken)


def _take_up_late(stage: Stage, at: datetime) -> None:
    """Push 2 that nobody's story answers (reopened, given back) is taken up after a day or two."""
    late = Push.objects.filter(tier=Push.Tier.SECOND, issued_at__lte=at - timedelta(hours=26))
    late = late.filter(status__in=[Push.Status.ISSUED, Push.Status.SIGNED])
    for push in late.select_related("case__station", "case__holder_post", "addressee_post").order_by("id"):
        if stage.chance(0.75):
            stage.timeline.tell(taken_up(stage, push, at=at), at=at)


def _supervise(stage: Stage, at: datetime) -> None:
    """The bureau signs some of what the clocks propose, units answer, answers are struck off."""
    bureau = stage.actor("bureau")
    for row in list(Supervision.objects.filter(proposed_at__lte=at - timedelta(hours=6)).order_by("id")):
        try:
            _one_supervision(stage, row, bureau, at)
        except Refused:
            continue


def _one_supervision(stage: Stage, row: Supervision, bureau: PostActor, at: datetime) -> None:
    if row.status == "proposed" and stage.chance(0.35):
        followup.issue_supervision(row, demand=stage.word("demand"), actor=bureau, at=at)
    elif row.status == "proposed" and stage.chance(0.3):
        followup.drop_supervision(row, text="经核实已办结。", actor=bureau, at=at)
    elif row.status == "issued" and row.unit is not None and stage.who(Role.STATION_CHIEF, row.unit):
        chief = stage.who(Role.STATION_CHIEF, row.unit)[0]
        followup.answer_supervision(row, text=stage.word("supervision_answer"), actor=chief, at=at)
    elif row.status == "answered" and stage.chance(0.7):
        followup.close_supervision(row, accepted=True, text="同意销号。", actor=bureau, at=at)


def _meet(stage: Stage, at: datetime) -> None:
    """The station's day meeting, the bureau's of Monday: unsettled cases, tasks with owners and dates."""
    is_today = stage.timeline.until_at - at < timedelta(hours=24)
    weekday = at.astimezone(BEIJING).weekday()
    if weekday in (0, 2, 4) or is_today or stage.timeline.until_at - at < timedelta(hours=48):
        _one_meeting(stage, at, role="station_chief", level="day", days=2, keep_open=is_today)
    if weekday == 0:
        _one_meeting(stage, at, role="bureau", level="week", days=7, keep_open=False)


def _one_meeting(stage: Stage, at: datetime, *, role: str, level: str, days: int, keep_open: bool) -> None:
    cases = Case.objects.filter(status=Status.TRACKING, opened_at__lte=at - timedelta(days=days))
    if level == "day":
        cases = cases.filter(station=stage.unit("XZ"))
    found = list(cases.order_by("opened_at", "id")[:3])
    entries = [consulted(stage, case, role=role, level=level, at=at) for case in found]
    if not entries or keep_open:
        return
    meeting = Consultation.objects.get(pk=entries[0].consultation_id)
    mediation.close_consultation(
        meeting, attendees=stage.word("attendees"), minutes=stage.word("minutes"), actor=stage.actor(role),
        at=at + timedelta(minutes=50),
    )  # fmt: skip


def _do_tasks(stage: Stage, at: datetime) -> None:
    """Most tasks are done by their date."""
    for row in Decision.objects.filter(done_at=None, due_at__lte=at + timedelta(days=1)).select_related(
        "unit"
    ):
        role = {"station": Role.STATION_COMMAND, "centre": Role.CENTRE}.get(
            row.unit.kind, Role.COMMUNITY_OFFICER
        )
        owners = stage.who(role, row.unit)
        if owners and stage.chance(0.8):
            mediation.complete_decision(row, text=stage.word("task_done"), actor=owners[0], at=at)


@transaction.atomic
def finish(now: datetime) -> None:
    """Bring the clocks up to now, deliver what was written; what came until yesterday has been read."""
    _sweep(now)
    due = OutboxRow.objects.filter(state=OutboxRow.State.PENDING, topic="notice").order_by("id")
    rows = list(due)
    Notice.objects.bulk_create(
        (
            Notice(message_id=row.message_id, case_id=row.case_id, created_at=row.created_at, **row.payload)
            for row in rows
        ),
        ignore_conflicts=True,
    )
    due.update(state=OutboxRow.State.SENT, sent_at=now, attempts=1)
    _mark_read(now)


def _mark_read(now: datetime) -> None:
    """Each holder of a post has seen what came until yesterday."""
    for post in Post.objects.select_related("user", "unit"):
        actor = PostActor(post.user, post)
        seen = notices_for(actor).filter(created_at__lt=now - READ_AFTER).values_list("pk", "created_at")
        NoticeRead.objects.bulk_create(
            [
                NoticeRead(notice_id=pk, user=post.user, read_at=created_at + timedelta(minutes=30))
                for pk, created_at in seen
            ],
            ignore_conflicts=True,
        )
