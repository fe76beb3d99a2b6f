"""Nudges are lost quickly and quietly: the rows are safe, the sweep finds them (reliability M14, R8)."""

import socket
from time import monotonic
from types import SimpleNamespace

import pytest
from celery import current_app

from dispute_hub.outbox import nudge


@pytest.fixture(autouse=True)
def _no_loss_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nudge, "_quiet", {"until": 0.0})


def test_a_broker_that_is_down_is_no_error(monkeypatch) -> None:

    def down(*args, **kwargs):
        raise ConnectionError

    monkeypatch.setattr("celery.current_app.send_task", down)
    nudge.deliver(1)


def test_after_a_lost_nudge_the_next_ones_wait_for_the_sweep(monkeypatch) -> None:
    """Each would cost a request its time-out; a change may bring a dozen of them."""
    tries, instants = [], iter([100.0, 100.0, 101.0, 100.0 + nudge.QUIET_FOR, 120.0])

    def down(*args, **kwargs):
        tries.append(args)
        raise ConnectionError

    monkeypatch.setattr("celery.current_app.send_task", down)
    monkeypatch.setattr(nudge, "_node", SimpleNamespace(monotonic=lambda: next(instants)))
    nudge.deliver(1)
    nudge.deliver(2)
    assert len(tries) == 1
    nudge.deliver(3)
    assert len(tries) == 2


def test_a_broker_that_accepts_and_never_answers_costs_a_second(monkeypatch) -> None:
    """A black hole (reliability M14): the socket is open, nobody reads it."""
    with socket.create_server(("127.0.0.1", 0)) as hole:
        url = f"redis://127.0.0.1:{hole.getsockname()[1]}/0"
        monkeypatch.setattr(current_app.conf, "broker_write_url", url)
        began = monotonic()
        nudge.deliver(1)
        assert monotonic() - began < 3 * nudge.PUBLISH_WITHIN
    assert nudge._quiet["until"] > 0
