"""Reference data of the kernel: the packaged clock table becomes version 1. Safe to load again."""

from __future__ import annotations

from datetime import datetime

from dispute_hub.cases import clock_table
from dispute_hub.cases.models import ClockTable


def load(*, at: datetime) -> None:
    """Store the packaged limits as the version in force, unless there is one already."""
    if ClockTable.objects.exists():
        return
    ClockTable.objects.create(
        version=1,
        status=ClockTable.Status.ACTIVE,
        content=clock_table.packaged(),
        note="随产品提供",
        created_at=at,
        activated_at=at,
    )
