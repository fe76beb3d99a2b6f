"""I1–I12 of the reliability promises: what must hold of the database whatever was killed, and when.

Each check yields a line for every breach it finds, at most twenty; nothing is repaired here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Exists, F, OuterRef, Q

from dispute_hub.audit import selectors as audit
from dispute_hub.cases.lifecycle import TRANSITIONS
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common.errors import NotReady
from dispute_hub.common.time import beijing_date
from dispute_hub.outbox.models import OutboxRow
from intake.models import Alert, AlertVersion, InboxMessage, Quarantine
from mediation.models import Paper
from mediation.papers import files
from reports.facts import FACTS
from reports.models import Counted, DayFigure, DirtyCase
from reports.periods import period_of
from routing.models import OPEN_ORDERS, Push, WorkOrder

MOST_LINES = 20
LEASE_WITHIN = timedelta(minutes=5)
FIRED_WITHIN = timedelta(seconds=60)

Check = Callable[[datetime], Iterator[str]]


def breaches(*, at: datetime) -> Iterator[tuple[str, str]]:
    """Every breach as (number of the invariant, what is wrong)."""
    for code, check in CHECKS.items():
        for place, line in enumerate(check(at)):
            if place == MOST_LINES:
                yield code, "……（只列前20条）"
                break
            yield code, line


def one_inbox_row_each(at: datetime) -> Iterator[str]:
    """I1: a message id has exactly one inbox row."""
    rows = InboxMessage.objects.values("source_id", "message_id").annotate(number=Count("id"))
    for row in rows.filter(number__gt=1)[: MOST_LINES + 1]:
        yield f"报文 {row['message_id']} 有 {row['number']} 条收件记录"


def every_message_has_its_effect(at: datetime) -> Iterator[str]:
    """I2: an answered message is exactly one of alert version and quarantine entry."""
    aside = Exists(Quarantine.objects.filter(message=OuterRef("pk"), state=Quarantine.State.OPEN))
    rows = InboxMessage.objects.filter(status_code__lt=300).annotate(is_aside=aside)
    lost = rows.filter(alert__isnull=True, quarantine__isnull=True)
    for row in lost[: MOST_LINES + 1]:
        yield f"报文 {row.message_id} 已应答但既无警情也未入异常报文箱"
    for row in rows.filter(alert__isnull=False, is_aside=True)[: MOST_LINES + 1]:
        yield f"报文 {row.message_id} 既入库又仍在异常报文箱"
    kept = AlertVersion.objects.filter(alert=OuterRef("pk"), number=OuterRef("version"))
    for alert in Alert.objects.filter(~Exists(kept))[: MOST_LINES + 1]:
        yield f"警情 {alert.alert_no} 缺少第 {alert.version} 版原文"


def one_case_an_alert(at: datetime) -> Iterator[str]:
    """I3: one alert number per source has one alert, and with it one case."""
    rows = Alert.objects.values("source_id", "alert_no_key").annotate(number=Count("id"))
    for row in rows.filter(number__gt=1)[: MOST_LINES + 1]:
        yield f"警情编号 {row['alert_no_key']} 有 {row['number']} 条警情"


def every_status_has_its_event(at: datetime) -> Iterator[str]:
    """I4, I9: a case's status is where its events lead, each step of them allowed by the table."""
    moves = CaseEvent.objects.filter(kind__startswith="case.", data__has_keys=["from", "to"])
    moves = moves.annotate(kind_to=F("data__to")).filter(kind__in=[f"case.{code}" for code in TRANSITIONS])
    last: dict[int, str] = {}
    for event in moves.order_by("case_id", "id").iterator(chunk_size=2000):
        start, to = event.data["from"], event.data["to"]
        if event.case_id in last and last[event.case_id] != start:
            yield f"案件 {event.case_id} 的留痕 {event.pk} 与前一状态不衔接"
        if not TRANSITIONS.allows(start, to):
            yield f"案件 {event.case_id} 的留痕 {event.pk} 是不允许的变更：{start} → {to}"
        last[event.case_id] = to
    for case in Case.objects.filter(pk__in=last).only("case_no", "status").iterator(chunk_size=2000):
        if last[case.pk] != case.status:
            yield f"案件 {case.case_no} 的状态 {case.status} 没有留痕"


