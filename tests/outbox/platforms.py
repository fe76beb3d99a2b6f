"""A grid platform that runs beside a test, and the connector that leads to it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from dispute_hub.common.time import now
from dispute_hub.outbox import egress, services
from dispute_hub.outbox.models import Connector, OutboxRow
from dispute_hub.outbox.simulator import GridPlatform
from tests.cast import Cast

SECRET = "whsec_Z3JpZC1wbGF0Zm9ybS1zaW11bGF0b3Itc2VjcmV0"
NEXT_SECRET = "whsec_YW5vdGhlci1zZWNyZXQtb2YtdGhlLXBsYXRmb3Jt"


@contextmanager
def running(app: Any) -> Iterator[int]:
    """Serve an ASGI application on a free port of the loopback; the port."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    config = uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield port
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def connector(cast: Cast, clock: Any, port: int = 9, **changes: Any) -> Connector:
    """A confirmed platform of the bureau at a port of this machine."""
    said = {
        "code": "grid", "name": "象珠网格平台", "kind": "webhook", "unit": cast.units.bureau,
        "url": f"http://127.0.0.1:{port}/orders", "query_url": f"http://127.0.0.1:{port}/orders",
        "topics": ["order.sent"], "allowed": [f"127.0.0.1:{port}:127.0.0.0/8"], "secret": SECRET,
        "rate_per_minute": 6000, "changed_by": cast.system_admin.user, "changed_at": clock.at,
        "approved_by": cast.bureau.user, "approved_at": clock.at,
    } | changes  # fmt: skip
    return Connector.objects.create(**said)


def platform() -> GridPlatform:
    return GridPlatform(SECRET, now)


def publish(cast, clock, *, n: int = 1, case_id: int | None = 7) -> OutboxRow:
    services.publish(
        "order.sent", {"no": f"J{n}", "grade": "urgent"}, at=clock.at, case_id=case_id,
        bureau_id=cast.units.bureau.pk,
    )  # fmt: skip
    return OutboxRow.objects.latest("id")


def drain(clock, connector: Connector) -> int:
    return services.drain(connector.pk, clock=lambda: clock.at, sleep=lambda s: clock.advance(seconds=s))


def answers(monkeypatch, status: int = 200, body: bytes | None = None, *, kind="application/json", wait=""):
    """The platform's next answers without a network; None echoes the id as a good receipt."""

    def ask(method, url, *, headers, content, allowed):
        said = body if body is not None else f'{{"code":0,"id":"{headers["webhook-id"]}"}}'.encode()
        return egress.Answer(status, kind, wait, said)

    monkeypatch.setattr(egress, "ask", ask)


def cut(monkeypatch) -> None:
    def ask(*_, **__):
        raise egress.Cut("对方答复超时")

    monkeypatch.setattr(egress, "ask", ask)
