"""From the commit of a push to the officer's screen while hundreds of streams are open on one process."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.db import transaction

from dispute_hub.accounts.actor import PostActor, SourceActor
from dispute_hub.accounts.models import Post, Role, User
from dispute_hub.cases.services import PartyFacts
from dispute_hub.common import time as clock
from dispute_hub.outbox import nudge
from dispute_hub.outbox import services as outbox
from intake import services as intake
from intake.message import AlertFacts
from intake.models import Source
from tests.bench.measuring import Timing, timing
from tests.browsers import serve
from tests.cast import Cast, build_cast
from tests.databases import clone, drop_orphans, ensure_template, point_at
from triage import services as triage

WORDS = (
    "Written by `python -m tests.bench streams`. So many officers each hold one stream open on one web\n"
    "process. Alerts that name one of them come in one by one; the time runs from the return of COMMIT to\n"
    "the event at that officer's connection, and on to the answer with his new cards. The third row tells\n"
    "one notice to the whole station and waits for the slowest stream."
)
KNIFE = "双方因停车争执，一人从车上拿出菜刀，扬言要砍死对方，现场多人围观。"


@dataclass
class Measured:
    """Milliseconds from the commit; connections of the web process while all streams are open."""

    streams: int
    event: Timing
    cards: Timing
    all_told: Timing
    connections: int


@dataclass
class Crowd:
    """The open streams: who waits for the next look, answered with when it came."""

    waiting: dict[str, Future[float]] = field(default_factory=dict)
    opened: int = 0

    def expect(self, name: str) -> Future[float]:
        self.waiting[name] = Future()
        return self.waiting[name]

    async def listen(self, name: str, url: str, cookie: str) -> None:
        parts = urlsplit(url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(
            f"GET /streams/live/ HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookie}\r\n\r\n".encode()
        )
        while line := await reader.readline():
            if line == b"event: open\n":
                self.opened += 1
            elif line == b"event: look\n" and (answer := self.waiting.pop(name, None)):
                answer.set_result(time.perf_counter())


def measured(streams: int, *, repeat: int) -> Measured:
    """Open so many streams and send so many pushes through the real intake."""
    drop_orphans()
    before = settings.DATABASES["default"]["NAME"]
    with clone(ensure_template(), "bench") as database, tempfile.TemporaryDirectory() as folder:
        point_at(database.name)
        try:
            cast = build_cast()
            triage.load_reference(at=clock.now())
            officers = _officers(cast, streams)
            with serve(database.environment, log=Path(folder) / "web.log", threads=8) as served:
                return _measured(served.url, cast, officers, repeat=repeat)
        finally:
            point_at(before)


def _officers(cast: Cast, number: int) -> list[PostActor]:
    users = User.objects.bulk_create(
        User(username=f"bench{n}", full_name=f"民警{n}", police_number=f"9{n:05d}") for n in range(number)
    )
    posts = Post.objects.bulk_create(
        Post(user=user, unit=cast.units.station, role=Role.OFFICER) for user in users
    )
    return [PostActor(user, post) for user, post in zip(users, posts, strict=True)]


def _measured(url: str, cast: Cast, officers: list[PostActor], *, repeat: int) -> Measured:
    clients = {one.user.username: Cast(SimpleNamespace()).client(one) for one in officers}
    name = settings.SESSION_COOKIE_NAME
    cookies = {who: f"{name}={client.cookies[name].value}" for who, client in clients.items()}
    source = intake.register_source(
        "110", kind="110", name="永康110", reception=cast.units.reception, bureau=cast.units.bureau,
        secret="whsec_ZGlzcHV0ZS1odWItZGVtby1zZWNyZXQtMTEw", at=clock.now(),
    )  # fmt: skip
    events, cards, all_told = [], [], []
    pages = httpx.Client(base_url=url, trust_env=False, timeout=60)
    with _crowd(url, cookies) as crowd, pages as http, nudge.held():
        for number in range(repeat):
            officer = officers[number * 7 % len(officers)]
            heard = crowd.expect(officer.user.username)
            committed = _call(source, officer, number)
            events.append((heard.result(30) - committed) * 1000)
            http.get("/pushes/_cards/", headers={"cookie": cookies[officer.user.username]}).raise_for_status()
            cards.append((time.perf_counter() - committed) * 1000)
        for _ in range(5):
            answers = [crowd.expect(who) for who in cookies]
            committed = _tell_all(cast)
            all_told.append((max(answer.result(30) for answer in answers) - committed) * 1000)
        connections = _connections()
    return Measured(len(officers), timing(events), timing(cards), timing(all_told), connections)


@contextmanager
def _crowd(url: str, cookies: dict[str, str]) -> Iterator[Crowd]:
    crowd, loop = Crowd(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    ears = [
        asyncio.run_coroutine_threadsafe(crowd.listen(who, url, cookie), loop)
        for who, cookie in cookies.items()
    ]
    until = time.monotonic() + 120
    while crowd.opened < len(cookies):
        if time.monotonic() > until:
            raise RuntimeError(f"only {crowd.opened} of {len(cookies)} streams opened")
        time.sleep(0.1)
    time.sleep(2)
    yield crowd
    for ear in ears:
        ear.cancel()
    time.sleep(0.5)
    loop.call_soon_threadsafe(loop.stop)


def _call(source: Source, officer: PostActor, number: int) -> float:
    """An alert for this officer; when its COMMIT returned."""
    facts = AlertFacts(
        alert_no=f"B{number:05d}", received_at=clock.now(), address=f"象珠镇新村路{number}号",
        narrative=KNIFE, reporter=PartyFacts(role="reporter", phone=f"1380000{number:04d}"),
        station="330784-XZ", officers=(officer.user.police_number,),
    )  # fmt: skip
    committed: list[float] = []
    with transaction.atomic():
        transaction.on_commit(lambda: committed.append(time.perf_counter()))
        actor = SourceActor(source.code, source.reception_id)
        intake.receive(facts, source=source, actor=actor, at=clock.now())
    return committed[0]


def _tell_all(cast: Cast) -> float:
    message = outbox.Message(
        kind="push.issued", title="一推送", unit_id=cast.units.station.pk, role=Role.OFFICER
    )
    outbox.notify_many([(message, None)], at=clock.now())
    return time.perf_counter()


def _connections() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        return int(cursor.fetchone()[0])


def table(found: Measured) -> str:
    """Markdown."""
    rows = [
        ("what", "p50 / p95", "promised"),
        ("---", "---:", "---:"),
        (f"commit → event, {found.streams} streams open", _ms(found.event), "≤ 2 s"),
        ("commit → the officer's new cards", _ms(found.cards), "≤ 2 s"),
        (f"one notice to all {found.streams}, the slowest", _ms(found.all_told), "≤ 2 s"),
        ("database connections of the web process", str(found.connections), "none for a stream"),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _ms(found: Timing) -> str:
    return f"{found.p50:.0f} / {found.p95:.0f} ms"
