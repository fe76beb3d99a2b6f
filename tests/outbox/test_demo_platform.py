"""The demo city's platform: there, confirmed by a second person, and silent until somebody resumes it."""

from __future__ import annotations

import pytest

from dispute_hub.demo.platform import build_platform
from dispute_hub.demo.seeding import build_base
from dispute_hub.outbox import selectors, services
from tests.outbox.platforms import drain

pytestmark = pytest.mark.usefixtures("no_nudges")


@pytest.mark.django_db
def test_it_sends_nothing_until_it_is_resumed(clock) -> None:
    units, posts, _ = build_base(at=clock.at)
    platform = build_platform(units, posts, at=clock.at)
    assert build_platform(units, posts, at=clock.at).pk == platform.pk
    assert selectors.state_of(platform, clock.at) == "已暂停"
    said = {"at": clock.at, "case_id": None, "bureau_id": platform.unit_id}
    assert services.publish("order.sent", {"no": "J1"}, **said) == 0
    assert drain(clock, platform) == 0
    assert selectors.waiting_of(platform)["number"] == 1
