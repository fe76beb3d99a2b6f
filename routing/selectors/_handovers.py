"""What a shift hands over to the next, item by item, and who answers for a clock that ends meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import clock_table
from dispute_hub.cases.models import OPEN_STATUSES, Case, CaseEvent, Colour, Deadline
from dispute_hub.common.time import BEIJING, beijing_date
from routing.models import Push, ShiftHandover

# handbook 7: the shifts change at 08:30; a clock ending around it belongs to who held it at 80 %.
HANDS_OVER_AT: Final = time(8, 30)
# From here on a morning's hand-over may be signed.
OPENS_AT: Final = time(8, 0)
AROUND: Final = (time(8, 0), time(9, 0))
HELD_AT: Final = 0.8
OUTGOING, INCOMING = "outgoing", "incoming"
SIDES: Final = {OUTGOING: "交班方", INCOMING: "接班方"}
KINDS: Final = {
    "unsigned": "未签收",
    "no_feedback": "未反馈",
    "night": "夜间代管",
    "at_station": "人员在所",
    "watch": "重点关注",
    "clock": "交接时段到期",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the hand-over: kind (see `KINDS`), case, words; for a clock the side that answers."""

    kind: str
    case_no: str
    text: str
    side: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def instant_of(shift_on: date, clock: time) -> datetime:
    """A time of day in Beijing."""
    return datetime.combine(shift_on, clock, BEIJING)


def handover_of(station_id: int, shift_on: date) -> ShiftHandover | None:
    """The station's hand-over of a morning."""
    rows = ShiftHandover.objects.select_related(
        "outgoing_post__user", "outgoing_post__unit", "incoming_post__user", "incoming_post__unit"
    )
    return rows.filter(station=station_id, shift_on=shift_on).first()


def items_of(station_id: int, *, shift_on: date) -> list[Item]:
    """Open dispatches, people brought in, cases held for the night, open reds, clocks around the change."""
    pushes = Push.objects.filter(case__station=station_id).select_related("case").order_by("id")
    items = [
        item for push in pushes.filter(tier=Push.Tier.FIRST, status__in=_RUNNING) for item in _first(push)
    ]
    second = pushes.filter(tier=Push.Tier.SECOND).exclude(status=Push.Status.ENDED)
    for push in second.filter(night_since_at__isnull=False, taken_over_at__isnull=True):
        items.append(Item("night", push.case.case_no, f"待责任民警接手：{push.case.title}"))
    for push in _sitting(pushes):
        items.append(Item("at_station", push.case.case_no, f"人员在所：{push.case.title}"))
    reds = Case.objects.filter(station=station_id, status__in=OPEN_STATUSES, colour=Colour.RED)
    for case in reds.order_by("opened_at", "id"):
        items.append(Item("watch", case.case_no, f"重点关注：{case.address or case.title}"))
    return items + list(_clocks(station_id, shift_on))


def _sitting(pushes: QuerySet[Push]) -> QuerySet[Push]:
    """Who was brought in sits there until somebody has spoken with them since, whoever has signed push 2.

    What the crew reported counts, not the entry of push 2: a case that is tracked already gets none.
    """
    spoken = CaseEvent.objects.filter(
        case=OuterRef("case"), kind="case.contacted", at__gte=OuterRef("reported_at")
    )
    brought = pushes.filter(outcome=Push.Outcome.BROUGHT_IN, case__status__in=OPEN_STATUSES)
    return brought.exclude(Exists(spoken)).order_by("case_id", "id").distinct("case_id")


_RUNNING: Final = (Push.Status.ISSUED, Push.Status.SIGNED, Push.Status.ARRIVED)


def _first(push: Push) -> Iterator[Item]:
    is_new = push.status == Push.Status.ISSUED
    kind = "unsigned" if is_new else "no_feedback"
    yield Item(kind, push.case.case_no, f"{KINDS[kind]}：{push.case.title}")


def _clocks(station_id: int, shift_on: date) -> Iterator[Item]:
    start, end = (instant_of(shift_on, clock) for clock in AROUND)
    running = Deadline.objects.filter(
        case__station=station_id, state=Deadline.State.OPEN, due_at__gte=start, due_at__lte=end
    )
    for clock in running.select_related("case").order_by("due_at", "id"):
        side = answers_for(clock)
        due = clock.due_at.astimezone(BEIJING)
        name = clock_table.name_of(clock.kind)
        text = f"{name}时限 {due:%H:%M} 到期，由{SIDES[side]}负责（80%时点 {held_at(clock):%H:%M}）"
        yield Item("clock", clock.case.case_no, text, side)


def held_at(clock: Deadline) -> datetime:
    """The instant at which 80 % of a clock have run."""
    at: datetime = clock.starts_at + (clock.due_at - clock.starts_at) * HELD_AT
    return at.astimezone(BEIJING)


def answers_for(clock: Deadline) -> str:
    """Which side a clock that ends around the change belongs to: who held it at 80 % (handbook 7)."""
    change = instant_of(beijing_date(clock.due_at), HANDS_OVER_AT)
    return OUTGOING if held_at(clock) < change else INCOMING


def handover_page(actor: PostActor, shift_on: date, *, at: datetime) -> dict[str, Any]:
    """The hand-over of the own station: what was signed as it was signed, else what stands open now."""
    policy.require(actor, "handover.read", at=at)
    handover = handover_of(actor.unit.pk, shift_on)
    signed = handover is not None and handover.outgoing_signed_at is not None
    is_today = shift_on == beijing_date(at)
    live = [item.as_json() for item in items_of(actor.unit.pk, shift_on=shift_on)] if is_today else []
    items = handover.items if handover is not None and signed else live
    return {
        "handover": handover,
        "station": actor.unit,
        "shift_on": shift_on,
        "items": [
            {**item, "number": number, "kind_name": KINDS[item["kind"]]}
            for number, item in enumerate(items, 1)
        ],
        "is_today": is_today,
        "is_signed": signed,
        "is_over": handover is not None and handover.incoming_signed_at is not None,
        "opens_later": is_today and not is_open(at),
        "may_sign": is_today and is_open(at) and _may_sign(actor, handover, at),
    }


def is_open(at: datetime) -> bool:
    """Whether this morning's hand-over may be signed already."""
    return at.astimezone(BEIJING).time() >= OPENS_AT


def _may_sign(actor: PostActor, handover: ShiftHandover | None, at: datetime) -> bool:
    if handover is not None and handover.incoming_signed_at is not None:
        return False
    is_other = handover is None or handover.outgoing_user_id != actor.user.pk
    leads = people.leads_duty(actor.post, at)
    return is_other and (policy.allows(actor.role, "handover.sign") or leads)
