"""How fast waiting deliveries reach a platform, beside the bare statements that claim and mark as many."""

from __future__ import annotations

import time as node
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from types import SimpleNamespace

from django.conf import settings
from django.db import connection, transaction

from dispute_hub.common import time
from dispute_hub.outbox import nudge, services
from dispute_hub.outbox.models import OutboxRow
from tests.cast import build_cast
from tests.databases import clone, drop_orphans, ensure_template, point_at
from tests.outbox import platforms

WORDS = (
    "Written by `python -m tests.bench drain`. One worker drains one platform: the simulator on the\n"
    "loopback, signed webhooks one by one, each claimed, sent, receipted and recorded with its attempt; the\n"
    "rate limit stands at its largest (6,000 a minute) and is not waited for. The bare SQL claims and marks\n"
    "as many rows one by one. A platform's own limit is 300 a minute by default."
)
CLAIM = (
    "UPDATE outbox_outboxrow SET state = 'leased' WHERE id = (SELECT id FROM outbox_outboxrow"
    " WHERE target = 'bare' AND state = 'pending' ORDER BY next_attempt_at, id LIMIT 1"
    " FOR UPDATE SKIP LOCKED) RETURNING id"
)
MARK = "UPDATE outbox_outboxrow SET state = 'sent', sent_at = now() WHERE id = %s"


@dataclass(frozen=True)
class Drains:
    """Seconds of each round for so many rows."""

    rows: int
    ours: list[float]
    bare: list[float]
    worked: list[float]


def measured(rows: int, *, repeat: int) -> Drains:
    """So many rounds on a database of its own, each with fresh rows over a tenth as many cases."""
    drop_orphans()
    before = settings.DATABASES["default"]["NAME"]
    with clone(ensure_template(), "bench") as database:
        point_at(database.name)
        try:
            with nudge.held(), platforms.running(platforms.platform()) as port:
                return _rounds(rows, repeat, port)
        finally:
            point_at(before)


def _rounds(rows: int, repeat: int, port: int) -> Drains:
    cast, clock = build_cast(), SimpleNamespace(at=time.now())
    to = platforms.connector(cast, clock, port, rate_per_minute=6000)
    found = Drains(rows, [], [], [])
    for _ in range(repeat):
        _fill("grid", rows)
        before = node.process_time()
        found.ours.append(_once(lambda: _drain(to.pk)))
        found.worked.append(node.process_time() - before)
        _fill("bare", rows)
        found.bare.append(_once(lambda: _claim_and_mark(rows)))
    return found


def _fill(target: str, rows: int) -> None:
    at = time.now()
    payload = {"no": "J1", "grade": "urgent", "summary": "双方因楼道堆物多次争吵。" * 20}
    OutboxRow.objects.bulk_create(
        OutboxRow(
            topic="order.verified", target=target, case_id=number % max(rows // 10, 1), payload=payload,
            created_at=at, next_attempt_at=at,
        )
        for number in range(rows)
    )  # fmt: skip


def _drain(connector_id: int) -> None:
    """The clock jumps where the worker would wait for its rate."""
    ahead = [0.0]

    def clock() -> datetime:
        return time.now() + timedelta(seconds=ahead[0])

    def skip(seconds: float) -> None:
        ahead[0] += seconds

    while OutboxRow.objects.filter(target="grid", state="pending").exists():
        if not services.drain(connector_id, clock=clock, sleep=skip):
            failed = OutboxRow.objects.filter(target="grid", state="pending").first()
            raise RuntimeError(failed.last_error if failed else "nothing was sent")


def _claim_and_mark(rows: int) -> None:
    for _ in range(rows):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(CLAIM)
            (row_id,) = cursor.fetchone()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(MARK, [row_id])


def _once(work: Callable[[], object]) -> float:
    began = node.perf_counter()
    work()
    return node.perf_counter() - began


def table(found: Drains) -> str:
    """Markdown: what was measured, what is promised."""
    ours, bare = median(found.ours), median(found.bare)
    rows = [
        ("what", "measured", "promised"),
        ("---", "---:", "---:"),
        (f"deliveries a second, {found.rows:,} waiting: p50", f"{found.rows / ours:,.0f}", "≥ 5 (its limit)"),
        ("the same, slowest of the rounds", f"{found.rows / max(found.ours):,.0f}", ""),
        ("one delivery: p50", f"{ours / found.rows * 1000:,.1f} ms", ""),
        ("its processor time, receiver included", f"{median(found.worked) / found.rows * 1000:,.1f} ms", ""),
        ("bare SQL, claimed and marked one by one, a second: p50", f"{found.rows / bare:,.0f}", ""),
        ("ours ÷ bare", f"{ours / bare:.1f}", ""),
        ("5,000 after a day down at this rate", f"{5000 * ours / found.rows / 60:,.1f} min", "≤ 30 min"),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
