"""The figures of the follow-up as data: dates by colour, who counts as sensitive, tries, quiet hours.

Source of every figure: section 10 of the domain handbook (quiet hours: section 7), in `data/plans.json`.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from datetime import time as wall_time
from functools import cache
from pathlib import Path
from typing import Any

from dispute_hub.common import time

DATA = Path(__file__).parent / "data" / "plans.json"


@cache
def plans() -> dict[str, Any]:
    """The active table, with its version."""
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


def is_quiet(at: datetime) -> bool:
    """Whether parties are not to be called now (21:00 to 08:00 Beijing), except for danger."""
    starts, ends = (wall_time.fromisoformat(text) for text in plans()["quiet_hours"])
    local = at.astimezone(time.BEIJING).time()
    return bool(local >= starts or local < ends)


def next_try_on(at: datetime) -> date:
    """The next day counts as another try (handbook 10: three tries on different days)."""
    return time.beijing_date(at) + timedelta(days=1)
