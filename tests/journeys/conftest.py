"""The town every story happens in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast
from tests.journeys.story import Town


@pytest.fixture
def town(cast: Cast, clock: Any) -> Town:
    """象珠 on an ordinary working day; a story says itself what time it is."""
    return Town(cast, clock)
