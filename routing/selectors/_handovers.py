"""What a shift hands over to the next."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from dispute_hub.cases.models import OPEN_STATUSES, Case, Colour
from routing.models import Push, ShiftHandover


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the hand-over: kind (unsigned, no_feedback, at_station, watch), case, words."""

    kind: str
    case_no: str
    text: str

    def as_json(self) -> dict[str, str]:
        return asdict(self)


def handover_of(station_id: int, shift_on: date) -> ShiftHandover | None:
    """The station's hand-over of a morning."""
    rows = ShiftHandover.objects.select_related("outgoing_post__user", "incoming_post__user")
    return rows.filter(station=station_id, shift_on=shift_on).first()


def items_of(station_id: int) -> list[Item]:
    """Unsigned pushes, dispatches without feedback, people brought in, addresses to watch (open reds)."""
    status = Push.Status
    items: list[Item] = []
    pushes = Push.objects.filter(case__station=station_id).select_related("case").order_by("id")
    for push in pushes.filter(tier=Push.Tier.FIRST, status=status.ISSUED):
        items.append(Item("unsigned", push.case.case_no, f"未签收：{push.case.title}"))
    for push in pushes.filter(tier=Push.Tier.FIRST, status__in=[status.SIGNED, status.ARRIVED]):
        items.append(Item("no_feedback", push.case.case_no, f"未反馈：{push.case.title}"))
    for push in pushes.filter(tier=Push.Tier.SECOND, entry=Push.Entry.BROUGHT_IN, status=status.ISSUED):
        items.append(Item("at_station", push.case.case_no, f"人员在所：{push.case.title}"))
    reds = Case.objects.filter(station=station_id, status__in=OPEN_STATUSES, colour=Colour.RED)
    for case in reds.order_by("opened_at", "id"):
        items.append(Item("watch", case.case_no, f"重点关注：{case.address or case.title}"))
    return items
