"""Deliveries to platforms: claimed one by one, tried, settled."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from dispute_hub.common import failpoints
from dispute_hub.outbox import circuit, messages, selectors, wire
from dispute_hub.outbox.models import Connector, DeliveryAttempt, OutboxRow
from dispute_hub.outbox.services._alarms import tell_of_dead
from dispute_hub.outbox.services._applying import arrive, lock_subject
from dispute_hub.outbox.services._rows import FIRST_BACKOFF, MOST_ATTEMPTS, State, backoff, due_rows, lease

log = logging.getLogger(__name__)

Kind = DeliveryAttempt.Outcome
# reliability O6: one slow platform never holds more workers than this. One drains it at a time; a second
# may come while one that lost its place still waits for an answer.
SLOTS: Final = 2
# reliability O4 for refusals, R11 for answers that are none and for our own faults.
MOST_TRIES: Final = {Kind.REFUSED: 3, Kind.UNCLEAR: MOST_ATTEMPTS, Kind.FAULT: MOST_ATTEMPTS}
LOST: Final = wire.Outcome(Kind.FAULT, "投递程序多次中断", is_final=True)
# A platform that is down costs no tries; a delivery nobody could make for so long needs a person.
GIVEN_UP_AFTER: Final = timedelta(hours=72)
# A worker sends for one platform at a time and for so long; its place lapses when it dies.
DRAINS_WITHIN: Final = timedelta(seconds=50)
PLACE_WITHIN: Final = timedelta(seconds=60)


def drain(connector_id: int, *, clock: Callable[[], datetime], sleep: Callable[[float], None]) -> int:
    """Send what waits for one platform at its rate until nothing is due; how many were tried.

    Only one worker drains a platform: the others that were nudged go home at once.
    """
    tried, until = 0, clock() + DRAINS_WITHIN
    if not _take_place(connector_id, at=clock()):
        return 0
    try:
        while (at := clock()) < until:
            row = claim_outward(connector_id, at=at)
            if row is not None:
                deliver_outward(row, at=at, clock=clock)
                tried += 1
            elif (wait := _wait(connector_id, at=at)) is not None:
                sleep(wait.total_seconds())
            else:
                break
    finally:
        Connector.objects.filter(pk=connector_id).update(drained_until_at=None)
    return tried


def _take_place(connector_id: int, *, at: datetime) -> bool:
    free = Q(drained_until_at__isnull=True) | Q(drained_until_at__lte=at)
    mine = Connector.objects.filter(free, pk=connector_id)
    return bool(mine.update(drained_until_at=at + PLACE_WITHIN))


def _wait(connector_id: int, *, at: datetime) -> timedelta | None:
    """How long until the rate lets the next one go; None when it is not the rate that holds it."""
    connector = Connector.objects.get(pk=connector_id)
    wait = circuit.wait_for_turn(connector, at)
    if not wait or wait > DRAINS_WITHIN or circuit.shut_because(connector, at):
        return None
    waiting = OutboxRow.objects.filter(target=connector.code, state=State.PENDING, next_attempt_at__lte=at)
    return wait if waiting.exists() else None


def claim_outward(connector_id: int, *, at: datetime) -> OutboxRow | None:
    """Lease the next delivery of a platform if it may be spoken to now; None otherwise.

    The connector is locked while rate, slots and circuit are read, so that many workers keep them.
    """
    with transaction.atomic():
        connector = Connector.objects.select_for_update(no_key=True).filter(pk=connector_id).first()
        if connector is None or circuit.shut_because(connector, at) or circuit.wait_for_turn(connector, at):
            return None
        busy = OutboxRow.objects.filter(target=connector.code, state=State.LEASED, lease_until_at__gt=at)
        if busy.count() >= SLOTS:
            return None
        rows = list(due_rows(at).filter(target=connector.code).order_by("next_attempt_at", "id")[:1])
        if not rows:
            return None
        lease(rows, at=at)
        circuit.take_turn(connector, at)
        connector.drained_until_at = at + PLACE_WITHIN
        connector.save(update_fields=[*circuit.COLUMNS, "drained_until_at"])
    failpoints.reach("platform.claimed")
    return rows[0]


def deliver_outward(row: OutboxRow, *, at: datetime, clock: Callable[[], datetime]) -> str:
    """Try one leased delivery outside any transaction, then record what came of it; the outcome.

    `clock` tells the instant of the answer: a slow platform makes it another one.
    """
    connector = Connector.objects.get(code=row.target)
    is_poison = row.attempts > MOST_ATTEMPTS
    outcome = LOST if is_poison else _tried(row, connector, at=at)
    if outcome is None:
        return State.DEAD
    failpoints.reach("platform.answered")
    settle(row, outcome, at=clock())
    return outcome.kind


@transaction.atomic
def _withhold(row: OutboxRow, connector: Connector, reason: str, *, at: datetime) -> None:
    """Asked for once more, overtaken before it went: given up unsent, out of the way of the later ones."""
    mine = OutboxRow.objects.filter(pk=row.pk, lease_token=row.lease_token, state=State.LEASED)
    if mine.update(
        state=State.DEAD, dead_at=at, lease_token=None, lease_until_at=None, last_error=reason[:200]
    ):
        tell_of_dead(connector, row, at=at)


def _tried(row: OutboxRow, connector: Connector, *, at: datetime) -> wire.Outcome | None:
    """What came of one try, our own faults too: they count like any other. None when it was withheld."""
    try:
        # What takes it back waits behind it while it is leased; what was done before that is seen here.
        if row.replayed_at is not None and (found := selectors.overtaken([row])):
            _withhold(row, connector, found[row.pk].reason, at=at)
            return None
        if connector.kind == Connector.Kind.MESSAGE:
            return messages.send(row, connector)
        return wire.send(row, connector, at=at)
    except Exception as error:
        log.exception("outward delivery failed", extra={"outbox_id": row.pk, "topic": row.topic})
        return wire.Outcome(Kind.FAULT, f"系统异常（{type(error).__name__}）")


@transaction.atomic
def settle(row: OutboxRow, outcome: wire.Outcome, *, at: datetime) -> None:
    """Record the try, the platform's health and, if the lease still holds, the delivery's new state."""
    lock_subject(row)
    connector = Connector.objects.select_for_update(no_key=True).get(code=row.target)
    DeliveryAttempt.objects.create(
        row=row, at=at, outcome=outcome.kind, status_code=outcome.status, reason=outcome.reason[:200]
    )
    _note(connector, outcome, at)
    connector.save(update_fields=circuit.COLUMNS)
    changes = _changes(row, outcome, at)
    mine = OutboxRow.objects.filter(pk=row.pk, lease_token=row.lease_token, state=State.LEASED)
    if mine.update(lease_token=None, lease_until_at=None, last_error=outcome.reason[:200], **changes):
        if changes["state"] == State.SENT:
            arrive(OutboxRow.objects.get(pk=row.pk), connector, at=at)
        elif changes["state"] == State.DEAD:
            tell_of_dead(connector, row, at=at)
        elif changes["state"] == State.PENDING:
            log.info("delivery waits", extra={"outbox_id": row.pk, "outcome": outcome.kind})


def _note(connector: Connector, outcome: wire.Outcome, at: datetime) -> None:
    if outcome.kind == Kind.SENT:
        circuit.note_success(connector, at)
    elif outcome.breaks:
        circuit.note_failure(connector, at, outcome.reason)
        if outcome.wait_seconds:
            circuit.hold_until(connector, at + timedelta(seconds=outcome.wait_seconds))
    elif outcome.kind != Kind.FAULT:
        circuit.note_alive(connector)


def _changes(row: OutboxRow, outcome: wire.Outcome, at: datetime) -> dict[str, Any]:
    """What a try makes of its row."""
    if outcome.kind == Kind.SENT:
        return {
            "state": State.SENT, "sent_at": at, "receipt": {**row.receipt, **outcome.receipt},
            "sent_hash": outcome.sent_hash, "dead_at": None,
        }  # fmt: skip
    if outcome.kind == Kind.UNREACHED:
        if at - (row.replayed_at or row.created_at) >= GIVEN_UP_AFTER:
            return {"state": State.DEAD, "dead_at": at}
        wait = max(backoff(row.setbacks + 1), timedelta(seconds=outcome.wait_seconds), FIRST_BACKOFF)
        return {
            "state": State.PENDING, "attempts": max(0, row.attempts - 1), "setbacks": row.setbacks + 1,
            "next_attempt_at": at + wait,
        }  # fmt: skip
    if outcome.is_final or row.attempts >= MOST_TRIES[Kind(outcome.kind)]:
        return {"state": State.DEAD, "dead_at": at}
    return {"state": State.PENDING, "next_attempt_at": at + backoff(row.attempts)}
