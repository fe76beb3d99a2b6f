"""A stand-in for the grid platform of a street: takes orders, keeps every byte, answers as it is told.

A plain ASGI application without database. `POST /orders` and `GET /orders` are what a platform offers;
`/switches`, `/ledger` and `/answers` are for the person or test that holds it. Its switches:
`slow` seconds before an answer, `cut_every` n-th connection after the body was read, `refuse` with a
status, `lie` (drop: thanks and forgets; other_id; html; code), `duplicate` every callback, `mute`: none.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import httpcore
from standardwebhooks.webhooks import Webhook

# What its list tells of an order, and how many at once.
LISTED = ("id", "status", "hash", "number", "text", "reason_code", "how", "sequence")
MOST_LISTED = 1000

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True)
class Switches:
    """How it behaves until told otherwise."""

    slow: float = 0.0
    cut_every: int = 0
    refuse: int = 0
    lie: str = ""
    duplicate: bool = False
    mute: bool = False


@dataclass
class GridPlatform:
    """One platform. `orders` is what it took, by message id; `seen` every delivery that reached it."""

    secret: str
    clock: Callable[[], datetime]
    callback_url: str = ""
    switches: Switches = field(default_factory=Switches)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        routes = {
            ("POST", "/orders"): self._take, ("GET", "/orders"): self._list,
            ("GET", "/ledger"): self._ledger, ("POST", "/switches"): self._switch,
            ("POST", "/answers"): self._answer,
        }  # fmt: skip
        route = routes.get((scope["method"], scope["path"]), self._unknown)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        headers["query"] = scope.get("query_string", b"").decode()
        status, said, kind = await route(headers, body)
        if status == 0:
            await _cut(send)
            return
        raw = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
        head = [(b"content-type", kind.encode()), (b"content-length", str(len(raw)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": raw})

    async def _take(self, headers: dict[str, str], body: bytes) -> tuple[int, Any, str]:
        message_id, told = headers.get("webhook-id", ""), self.switches
        if not self._is_signed(headers, body):
            return 401, {"code": 401, "message": "签名无效"}, "application/json"
        self.seen.append(message_id)
        if told.slow:
            await asyncio.sleep(told.slow)
        if told.refuse:
            return told.refuse, {"code": told.refuse}, "application/json"
        if told.lie == "html":
            return 200, "<html><body>请登录</body></html>".encode(), "text/html; charset=utf-8"
        if told.lie == "code":
            return 200, {"code": 5001, "message": "系统繁忙"}, "application/json"
        duplicate = message_id in self.orders
        if told.lie != "drop":
            self._keep(message_id, body)
        if told.cut_every and len(self.seen) % told.cut_every == 0:
            return 0, b"", ""
        shown = str(uuid.uuid4()) if told.lie == "other_id" else message_id
        number = self.orders.get(message_id, {}).get("number", "")
        answer = {"code": 0, "id": shown, "number": number, "duplicate": duplicate}
        return 200, answer, "application/json"

    def _keep(self, message_id: str, body: bytes) -> None:
        order = {
            "id": message_id, "number": f"WG{len(self.orders) + 1:08d}", "status": "received", "effects": 1,
            "hash": hashlib.sha256(body).hexdigest(), "body": body.decode(),
        }  # fmt: skip
        self.orders.setdefault(message_id, order)

    async def _list(self, headers: dict[str, str], body: bytes) -> tuple[int, Any, str]:
        """What it holds, page by page, for the reconciliation of the other side; signed like an order."""
        if not self._is_signed(headers, body):
            return 401, {"code": 401}, "application/json"
        if self.switches.refuse:
            return self.switches.refuse, {"code": self.switches.refuse}, "application/json"
        wanted = parse_qs(headers["query"])
        first = int(wanted.get("after", ["0"])[0])
        limit = min(int(wanted.get("limit", ["1000"])[0]), MOST_LISTED)
        held = list(self.orders.values())
        rows = [{name: one[name] for name in LISTED if name in one} for one in held[first : first + limit]]
        following = str(first + limit) if first + limit < len(held) else ""
        return 200, {"results": rows, "next": following}, "application/json"

    async def _ledger(self, headers: dict[str, str], body: bytes) -> tuple[int, Any, str]:
        told = asdict(self.switches)
        return 200, {"orders": self.orders, "seen": self.seen, "switches": told}, "application/json"

    async def _switch(self, headers: dict[str, str], body: bytes) -> tuple[int, Any, str]:
        try:
            self.switches = replace(self.switches, **json.loads(body))
        except (TypeError, ValueError):
            return 422, {"known": list(asdict(self.switches))}, "application/json"
        return 200, asdict(self.switches), "application/json"

    async def _answer(self, headers: dict[str, str], body: bytes) -> tuple[int, Any, str]:
        """Tell the hub how an order goes: `{"id", "status", "sequence"}` becomes a signed callback."""
        said = json.loads(body)
        times = 2 if self.switches.duplicate else 1
        order = self.orders.get(said["id"])
        if order is not None:
            order.update({name: said[name] for name in LISTED if name in said})
        if self.switches.mute:
            return 200, {"answered": []}, "application/json"
        callback_id = uuid.uuid4().hex
        statuses = [await asyncio.to_thread(self._call_back, callback_id, said) for _ in range(times)]
        return 200, {"answered": statuses}, "application/json"

    def _call_back(self, callback_id: str, said: dict[str, Any]) -> int:
        instant, raw = self.clock().astimezone(UTC), json.dumps(said)
        headers = {
            "Content-Type": "application/json", "webhook-id": callback_id,
            "webhook-timestamp": str(int(instant.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(callback_id, instant, raw),
        }  # fmt: skip
        return httpcore.request(
            "POST", self.callback_url, headers=[*headers.items()], content=raw.encode()
        ).status

    async def _unknown(self, headers: dict[str, str], body: bytes) -> tuple[int, Any, str]:
        return 404, {"code": 404}, "application/json"

    def _is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        stamp = headers.get("webhook-timestamp", "")
        if not stamp.isdigit() or (not body.isascii() and not _is_text(body)):
            return False
        instant = datetime.fromtimestamp(int(stamp), UTC)
        wanted = Webhook(self.secret).sign(headers.get("webhook-id", ""), instant, body.decode())
        given = headers.get("webhook-signature", "").split(" ")
        return any(hmac.compare_digest(wanted, one) for one in given)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


async def _cut(send: Send) -> None:
    """Promise more than is sent: the server drops the connection in the middle of the answer."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
    await send({"type": "http.response.body", "body": b'{"code"'})
