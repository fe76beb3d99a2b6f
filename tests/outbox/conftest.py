"""What the tests of deliveries share: a running platform, and the platform's answers without a network."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dispute_hub.outbox import nudge
from dispute_hub.outbox.simulator import GridPlatform
from tests.outbox import platforms
from tests.routing.conftest import call, source, story  # noqa: F401 - orders of real cases


@pytest.fixture
def no_nudges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudge, "_send", lambda *args: None)


@pytest.fixture
def grid() -> Iterator[GridPlatform]:
    """A running grid platform; `grid.port` is where."""
    app = platforms.platform()
    with platforms.running(app) as port:
        app.port = port
        yield app
