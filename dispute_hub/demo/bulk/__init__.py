"""A city at scale: rows straight into the tables, as the services would have left them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction

from dispute_hub.demo.bulk._copying import flush_all
from dispute_hub.demo.bulk._fates import fate_of
from dispute_hub.demo.bulk._places import places
from dispute_hub.demo.bulk._pool import Pool
from dispute_hub.demo.bulk._rows import Rows
from dispute_hub.demo.units import STATIONS
from dispute_hub.outbox import nudge
from reports.models import Counted

YEARS: Final = timedelta(days=3652)
BATCH: Final = 5000
# One busy station has 36,800 alerts a year (handbook, mechanism): a larger city has more stations.
CASES_OF_STATION: Final = 20_000


def load(
    *,
    cases: int,
    seed: int,
    stations: int | None,
    now: datetime,
    say: Callable[[str], None],
    within: timedelta = YEARS,
) -> None:
    """Load `cases` cases spread over `within` (ten years) up to `now`. Same arguments, same mix.

    Each batch is one transaction; roll-ups that exist are marked to be counted again. Ends with ANALYZE.
    """
    count = stations or max(len(STATIONS), cases // CASES_OF_STATION)
    with nudge.held():
        where = places(count, at=now - within)
    rng = random.Random(f"load:{seed}")
    rows = Rows(Pool(seed, at=now), where, rng, now=now, first_no=_reserve(cases))
    step = within / max(cases, 1)
    last_of_station: dict[int, int] = {}
    for first in range(0, cases, BATCH):
        with transaction.atomic():
            _speed_up()
            for number in range(first, min(first + BATCH, cases)):
                opened_at = now - within + step * (number + rng.random())
                _one(rows, rng, opened_at, now, last_of_station)
            flush_all(rows.all)
        say(f"已载入 {min(first + BATCH, cases)} / {cases} 件")
    _finish(rows)


def _one(
    rows: Rows, rng: random.Random, opened_at: datetime, now: datetime, last_of_station: dict[int, int]
) -> None:
    told, place = rng.choice(rows.pool.calls), rng.choice(rows.places.places)
    fate = fate_of(
        rng,
        opened_at=opened_at,
        now=now,
        colour=told.colour,
        is_dispute=told.is_dispute,
        is_void=told.is_void,
    )
    into = last_of_station.get(place.station_id)
    if fate.status == "absorbed" and into is None:
        fate.status = "settled"
    case_id = rows.case(told, place, fate, into if fate.status == "absorbed" else None)
    if fate.status != "absorbed":
        last_of_station[place.station_id] = case_id


def _reserve(cases: int) -> int:
    """The first of as many case numbers: numbers are unique for ever, those of the loader too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('hub_case_no')")
        (first,) = cursor.fetchone()
        for series in ("case", "order", "report"):
            cursor.execute("SELECT setval(%s, nextval(%s) + %s)", [f"hub_{series}_no"] * 2 + [cases])
    return int(first)


def _speed_up() -> None:
    """A superuser need not have two million references checked that were just made from known ids."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        if cursor.fetchone()[0]:
            cursor.execute("SET LOCAL session_replication_role = replica")


def _finish(rows: Rows) -> None:
    for table in rows.all:
        table.finish()
    Counted.objects.update(is_stale=True)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
