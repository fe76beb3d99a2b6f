"""交接班单: what the next shift takes over, item by item; both sides sign, or both are reminded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import DutyRoster, Role, Unit, UnitKind
from dispute_hub.common.alone import each_alone
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.time import beijing_date
from dispute_hub.outbox import services as outbox
from routing.models import ShiftHandover
from routing.selectors import _handovers as handovers
from routing.services._machine import label_of

# From here on the lack of a signature is told.
REMINDS_AT: Final = time(8, 45)
BESIDE_THE_CHANGE: Final = timedelta(minutes=1)


@transaction.atomic
def sign_handover(
    station: Unit, *, note: str, actor: PostActor, at: datetime, taken: Collection[int] = ()
) -> ShiftHandover:
    """The first signature is the outgoing side's and writes down the items; the second takes them over.

    `taken` are the numbers (from 1) of the items the incoming side has gone through: all of them, else
    Invalid. Until the second signature the outgoing side is responsible. Raises Conflict before 08:00 and
    when both have signed, NoRight when one person would sign for both sides.
    """
    policy.require(actor, "handover.sign", at=at)
    if actor.post.unit_id != station.pk:
        raise NoRight("交接班单由本所值班人员签字。")
    if not handovers.is_open(at):
        raise Conflict("当日交接班单自 08:00 起签字，请届时办理。", code="handover_not_open")
    row, _ = ShiftHandover.objects.select_for_update(of=("self",)).get_or_create(
        station=station, shift_on=beijing_date(at), defaults={"opened_at": at}
    )
    if row.incoming_signed_at is not None:
        raise Conflict("今日交接班单双方均已签字。", code="already_signed")
    if row.outgoing_signed_at is None:
        return _hand_out(row, note=note, actor=actor, at=at)
    if row.outgoing_user_id == actor.user.pk:
        raise NoRight(f"交班人{label_of(row.outgoing_post)}不能同时签收接班。")
    return _take_in(row, taken, actor=actor, at=at)


def _hand_out(row: ShiftHandover, *, note: str, actor: PostActor, at: datetime) -> ShiftHandover:
    found = handovers.items_of(row.station_id, shift_on=row.shift_on)
    row.items = [item.as_json() for item in found]
    row.outgoing_post, row.outgoing_user, row.outgoing_signed_at = actor.post, actor.user, at
    row.note = note[:400]
    row.save(update_fields=["items", "note", "outgoing_post", "outgoing_user", "outgoing_signed_at"])
    return row


def _take_in(row: ShiftHandover, taken: Collection[int], *, actor: PostActor, at: datetime) -> ShiftHandover:
    missing = [number for number in range(1, len(row.items) + 1) if number not in taken]
    if missing:
        numbers = "、".join(str(number) for number in missing[:10])
        raise Invalid("请逐项核对后再签字接班。", fields={"item": [f"第 {numbers} 项尚未勾选。"]})
    row.incoming_post, row.incoming_user, row.incoming_signed_at = actor.post, actor.user, at
    row.save(update_fields=["incoming_post", "incoming_user", "incoming_signed_at"])
    return row


def remind_of_handovers(*, actor: Actor, at: datetime) -> int:
    """From 08:45 on, once a morning: tell both sides and the chief of a hand-over not signed by both.

    Safe to run at any time, any number of times; one station's failure does not keep the others waiting.
    """
    shift_on = beijing_date(at)
    if at < handovers.instant_of(shift_on, REMINDS_AT):
        return 0
    done = ShiftHandover.objects.filter(shift_on=shift_on).exclude(incoming_signed_at=None, reminded_at=None)
    stations = Unit.objects.filter(kind=UnitKind.STATION, is_active=True)
    unsigned = stations.exclude(pk__in=done.values("station")).order_by("id")
    remind = partial(_remind, shift_on=shift_on, at=at)
    return each_alone(unsigned, remind, named=lambda station: station.code)


@transaction.atomic
def _remind(station: Unit, shift_on: date, *, at: datetime) -> int:
    row, _ = ShiftHandover.objects.select_for_update(of=("self",)).get_or_create(
        station=station, shift_on=shift_on, defaults={"opened_at": at}
    )
    if row.incoming_signed_at is not None or row.reminded_at is not None:
        return 0
    row.reminded_at = at
    row.save(update_fields=["reminded_at"])
    side = "接班方未签字" if row.outgoing_signed_at else "双方均未签字"
    title = f"{shift_on:%m-%d} 交接班单{side}，签字前由交班方负责"
    base = outbox.Message(
        kind="handover.unsigned", title=title, link="/handover/", urgency="important", unit_id=station.pk
    )
    told = [replace(base, unit_id=None, post_id=post_id) for post_id in _both_sides(station, shift_on)]
    command = [] if told else [replace(base, role=Role.STATION_COMMAND)]
    chief = replace(base, role=Role.STATION_CHIEF)
    outbox.notify_many([(message, None) for message in [*told, *command, chief]], at=at)
    return 1


def _both_sides(station: Unit, shift_on: date) -> list[int]:
    """Command room and duty leader of the shift before the change and of the one after, by the roster."""
    change = handovers.instant_of(shift_on, handovers.HANDS_OVER_AT)
    found: dict[int, None] = {}
    for at in (change - BESIDE_THE_CHANGE, change + BESIDE_THE_CHANGE):
        for duty in (DutyRoster.Duty.LEADER, DutyRoster.Duty.COMMAND):
            found |= dict.fromkeys(post.pk for post in people.on_roster(station.pk, duty, at))
    return list(found)
