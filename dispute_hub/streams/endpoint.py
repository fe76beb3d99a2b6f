"""GET /streams/live/: server-sent events for the post of the log-in; coroutines without the database."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any, Final
from urllib.parse import parse_qs

from django.conf import settings
from django.db import Error
from django.http import parse_cookie

from dispute_hub.streams import rights
from dispute_hub.streams.fanout import Fanout, Holder, Stream
from dispute_hub.streams.listening import Listener

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH: Final = "/streams/live/"
# Proxies cut what is silent for a minute; pages take silence of twenty seconds for a cut.
BEATS_EVERY: Final = 8.0
# reliability S5: an ended session or a taken right closes its streams within thirty seconds.
ASKS_RIGHTS_EVERY: Final = 12.0
GIVES_UP_AFTER: Final = 2
# A connection that nobody reads any more would otherwise stay until TCP gives up.
LASTS_AT_MOST: Final = 900.0
HEARS_WITHIN: Final = 2.0
LONGEST_ID: Final = 40
HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"same-origin"),
)
STREAM_HEADERS: Final = (*HEADERS, (b"content-type", b"text/event-stream"), (b"x-accel-buffering", b"no"))


class Streams:
    """The streams of one process as an ASGI application: fan-out, listener and the watch over rights.

    Started by its first stream, so that a process without any holds no connection for them.
    """

    def __init__(self) -> None:
        self.fanout = Fanout()
        self.listener: Listener | None = None
        self.watch: asyncio.Task[None] | None = None
        self.is_closing = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or stream until the page leaves, its rights end, or the process does."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        status, holder = await self._admit(scope, headers)
        if holder is None:
            return await _refuse(send, status)
        await self._start()
        if not self.fanout.has_room_for(holder):
            return await _refuse(send, 429)
        last_id = headers.get("last-event-id", "")[:LONGEST_ID]
        stream = self.fanout.open(holder, last_id=last_id, age=_age(scope))
        leaving = asyncio.ensure_future(_until_left(receive, stream))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": list(STREAM_HEADERS)})
            await _stream(stream, send)
        finally:
            self.fanout.close(stream)
            leaving.cancel()
        return None

    async def _admit(self, scope: Scope, headers: dict[str, str]) -> tuple[int, Holder | None]:
        """The holder of the stream, or with which status it is refused."""
        if scope["path"] != PATH or scope["method"] != "GET":
            return (404 if scope["path"] != PATH else 405), None
        if self.is_closing:
            return 503, None
        try:
            holder = await _holder(headers)
        except Error:
            return 503, None
        return 403, holder

    async def _start(self) -> None:
        """Listen, if nobody does yet; a first page waits a moment for it instead of being told of a cut."""
        if self.listener is None:
            self._listen()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.fanout.hears.wait(), HEARS_WITHIN)

    def _listen(self) -> None:
        loop, fanout = asyncio.get_running_loop(), self.fanout
        self.listener = Listener(
            begin=lambda number: _soon(loop, partial(fanout.begin, number)),
            tell=lambda many: _soon(loop, partial(fanout.tell, many)),
            look_at_all=lambda: _soon(loop, fanout.look_at_all),
            cut=lambda: _soon(loop, fanout.cut),
        )
        self.listener.start()
        self.watch = loop.create_task(self._watch_rights())

    async def _watch_rights(self) -> None:
        """End the streams whose rights have ended, and all of them when nobody can say who may any more."""
        unanswered = 0
        while True:
            await asyncio.sleep(ASKS_RIGHTS_EVERY)
            holders = {stream.holder.session_key: stream.holder for stream in self.fanout.streams}
            if not holders:
                continue
            try:
                found = await rights.ask(partial(rights.holders_of, list(holders)))
                unanswered = 0
            except Exception as error:  # whatever it was: a watch that ends would leave taken rights alive
                log.warning("rights of streams not asked: %s", type(error).__name__)
                unanswered += 1
                if unanswered < GIVES_UP_AFTER:
                    continue
                found = {}
            self.fanout.end(key for key, holder in holders.items() if found.get(key) != holder)

    def close(self) -> None:
        """The process ends: every stream ends now, so that its page finds another process at once."""
        self.is_closing = True
        self.fanout.end()
        if self.listener is not None:
            self.listener.stop()
        if self.watch is not None:
            self.watch.cancel()


application: Final = Streams()


def _soon(loop: asyncio.AbstractEventLoop, effect: Callable[[], None]) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(effect)


async def _holder(headers: dict[str, str]) -> Holder | None:
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return None
    session_key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME, "")
    return await rights.ask(partial(rights.holder_of, session_key)) if session_key else None


def _age(scope: Scope) -> float:
    """Seconds since the page was made on the server, as the page reckons, and one for the way."""
    said = parse_qs(scope["query_string"].decode("latin-1")).get("age", ["0"])[0]
    return min(int(said), 60_000) / 1000 + 1 if said.isascii() and said.isdigit() and len(said) < 9 else 1.0


async def _until_left(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _stream(stream: Stream, send: Send) -> None:
    loop = asyncio.get_running_loop()
    until = loop.time() + LASTS_AT_MOST * random.uniform(0.8, 1)
    # Pages of a process that ends come back spread out, not all in the same instant.
    opening = f"retry: {random.randint(500, 3000)}\n{_event(stream, 'cut' if stream.is_cut else 'open')}"
    await _write(send, opening)
    was_cut = stream.is_cut
    while not stream.is_over and loop.time() < until:
        try:
            await asyncio.wait_for(stream.wake.wait(), BEATS_EVERY)
        except TimeoutError:
            await _write(send, _event(stream, "cut" if stream.is_cut else "beat"))
            continue
        stream.wake.clear()
        await _write(send, _news(stream, was_cut=was_cut))
        was_cut = stream.is_cut
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _news(stream: Stream, *, was_cut: bool) -> str:
    if stream.is_cut:
        return "" if was_cut else _event(stream, "cut")
    looks_at_all, stream.looks_at_all = stream.looks_at_all, False
    kinds = stream.take()
    if looks_at_all:
        return _event(stream, "again")
    return _event(stream, "look", kinds) if kinds else ""


def _event(stream: Stream, name: str, said: str = "-") -> str:
    return f"id: {stream.number}\nevent: {name}\ndata: {said}\n\n"


async def _write(send: Send, text: str) -> None:
    if text:
        await send({"type": "http.response.body", "body": text.encode(), "more_body": True})


async def _refuse(send: Send, status: int) -> None:
    """No page reads a body here: EventSource takes any of these for "ask by yourself"."""
    headers = [*HEADERS, (b"content-length", b"0"), *([(b"retry-after", b"30")] if status >= 429 else [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
