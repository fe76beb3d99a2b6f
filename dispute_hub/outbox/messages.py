"""Short messages to people's usual programs through `apprise`: DingTalk, WeCom, mail, an SMS gateway.

They say that something waits, never about whom: title words only, redacted once more on the way out.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from dispute_hub.common import masks
from dispute_hub.outbox import egress
from dispute_hub.outbox.models import Connector, DeliveryAttempt, OutboxRow
from dispute_hub.outbox.wire import Outcome, allow_list

Kind = DeliveryAttempt.Outcome
# What offices use; of the hundred others many start programs or write files on this machine.
SERVICES: Final = frozenset({"dingtalk", "wecombot", "mailto", "mailtos", "json", "jsons", "form", "forms"})
CLOSING: Final = "详情请登录系统查看。"

_only: ContextVar[Sequence[egress.Allowed] | None] = ContextVar("connect_only_to", default=None)
_watch = {"is_on": False}
_starting = threading.Lock()


def is_service(url: str) -> bool:
    """Whether apprise knows the address and it is of a kind we use."""
    import apprise

    scheme = url.partition("://")[0].lower()
    return scheme in SERVICES and apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None


def words_of(row: OutboxRow) -> tuple[str, str]:
    """Title and body as they leave the house."""
    return masks.redact(str(row.payload.get("title", "")))[:100], CLOSING


def send(row: OutboxRow, connector: Connector) -> Outcome:
    """One try of one message. The services give no receipt: taken is what they call taken."""
    import apprise

    title, body = words_of(row)
    service = apprise.Apprise.instantiate(connector.url, suppress_exceptions=True)
    if service is None or connector.url.partition("://")[0].lower() not in SERVICES:
        return Outcome(Kind.REFUSED, "未发送：消息地址无效", is_final=True)
    service.request_rate_per_sec = 0  # the connector has a rate of its own
    service.socket_connect_timeout, service.socket_read_timeout = egress.CONNECT_WITHIN, 10.0
    try:
        with _connecting_only_to(allow_list(connector)):
            taken = service.notify(body=body, title=title)
    except (egress.Blocked, ValueError) as error:
        return Outcome(Kind.REFUSED, f"未发送：{error}", breaks=True)
    if not taken:
        return Outcome(Kind.UNREACHED, "消息服务未受理或未连通", breaks=True)
    return Outcome(Kind.SENT)


@contextmanager
def _connecting_only_to(allowed: Sequence[egress.Allowed]) -> Iterator[None]:
    """Within, every connection this thread opens must go to a number of the allow-list.

    The services connect by libraries of their own, so the check stands where Python itself connects;
    the name was resolved by then, and a redirect meets the same wall.
    """
    with _starting:
        if not _watch["is_on"]:
            sys.addaudithook(_check_connect)
            _watch["is_on"] = True
    token = _only.set(allowed)
    try:
        yield
    finally:
        _only.reset(token)


def _check_connect(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "socket.connect":
        return
    allowed = _only.get()
    if allowed is None:
        return
    address = arguments[1]
    if not isinstance(address, tuple):
        raise egress.Blocked("不支持的地址")
    host, port = str(address[0]), int(address[1])
    if not egress.is_permitted(host, [one.network for one in allowed if one.port == port]):
        raise egress.Blocked(f"{host}:{port} 不在允许对接清单内")
