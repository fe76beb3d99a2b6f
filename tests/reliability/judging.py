"""What the ledger, the database and the receiver say of one run; every line is a broken promise."""

from __future__ import annotations

import json
import time as node
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

from dispute_hub.cases.models import Deadline
from dispute_hub.common import time
from dispute_hub.outbox.models import Notice, OutboxRow
from dispute_hub.outbox.simulator import GridPlatform
from intake.models import InboxMessage
from reports import invariants
from tests.reliability.ledger import Ledger
from tests.reliability.stage import Stage

State = OutboxRow.State
LAPSES_AFTER: Final = 65  # seconds: a lease of a killed sender is over
QUIET_WITHIN: Final = 180.0
STUCK_AFTER: Final = 4.0
MOST_LINES: Final = 5


@dataclass(frozen=True)
class Sends:
    """How often the receiver was asked, and for how many different messages."""

    deliveries: int
    messages: int

    @property
    def repeats(self) -> int:
        return self.deliveries - self.messages


def waiting() -> int:
    """Rows that still have to reach somebody."""
    return OutboxRow.objects.filter(state__in=[State.PENDING, State.LEASED]).count()


def quiesce(stage: Stage, *, within: float = QUIET_WITHIN) -> float:
    """Let the product come to rest; seconds it took. What is left after `within` is for the judge.

    Where nothing moves on, a dead sender's lease is waited for: the clock goes past it instead.
    """
    began = node.monotonic()
    least, stuck_since = 10**9, began
    while node.monotonic() - began < within:
        try:
            left = waiting() + _due()
        except (DatabaseError, InterfaceError):
            connection.close()
            continue
        if not left:
            break
        if left < least:
            least, stuck_since = left, node.monotonic()
        elif node.monotonic() - stuck_since > STUCK_AFTER:
            stage.advance(LAPSES_AFTER)
            least, stuck_since = 10**9, node.monotonic()
        node.sleep(0.25)
    return node.monotonic() - began


def _due() -> int:
    due_before = time.now() - timedelta(seconds=20)
    return Deadline.objects.filter(state="open", next_step_at__lt=due_before).count()


def findings(ledger: Ledger, platform: GridPlatform) -> list[str]:
    """Every breach, in words: of the alerts, the inbox entries, the platform's messages, I1 to I12."""
    found: list[str] = []
    for check in (_unknown(ledger), _alerts(ledger), _entries(), _messages(ledger, platform), _invariants()):
        for place, line in enumerate(check):
            if place == MOST_LINES:
                found.append("…")
                break
            found.append(line)
    return found


def sends(platform: GridPlatform) -> Sends:
    return Sends(len(platform.seen), len(set(platform.seen)))


def _unknown(ledger: Ledger) -> Iterator[str]:
    counts = ledger.counts()
    for word in ("intent", "unknown", "refused"):
        if counts[word]:
            yield f"ledger: {counts[word]} calls ended as {word}"


def _alerts(ledger: Ledger) -> Iterator[str]:
    """Every acked alert has one inbox row and one alert; nothing was taken in twice."""
    rows = dict(InboxMessage.objects.values_list("message_id", "alert__alert_no"))
    for key, said in ledger.keys("acked", "alert").items():
        if rows.get(key.removeprefix("alert:")) != said["alert_no"]:
            yield f"{key}: acked, yet there is no such alert"


def _entries() -> Iterator[str]:
    """Every notice that was written stands in the inbox once; none is given up."""
    here = set(Notice.objects.values_list("message_id", flat=True))
    for row in OutboxRow.objects.filter(topic="notice"):
        if row.state != State.SENT or row.message_id not in here:
            yield f"notice {row.pk}: {row.state} after {row.attempts} tries, {row.last_error}"


def _messages(ledger: Ledger, platform: GridPlatform) -> Iterator[str]:
    """Every acked message has one row and one effect at the receiver, under the row's own id."""
    effects = Counter(json.loads(order["body"])["data"]["no"] for order in platform.orders.values())
    rows = Counter(OutboxRow.objects.filter(topic="order.sent").values_list("payload__no", flat=True))
    for key in ledger.keys("acked", "message"):
        if (rows[key], effects[key]) != (1, 1):
            row = OutboxRow.objects.filter(payload__no=key).last()
            state = f"{row.state} after {row.attempts} tries, {row.last_error}" if row else "no row"
            yield f"{key}: {rows[key]} rows, {effects[key]} effects, {state}"
    known = {str(one) for one in OutboxRow.objects.values_list("message_id", flat=True)}
    for stranger in set(platform.orders) - known:
        yield f"the receiver holds {stranger}, which is no id of ours"


def _invariants() -> Iterator[str]:
    for code, line in invariants.breaches(at=time.now()):
        yield f"{code} {line}"
