"""When a platform may be spoken to: rate, hours, pause, and the breaker (reliability O1, O3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispute_hub.outbox import egress, services
from dispute_hub.outbox.models import OutboxRow
from tests.outbox import platforms
from tests.outbox.platforms import answers, cut, drain, publish

pytestmark = pytest.mark.usefixtures("no_nudges")


def test_the_circuit_opens_after_five_probes_slowly_and_closes_after_two(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock)
    for n in range(20):
        publish(cast, clock, n=n, case_id=n)
    monkeypatch.setattr("random.random", lambda: 0.0)
    cut(monkeypatch)
    assert drain(clock, to) == 5
    probes, began = [], clock.at
    while len(probes) < 6:
        clock.advance(seconds=1)
        if drain(clock, to):
            probes.append((clock.at - began).total_seconds())
            began = clock.at
    assert probes == [30, 60, 120, 240, 300, 300]
    answers(monkeypatch)
    clock.advance(seconds=300)
    assert drain(clock, to) == 1
    clock.advance(seconds=29)
    assert drain(clock, to) == 0
    clock.advance(seconds=1)
    assert drain(clock, to) == 19
    to.refresh_from_db()
    assert to.circuit == "closed"


def test_a_platform_down_for_ten_minutes_alarms_once(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock, circuit="open", opened_at=clock.at, probe_seconds=30)
    clock.advance(minutes=9, seconds=59)
    services.watch_platforms(at=clock.at)
    assert not OutboxRow.objects.exists()
    clock.advance(seconds=1)
    services.watch_platforms(at=clock.at)
    services.watch_platforms(at=clock.at)
    roles = sorted(row.payload["role"] for row in OutboxRow.objects.all())
    assert roles == ["bureau", "system_admin"]
    assert to.name in OutboxRow.objects.first().payload["title"]


def test_retry_after_holds_the_whole_platform(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock)
    publish(cast, clock, case_id=1)
    publish(cast, clock, case_id=2)
    answers(monkeypatch, 429, b"", wait="120")
    assert drain(clock, to) == 1
    answers(monkeypatch)
    clock.advance(seconds=60)
    assert drain(clock, to) == 0
    clock.advance(seconds=60)
    assert drain(clock, to) == 2


def test_the_rate_is_kept(cast, clock, monkeypatch) -> None:
    """O1: the default is five a second, a second's worth may go at once."""
    to = platforms.connector(cast, clock, rate_per_minute=300)
    for n in range(50):
        publish(cast, clock, n=n, case_id=n)
    sent = []

    def ask(method, url, *, headers, content, allowed):
        sent.append(clock.at)
        return egress.Answer(200, "application/json", "", f'{{"id":"{headers["webhook-id"]}"}}'.encode())

    monkeypatch.setattr(egress, "ask", ask)
    assert drain(clock, to) == 50
    for began in sent:
        assert sum(began <= one < began + timedelta(seconds=1) for one in sent) <= 10
    assert sent[-1] - sent[0] >= timedelta(seconds=9)


@pytest.mark.parametrize(
    "shut",
    [{"is_paused": True}, {"approved_by": None}, {"opens_at": "10:00", "closes_at": "17:00"},
     {"opens_at": "22:00", "closes_at": "06:00"}],
)  # fmt: skip
def test_what_may_not_go_out_waits(cast, clock, monkeypatch, shut) -> None:
    to = platforms.connector(cast, clock, **shut)
    publish(cast, clock)
    monkeypatch.setattr(egress, "ask", lambda *_, **__: pytest.fail("sent"))
    assert drain(clock, to) == 0


def test_hours_over_midnight(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock, opens_at="22:00", closes_at="06:00")
    publish(cast, clock)
    answers(monkeypatch)
    clock.set("2026-03-05T05:59:59+08:00")
    assert drain(clock, to) == 1
