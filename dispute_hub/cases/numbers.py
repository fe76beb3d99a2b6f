"""Numbers that people quote: unique for ever, gaps allowed (a rolled-back act leaves one)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import connection

from dispute_hub.common import time

# One database sequence per series: a counter row would make all writers of a day wait for each other.
SERIES: Final[dict[str, str]] = {
    "case": "JF",
    "alert": "JJ",
    "order": "JB",
    "report": "FX",
    "notice": "YJ",
    "agreement": "XY",
    "session": "TJ",
    "consultation": "HS",
    "supervision": "DB",
    "letter": "TS",
}


def issue(series: str, at: datetime) -> str:
    """The next number of the series, for instance `JF20261121000123` (prefix, Beijing day, counter)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"hub_{series}_no"])
        (value,) = cursor.fetchone()
    return f"{SERIES[series]}{time.beijing_date(at):%Y%m%d}{value:06d}"
