"""Lists cut open work at the same instants."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from dispute_hub.common import spans
from dispute_hub.common.time import BEIJING

# A Wednesday, 10:00 in Beijing.
AT = datetime(2026, 3, 4, 10, tzinfo=BEIJING)
SECOND = timedelta(seconds=1)


def _on(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=BEIJING)


@pytest.mark.parametrize(
    ("due_at", "span"),
    [
        (AT - SECOND, spans.OVERDUE),
        (AT, spans.OVERDUE),
        (AT + SECOND, spans.TODAY),
        (_on(5), spans.TODAY),
        (_on(5) + SECOND, spans.WEEK),
        (_on(9), spans.WEEK),
        (_on(9) + SECOND, spans.LATER),
    ],
)
def test_an_end_belongs_to_the_earlier_span(due_at: datetime, span: str) -> None:
    assert spans.span_of(due_at, at=AT) == span


def test_on_a_sunday_the_week_ends_with_the_day() -> None:
    today_ends_at, week_ends_at = spans.ends(_on(8, 12))
    assert today_ends_at == week_ends_at == _on(9)
