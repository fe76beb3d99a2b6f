"""O4-O7: refusals end with a reason, nothing is believed that is no receipt, no receiver holds us up."""

from __future__ import annotations

import json
import socket
import threading
import time as node
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from dispute_hub.audit.models import AccessLog
from dispute_hub.outbox import egress, services, wire
from dispute_hub.outbox.models import DeliveryAttempt, OutboxRow, PlatformCallback
from dispute_hub.outbox.services import _applying, _dead, _outward
from dispute_hub.outbox.simulator import Switches
from tests.outbox import platforms
from tests.outbox.platforms import answers, drain, publish
from tests.outbox.test_callbacks import call as call_back

pytestmark = pytest.mark.usefixtures("no_nudges")
State = OutboxRow.State
DAY = timedelta(days=1)
CODES = (400, 401, 402, 403, 404, 405, 406, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 422, 426, 451)


def refused_with_each(cast: Any, clock: Any, grid: Any, codes: tuple[int, ...] = CODES) -> None:
    to = platforms.connector(cast, clock, grid.port)
    for code in codes:
        row = publish(cast, clock, case_id=code)
        grid.switches = Switches(refuse=code)
        for _ in range(4):
            drain(clock, to)
            clock.advance(minutes=16)
        # What another message did to the line is another message's.
        type(to).objects.update(circuit="closed", failures=0, probe_at=None)
        OutboxRow.objects.filter(pk=row.pk, state=State.PENDING).update(next_attempt_at=clock.at + DAY)


def check_refusals_end() -> int:
    most = 0
    for row in OutboxRow.objects.filter(target="grid"):
        most = max(most, row.tries.count())
        assert row.state == State.DEAD, "retried for ever"
        assert "对方" in row.last_error and "（4" in row.last_error
    assert most <= 3
    return most


def test_o4_twenty_refusals_end_within_three_tries(cast, clock, grid, figure) -> None:
    refused_with_each(cast, clock, grid)
    most = check_refusals_end()
    first = OutboxRow.objects.filter(target="grid").earliest("id")
    told = OutboxRow.objects.filter(topic="notice").earliest("id")
    assert (told.created_at - first.dead_at).total_seconds() <= 60
    figure("O4", f"{len(CODES)} refusals: most tries", most, "≤ 3")
    figure("O4", "owner told after", f"{(told.created_at - first.dead_at).total_seconds():.0f} s", "≤ 60 s")


@pytest.mark.sabotage
def test_o4_without_an_end_it_turns_red(cast, clock, grid, monkeypatch) -> None:
    judge = wire.judge

    def patient(*said: Any) -> wire.Outcome:
        outcome = judge(*said)
        return wire.Outcome(outcome.kind, outcome.reason, outcome.status)

    monkeypatch.setattr(wire, "judge", patient)
    monkeypatch.setitem(_outward.MOST_TRIES, "refused", 10**6)
    refused_with_each(cast, clock, grid, CODES[:2])
    with pytest.raises(AssertionError, match="retried for ever"):
        check_refusals_end()