def every_dispatched_alert_has_its_push(at: datetime) -> Iterator[str]:
    """I5: an alert that was dispatched has push 1, and every push its event."""
    first = Push.objects.filter(alert=OuterRef("pk"), tier=Push.Tier.FIRST)
    issued = CaseEvent.objects.filter(case=OuterRef("case"), kind="push.follow_on")
    for alert in Alert.objects.filter(dispatch_status="dispatched").filter(~Exists(first), ~Exists(issued))[
        : MOST_LINES + 1
    ]:
        yield f"警情 {alert.alert_no} 已派警但没有一推送"
    # 并入 takes a push into the other case; its timeline stays where it happened.
    there = Q(case=OuterRef("case")) | Q(case=OuterRef("alert__former_case"))
    traced = CaseEvent.objects.filter(
        there, subject_kind="push", subject_id=OuterRef("pk"), kind="push.issued"
    )
    for push in Push.objects.filter(issued_at__isnull=False).filter(~Exists(traced))[: MOST_LINES + 1]:
        yield f"推送 {push.pk} 没有下发留痕"


def every_sent_row_says_when(at: datetime) -> Iterator[str]:
    """I6 as far as this side knows: what is marked as sent has its instant, and was tried."""
    rows = OutboxRow.objects.filter(state=OutboxRow.State.SENT)
    for row in rows.filter(Q(sent_at__isnull=True) | Q(attempts=0))[: MOST_LINES + 1]:
        yield f"投递 {row.message_id} 标为已送达但没有送达记录"


def no_old_lease(at: datetime) -> Iterator[str]:
    """I7: no lease is older than its limit."""
    rows = OutboxRow.objects.filter(state=OutboxRow.State.LEASED, lease_until_at__lt=at - LEASE_WITHIN)
    for row in rows[: MOST_LINES + 1]:
        yield f"投递 {row.message_id} 的占用早已到期"


def no_unfired_deadline(at: datetime) -> Iterator[str]:
    """I8: no rung that fell due more than a minute ago waits."""
    rows = Deadline.objects.filter(state=Deadline.State.OPEN, next_step_at__lt=at - FIRED_WITHIN)
    for row in rows.select_related("case")[: MOST_LINES + 1]:
        yield f"案件 {row.case.case_no} 的时限 {row.kind} 到点未触发"


def no_order_open_and_closed(at: datetime) -> Iterator[str]:
    """I9: an order is open or has ended, never both."""
    is_open = Q(status__in=OPEN_ORDERS)
    wrong = Q(is_open, ended_at__isnull=False) | Q(~is_open, ended_at__isnull=True)
    for order in WorkOrder.objects.filter(wrong)[: MOST_LINES + 1]:
        yield f"交办单 {order.no} 的状态 {order.status} 与终结时间不符"


def every_paper_has_its_file(at: datetime) -> Iterator[str]:
    """I10: a paper's file is there with its hash."""
    for paper in Paper.objects.order_by("id").iterator(chunk_size=500):
        try:
            files.read(paper.file, paper.sha256)
        except NotReady as refusal:
            yield f"文书 {paper.number}：{refusal.message}"


def the_chain_holds(at: datetime) -> Iterator[str]:
    """I11: the ledger is whole."""
    for found in audit.breaks(at=at):
        yield f"封存块 {found.number} {found.table}：{found.what}"


def roll_ups_equal_a_recount(at: datetime) -> Iterator[str]:
    """I12: what was counted and is not marked again equals the facts of today."""
    marked = set(DirtyCase.objects.values_list("bureau_id", flat=True))
    rows = Counted.objects.filter(span=Counted.Span.FLOW, is_stale=False).exclude(bureau__in=marked)
    for row in rows.exclude(first_on=beijing_date(at)).order_by("bureau_id", "first_on"):
        period = period_of("day", row.first_on)
        if row.counted_at < period.end_at:
            continue
        kept = DayFigure.objects.filter(bureau=row.bureau_id, span=Counted.Span.FLOW, day=row.first_on)
        found = {(one.figure, one.station_id): one.value for one in kept}
        for code, spec in FACTS.items():
            within = {f"{spec.day}__gte": period.start_at, f"{spec.day}__lt": period.end_at}
            facts = spec.rows(at).filter(**within, **{f"{spec.station}__bureau": row.bureau_id}).order_by()
            counted = dict(facts.values_list(spec.station).annotate(number=Count("pk")))
            if counted != {station: value for (figure, station), value in found.items() if figure == code}:
                yield f"{row.first_on} 的“{spec.name}”与明细不符"


CHECKS: Final[dict[str, Check]] = {
    "I1": one_inbox_row_each,
    "I2": every_message_has_its_effect,
    "I3": one_case_an_alert,
    "I4": every_status_has_its_event,
    "I5": every_dispatched_alert_has_its_push,
    "I6": every_sent_row_says_when,
    "I7": no_old_lease,
    "I8": no_unfired_deadline,
    "I9": no_order_open_and_closed,
    "I10": every_paper_has_its_file,
    "I11": the_chain_holds,
    "I12": roll_ups_equal_a_recount,
}
