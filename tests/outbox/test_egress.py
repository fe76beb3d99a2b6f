"""Where we may connect: exact host, port and network, checked on the number (bad input 97; O6)."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic

import pytest

from dispute_hub.outbox import egress, messages

ALLOWED = [egress.read_allowed("wg.example.gov.cn:443:10.20.0.0/16")]


def resolves(monkeypatch: pytest.MonkeyPatch, *numbers: str) -> list[str]:
    asked: list[str] = []

    def answer(host, port, **_):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port)) for number in numbers]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return asked


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x", "http://[::1]/", "http://0/", "http://2130706433/", "http://0x7f.1/",
        "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "gopher://wg.example.gov.cn/",
        "https://wg.example.gov.cn@evil.example/", "https://wg.example.gov.cn:443@evil.example/",
        "https://evil.example/#wg.example.gov.cn", "https://wg.example.gov.cn:6379/",
        "https://wg.example.gov.cn:5432/", "https://wg.example.gov.cn.evil.example/", "https:///x", "x",
        "https://wg.example.gov.cn:99999/", "http://wg.example.gov.cn/",
    ],
)  # fmt: skip
def test_an_address_outside_the_list_is_never_asked(monkeypatch, url: str) -> None:
    asked = resolves(monkeypatch, "10.20.1.1")
    with pytest.raises(egress.Blocked):
        egress.ask("POST", url, headers={}, content=b"", allowed=ALLOWED)
    assert asked == []


@pytest.mark.parametrize(
    "number",
    ["127.0.0.1", "10.21.0.1", "169.254.169.254", "100.100.100.200", "0.0.0.0", "::1", "::ffff:127.0.0.1",
     "fe80::1%1", "fd00:ec2::254", "224.0.0.1", "255.255.255.255", "8.8.8.8"],
)  # fmt: skip
def test_a_listed_name_that_leads_elsewhere_is_blocked(monkeypatch, number: str) -> None:
    resolves(monkeypatch, number)
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: pytest.fail("connected"))
    with pytest.raises(egress.Blocked):
        egress.ask("POST", "https://wg.example.gov.cn/", headers={}, content=b"", allowed=ALLOWED)


def test_the_number_that_was_checked_is_the_one_connected(monkeypatch) -> None:
    """DNS rebinding: a second answer of the name is never asked for."""
    asked = resolves(monkeypatch, "169.254.169.254", "10.20.1.1")
    connected: list[str] = []

    def connect(address, *_, **__):
        connected.append(address[0])
        raise OSError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(egress.Cut):
        egress.ask("POST", "https://wg.example.gov.cn/", headers={}, content=b"", allowed=ALLOWED)
    assert (asked, connected) == (["wg.example.gov.cn"], ["10.20.1.1"])


def test_a_mapped_address_is_its_own_number() -> None:
    networks = [ALLOWED[0].network]
    assert egress.is_permitted("::ffff:10.20.3.4", networks)
    assert not egress.is_permitted("::ffff:10.21.3.4", networks)


@pytest.mark.parametrize(
    "line",
    ["h:443", "h:443:", ":443:10.0.0.0/8", "h:x:10.0.0.0/8", "h:0:10.0.0.0/8", "h:70000:10.0.0.0/8",
     "h:443:10.0.0.1/8", "h:443:0.0.0.0/0", "h:443:169.254.0.0/16", "h:443:168.0.0.0/6", "h:443:::/0",
     "h:5432:10.0.0.0/8", "h:6379:10.0.0.0/8", "h:22:10.0.0.0/8", ""],
)  # fmt: skip
def test_a_line_that_would_open_too_much_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        egress.read_allowed(line)


def test_the_loopback_is_a_platform_in_demo_and_tests_only(settings) -> None:
    assert egress.read_allowed("localhost:8090:127.0.0.0/8").port == 8090
    settings.HUB_LOOPBACK_PLATFORMS = False
    with pytest.raises(ValueError):
        egress.read_allowed("localhost:8090:127.0.0.0/8")
    assert not egress.is_permitted("127.0.0.1", [egress.ipaddress.ip_network("127.0.0.0/8")])


def test_brackets_hold_a_host_with_colons() -> None:
    one = egress.read_allowed("[2001:db8::7]:443:2001:db8::/64")
    assert (one.host, one.port, str(one.network)) == ("2001:db8::7", 443, "2001:db8::/64")


@contextmanager
def hostile(answer: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[egress.Allowed]]]:
    """A server of one connection that behaves as told."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def serve() -> None:
            caller, _ = server.accept()
            with caller:
                caller.recv(65536)
                with suppress(OSError):
                    answer(caller)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{port}/", [egress.read_allowed(f"127.0.0.1:{port}:127.0.0.1/32")]
        thread.join(timeout=5)


