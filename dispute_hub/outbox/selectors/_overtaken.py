"""Whether what a delivery tells still holds, asked of the stage it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dispute_hub.outbox import topics
from dispute_hub.outbox.models import OutboxRow


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Why a delivery must not go once more as things stand; `is_final`: it will not hold again either."""

    reason: str
    is_final: bool


def overtaken(rows: Iterable[OutboxRow]) -> dict[int, Overtaken]:
    """Why deliveries must not go once more, by row id; those that still hold are not in it."""
    by_path: dict[str, list[int]] = {}
    for row in rows:
        if row.topic in topics.OVERTAKEN_BY:
            by_path.setdefault(topics.OVERTAKEN_BY[row.topic], []).append(row.pk)
    judged: dict[int, Overtaken] = {}
    for path, ids in by_path.items():
        judged |= topics.resolve(path)(ids)
    return judged
