"""The sweep of clocks at scale, beside the bare statements that claim and move the same rows."""

from __future__ import annotations

import time as node
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from statistics import median

from django.conf import settings
from django.db import connection, transaction

from dispute_hub.cases import deadlines
from dispute_hub.common import time
from dispute_hub.outbox import nudge
from tests.cast import build_cast
from tests.databases import clone, drop_orphans, ensure_template, point_at
from tests.reliability.clocks import open_clocks

DUE = 1_000
WORDS = (
    "Written by `python -m tests.bench sweep`. Open clocks are rows of cases of one station; a thousand of\n"
    "them fall due and one sweep takes their rung: case locked, clock read again, event, notices. The bare\n"
    "SQL claims the same number of rows in the same batches (`FOR UPDATE SKIP LOCKED`) and moves them on."
)
CLAIM = (
    "UPDATE cases_deadline SET step = step + 1, fired_at = %s, next_step_at = %s WHERE id IN ("
    " SELECT id FROM cases_deadline WHERE state = 'open' AND next_step_at <= %s"
    " ORDER BY next_step_at, id LIMIT %s FOR UPDATE SKIP LOCKED)"
)
FALL_DUE = (
    "UPDATE cases_deadline SET starts_at = starts_at - (due_at - %s), due_at = %s, next_step_at = %s"
    " WHERE id IN (SELECT id FROM cases_deadline"
    " WHERE state = 'open' AND step = 0 AND next_step_at > %s LIMIT %s)"
)


@dataclass(frozen=True)
class Sweeps:
    """Milliseconds, each round's."""

    clocks: int
    ours: list[float]
    bare: list[float]
    idle: list[float]


def measured(clocks: int, *, repeat: int) -> Sweeps:
    """So many rounds on a database of its own."""
    drop_orphans()
    before = settings.DATABASES["default"]["NAME"]
    with clone(ensure_template(), "bench") as database:
        point_at(database.name)
        try:
            at = time.now()
            open_clocks(build_cast(), clocks, 0, over=timedelta(0), at=at)
            with nudge.held():
                deadlines.sweep(at=at)
                return _rounds(clocks, repeat, at)
        finally:
            point_at(before)


def _rounds(clocks: int, repeat: int, at: datetime) -> Sweeps:
    found = Sweeps(clocks, [], [], [])
    for number in range(1, repeat + 1):
        instant = at + timedelta(minutes=number)
        found.idle.append(_once(partial(deadlines.sweep, at=instant)))
        _fall_due(instant)
        found.ours.append(_once(partial(deadlines.sweep, at=instant)))
        _fall_due(instant)
        found.bare.append(_once(partial(_claim, instant)))
    return found


def _fall_due(at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(FALL_DUE, [at, at, at, at, DUE])


def _claim(at: datetime) -> None:
    later = at + timedelta(days=1)
    for _ in range(DUE // deadlines.BATCH):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(CLAIM, [at, later, at, deadlines.BATCH])


def _once(work: Callable[[], object]) -> float:
    began = node.perf_counter()
    work()
    return (node.perf_counter() - began) * 1000


def table(found: Sweeps) -> str:
    """Markdown: what was measured, what is promised."""
    ours, bare = median(found.ours), median(found.bare)
    rows = [
        ("what", "measured", "promised"),
        ("---", "---:", "---:"),
        (f"sweep of {found.clocks:,} open clocks, {DUE:,} due: p50", f"{ours:,.0f} ms", ""),
        ("the same, slowest of the rounds", f"{max(found.ours):,.0f} ms", "≤ 45 s (beat: 15 s)"),
        ("bare SQL claim of as many rows: p50", f"{bare:,.0f} ms", ""),
        ("ours ÷ bare", f"{ours / bare:.1f}", ""),
        ("sweep when nothing is due: p50", f"{median(found.idle):.1f} ms", ""),
        ("clocks swept a second", f"{DUE / ours * 1000:,.0f}", ""),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