def ask(where: tuple[str, list[egress.Allowed]]) -> egress.Answer:
    return egress.ask("POST", where[0], headers={}, content=b"{}", allowed=where[1])


def test_a_redirect_is_an_answer_not_a_way(monkeypatch) -> None:
    said = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:6379/\r\nContent-Length: 0\r\n\r\n"
    with hostile(lambda caller: caller.sendall(said)) as where:
        assert ask(where).status == 302


def drip_head(caller: socket.socket) -> None:
    for _ in range(100):
        caller.sendall(b"H")
        threading.Event().wait(0.05)


def drip_body(caller: socket.socket) -> None:
    caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        caller.sendall(b"x")
        threading.Event().wait(0.05)


@pytest.mark.parametrize("answer", [drip_head, drip_body])
def test_a_drip_feed_is_cut_by_the_limit_of_the_whole(monkeypatch, answer) -> None:
    monkeypatch.setattr(egress, "TOTAL_WITHIN", 0.5)
    began = monotonic()
    with hostile(answer) as where, pytest.raises(egress.Cut):
        ask(where)
    assert monotonic() - began < 5.5


@pytest.mark.parametrize("look", ["ask", "certificate_end"])
def test_a_resolver_that_hangs_is_left_behind(monkeypatch, look: str) -> None:
    monkeypatch.setattr(egress, "TOTAL_WITHIN", 0.3)
    monkeypatch.setattr(egress, "CONNECT_WITHIN", 0.3)
    hangs = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: hangs.wait(20) and [])
    began = monotonic()
    with pytest.raises(egress.Cut, match="解析超时"):
        if look == "ask":
            egress.ask("GET", "https://wg.example.gov.cn/", headers={}, content=b"", allowed=ALLOWED)
        else:
            egress.certificate_end("https://wg.example.gov.cn/", ALLOWED)
    hangs.set()
    assert monotonic() - began < 5


def test_connecting_takes_no_longer_than_what_is_left_of_the_whole(monkeypatch) -> None:
    monkeypatch.setattr(egress, "TOTAL_WITHIN", 0.5)
    resolves(monkeypatch, "10.20.1.1")
    given: list[float] = []

    def connect(address, timeout, *_, **__):
        given.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(egress.Cut):
        egress.ask("GET", "https://wg.example.gov.cn/", headers={}, content=b"", allowed=ALLOWED)
    assert given and given[0] <= 0.5


def test_a_body_without_end_is_cut_at_a_megabyte() -> None:
    def flood(caller: socket.socket) -> None:
        caller.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            caller.sendall(b"0" * 65536)

    with hostile(flood) as where, pytest.raises(egress.Cut, match="1 MB"):
        ask(where)


def test_a_compressed_body_stays_packed() -> None:
    import gzip

    bomb = gzip.compress(b"0" * 5_000_000)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    with hostile(lambda caller: caller.sendall(head + bomb)) as where:
        assert ask(where).body == bomb


def test_the_proxy_of_the_environment_is_not_asked(monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1/")
    with hostile(lambda caller: caller.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")) as where:
        assert ask(where).status == 204


def test_messages_meet_the_same_wall_where_python_connects() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        elsewhere = [egress.read_allowed(f"sms.example.gov.cn:{port}:10.20.0.0/16")]
        here = [egress.read_allowed(f"sms.example.gov.cn:{port}:127.0.0.0/8")]
        with messages._connecting_only_to(elsewhere), pytest.raises(egress.Blocked):
            socket.create_connection(("127.0.0.1", port), timeout=1)
        with messages._connecting_only_to(here):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