def check_replays_are_traced(cast: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    to = platforms.connector(cast, clock)
    rows = [publish(cast, clock, n=n, case_id=n) for n in range(12)]
    answers(monkeypatch, 422, b"")
    drain(clock, to)
    browser = cast.client(cast.bureau)
    assert browser.get("/dead-letters/").content.decode().count('name="rows"') == len(rows)
    browser.post("/dead-letters/replay/", {"rows": [rows[0].pk]})
    browser.post("/dead-letters/replay/", {"all_of": "grid"})
    answers(monkeypatch)
    drain(clock, to)
    assert OutboxRow.objects.filter(target="grid", state=State.SENT).count() == len(rows)
    traced = AccessLog.objects.filter(kind="admin_act", object_kind="outbox_row")
    assert {int(one.object_id) for one in traced} == {row.pk for row in rows}, "a replay left no trace"


def test_o5_dead_letters_are_listed_replayed_and_traced(cast, clock, monkeypatch, figure) -> None:
    check_replays_are_traced(cast, clock, monkeypatch)
    figure("O5", "12 dead letters listed, replayed, traced", "12 of 12", "100 %")


@pytest.mark.sabotage
def test_o5_replays_without_a_trace_turn_red(cast, clock, monkeypatch) -> None:
    monkeypatch.setattr(_dead, "_trace", lambda *_, **__: None)
    with pytest.raises(AssertionError, match="left no trace"):
        check_replays_are_traced(cast, clock, monkeypatch)


def _drip(link: socket.socket) -> None:
    link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(40):
        link.sendall(b"x")
        node.sleep(0.1)


def _never_answer(link: socket.socket) -> None:
    node.sleep(4)


def _endless(link: socket.socket) -> None:
    link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n")
    while True:
        link.sendall(b"x" * 65_536)


def _bomb(link: socket.socket) -> None:
    """Small when packed; never unpacked, so it is a body that is no receipt."""
    body = b"\x1f\x8b" + b"\0" * 1_000
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    link.sendall(head.encode() + body)


@contextmanager
def hostile(behave: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that takes a request and then behaves so."""

    def serve() -> None:
        while True:
            try:
                link, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(link,), daemon=True).start()

    def one(link: socket.socket) -> None:
        try:
            link.recv(65_536)
            behave(link)
        except OSError:
            pass
        finally:
            link.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def check_cut_in_time(cast: Any, clock: Any, behave: Callable[[socket.socket], None]) -> float:
    with hostile(behave) as port:
        to = platforms.connector(cast, clock, port)
        row = publish(cast, clock)
        began = node.perf_counter()
        drain(clock, to)
        took = node.perf_counter() - began
    row.refresh_from_db()
    assert row.state == State.PENDING
    assert took <= egress.TOTAL_WITHIN + 1.5, "held up for longer than the limit"
    return took


@pytest.mark.parametrize(
    "behave", [_drip, _never_answer, _endless, _bomb], ids=["drip", "mute", "1 GB", "gzip"]
)
def test_o6_no_receiver_holds_us_up(cast, clock, monkeypatch, figure, behave) -> None:
    """The limit of 20 s stands at 1 s here, so that the run is short."""
    monkeypatch.setattr(egress, "TOTAL_WITHIN", 1.0)
    took = check_cut_in_time(cast, clock, behave)
    figure("O6", f"{behave.__name__.strip('_')}: cut after (limit 1 s)", f"{took:.1f} s", "≤ limit")


@pytest.mark.sabotage
def test_o6_a_limit_for_each_read_alone_turns_red(cast, clock, monkeypatch) -> None:
    monkeypatch.setattr(egress, "TOTAL_WITHIN", 1.0)
    monkeypatch.setattr(egress, "_left", lambda until: 1.0)
    with pytest.raises(AssertionError, match="held up"):
        check_cut_in_time(cast, clock, _drip)


LOGIN = "<html><form>请登录</form></html>".encode()
OTHER = str(uuid.uuid4())
WRONG = (
    LOGIN, b"", b" ", b"OK", b"success", b"0", b"true", b"null", b"[]", b"{}", b"{", b'{"id":',
    b'"x"', b"\xff\xfe", b"[" * 9_000, b"<xml/>", f'{{"id":"{OTHER}"}}'.encode(), b'{"id":null}',
    b'{"id":1}', b'{"id":["x"]}',
    b'{"code":0}', b'{"success":true}', b'{"code":0,"data":{"id":"x"}}', b'{"code":5001,"id":"%ID"}',
    b'{"code":"E1","id":"%ID"}',
    b'{"code":1,"id":"%ID"}', b'{"code":-1,"id":"%ID"}', b'{"code":false,"id":"%ID"}',
    b'{"success":false,"code":0,"id":"%ID"}', b'{"code":[],"id":"%ID"}',
)  # fmt: skip


def check_nothing_is_believed(cast: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    to = platforms.connector(cast, clock)
    for number, body in enumerate(WRONG):
        row = publish(cast, clock, n=number, case_id=number)
        answers(monkeypatch, 200, body.replace(b"%ID", str(row.message_id).encode()), kind="text/html")
        type(to).objects.update(circuit="closed", failures=0, probe_at=None)
        drain(clock, to)
        row.refresh_from_db()
        assert row.state != State.SENT and row.sent_at is None, f"believed {body[:40]!r}"
        OutboxRow.objects.filter(pk=row.pk).update(state=State.DEAD)


def test_o7_thirty_wrong_answers_mark_nothing_as_received(cast, clock, monkeypatch, figure) -> None:
    check_nothing_is_believed(cast, clock, monkeypatch)
    figure("O7", "wrong answers believed", f"0 of {len(WRONG)}", "0 of 30")


@pytest.mark.sabotage
def test_o7_believing_every_200_turns_red(cast, clock, monkeypatch) -> None:
    monkeypatch.setattr(wire, "_read_receipt", lambda *_: wire.Outcome("sent", sent_hash=b""))
    with pytest.raises(AssertionError, match="believed"):
        check_nothing_is_believed(cast, clock, monkeypatch)


def check_callbacks_only_forwards(cast: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Early, twice, unknown, out of order, backwards: whatever comes, the last state is the furthest."""
    to = platforms.connector(cast, clock)
    row = publish(cast, clock)
    told = [("c1", "accepted"), ("c1", "accepted"), ("c2", "settled"), ("c3", "working"), ("c4", "accepted")]
    for callback_id, status in told[:2]:
        call_back(clock, {"id": str(row.message_id), "status": status}, callback_id=callback_id)
    assert OutboxRow.objects.get(pk=row.pk).state == State.PENDING
    answers(monkeypatch)
    drain(clock, to)
    for callback_id, status in told[2:]:
        call_back(clock, {"id": str(row.message_id), "status": status}, callback_id=callback_id)
    call_back(clock, {"id": OTHER, "status": "settled"})
    row.refresh_from_db()
    assert row.receipt["status"] == "settled", "went backwards"
    verdicts = list(PlatformCallback.objects.order_by("id").values_list("verdict", flat=True))
    assert verdicts == ["early", "applied", "backwards", "backwards", "unknown"]
    assert DeliveryAttempt.objects.count() == 1


def test_o7_callbacks_are_applied_only_forwards(cast, clock, monkeypatch, figure) -> None:
    check_callbacks_only_forwards(cast, clock, monkeypatch)
    figure("O7", "early, twice, unknown, late callbacks", "recorded, none wrongly applied", "all handled")


@pytest.mark.sabotage
def test_o7_callbacks_in_any_direction_turn_red(cast, clock, monkeypatch) -> None:
    monkeypatch.setattr(_applying, "_by_rank", lambda *_: services.Applied("applied"))
    with pytest.raises(AssertionError, match="backwards"):
        check_callbacks_only_forwards(cast, clock, monkeypatch)


def test_json_of_the_canned_answers_is_what_it_seems() -> None:
    assert json.loads(WRONG[-1].replace(b"%ID", b"x")) == {"code": [], "id": "x"}
    assert len(WRONG) == 30
