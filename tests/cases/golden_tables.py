"""The golden tables of the clock engine: rows reckoned by hand, read for the tests."""

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

from dispute_hub.cases.calendar import Pause
from dispute_hub.common.time import BEIJING, parse_instant

FOLDER = Path(__file__).parent / "golden"


def rows(name: str) -> list[dict[str, str]]:
    """One table, without its comments."""
    text = (FOLDER / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def instant(text: str) -> datetime:
    """Wall time of Beijing; 24:00 is the end of its day."""
    day, _, clock = text.partition("T")
    if clock == "24:00":
        return parse_instant(f"{date.fromisoformat(day) + timedelta(days=1)}T00:00+08:00")
    return parse_instant(f"{text}+08:00")


def shown(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M")


def pauses(text: str) -> list[Pause]:
    """ "from/until;from/until"."""
    spans = [span.split("/") for span in text.split(";") if span]
    return [Pause(instant(start), instant(end)) for start, end in spans]


def rest_days() -> dict[date, str]:
    """Every day of a holiday block, with its name."""
    found = {}
    for row in rows("days"):
        first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
        found |= {first + timedelta(days=n): row["holiday"] for n in range((last - first).days + 1)}
    return found


def make_up_days() -> list[str]:
    return sorted(day for row in rows("days") for day in row["make_up"].split())
