"""Protections taken away by name. A promise counts only if its test turns red under its switch."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, Final


def _nudges_only() -> None:
    """R6, R7: what a lost nudge leaves behind is found by nobody."""
    from dispute_hub.outbox import selectors, services

    claim = services.claim

    def asked_for(*, at: Any, only: int | None = None, **rest: Any) -> list[Any]:
        return claim(at=at, only=only, **rest) if only is not None else []

    services.claim = asked_for
    selectors.live_connectors = lambda at: []


def _new_id_each_try() -> None:
    """R6: the receiver cannot know a delivery that comes again."""
    from dispute_hub.outbox import wire

    send = wire.send

    def renamed(row: Any, connector: Any, *, at: Any) -> Any:
        row.message_id = uuid.uuid4()
        return send(row, connector, at=at)

    wire.send = renamed


def _patient_nudge() -> None:
    """R8: a request waits for the broker as long as the broker likes, and fails with it."""
    from celery import current_app

    from dispute_hub.outbox import nudge

    def wait(task: str, *args: int) -> None:
        current_app.send_task(task, args=args, ignore_result=True)

    nudge._send = wait


def _with_poison() -> None:
    """R11: not a protection taken away but the poison itself: a topic that ends its sender."""
    from dispute_hub.outbox.topics import DELIVERED_BY

    DELIVERED_BY["poison"] = "tests.reliability.test_poison.kill_the_sender"


def _early_answer() -> None:
    """R1: the sender is thanked before anything is stored."""
    import threading

    from django.db import connection
    from django.http import JsonResponse

    from intake.api import SourceAlerts

    post = SourceAlerts.post

    def thank(self: Any, request: Any, source: str) -> Any:
        def store() -> None:
            threading.Event().wait(1.0)
            post(self, request, source)
            connection.close()

        threading.Thread(target=store).start()
        return JsonResponse({"thanks": True}, status=201)

    SourceAlerts.post = thank


SWITCHES: Final[dict[str, Callable[[], None]]] = {
    "nudges_only": _nudges_only,
    "new_id_each_try": _new_id_each_try,
    "patient_nudge": _patient_nudge,
    "with_poison": _with_poison,
    "early_answer": _early_answer,
}


def commit(name: str) -> None:
    """Take the named protection away in this process; nothing for no name."""
    if name:
        SWITCHES[name]()
