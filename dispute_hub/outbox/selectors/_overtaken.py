"""Whether what a delivery tells still holds, asked of the stage it is about."""

from __future__ import annotations

from collections.abc import Iterable

from dispute_hub.outbox import topics
from dispute_hub.outbox.models import OutboxRow


def overtaken(rows: Iterable[OutboxRow]) -> dict[int, str]:
    """Why deliveries must not go once more, by row id; those that still hold are not in it."""
    by_path: dict[str, list[int]] = {}
    for row in rows:
        if row.topic in topics.OVERTAKEN_BY:
            by_path.setdefault(topics.OVERTAKEN_BY[row.topic], []).append(row.pk)
    reasons: dict[int, str] = {}
    for path, ids in by_path.items():
        reasons |= topics.resolve(path)(ids)
    return reasons
