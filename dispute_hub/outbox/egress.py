"""The only way out: HTTP to an address that stands in an allow-list, checked where it is connected.

A name is resolved once, the numbers it gave are checked, and one of those numbers is connected to, so a
name that changes its answer in between gains nothing (bad input 97). No redirects, no proxy of the
environment, no decompression, and one limit for the whole exchange that a drip-feed cannot stretch.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time as _node
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

import httpcore
from cryptography import x509
from django.conf import settings

# reliability O6
CONNECT_WITHIN: Final = 5.0
TOTAL_WITHIN: Final = 20.0
LARGEST_ANSWER: Final = 1024 * 1024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Never a platform, whatever an allow-list says: this network, link-local with the metadata services of
# the clouds (Alibaba's and Amazon's lie elsewhere), multicast and broadcast.
NEVER: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "169.254.0.0/16", "100.100.100.200/32", "224.0.0.0/4", "240.0.0.0/4",
        "::/128", "fe80::/10", "ff00::/8", "fd00:ec2::254/128",
    )
)  # fmt: skip
LOOPBACK: Final[tuple[Network, ...]] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
# Our own database and broker, and a shell.
NEVER_PORTS: Final = frozenset({22, 5432, 6379})


class Blocked(Exception):
    """The address is not one we may speak to; no byte was sent."""


class Cut(Exception):
    """No answer: not connected, too slow, cut off or far too long. What was sent may have arrived."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """One line of an allow-list: this name, this port, and only within this network."""

    host: str
    port: int
    network: Network


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, as it was."""

    status: int
    content_type: str
    retry_after: str
    body: bytes


def read_allowed(text: str) -> Allowed:
    """`host:port:network`, an IPv6 host in brackets. Raises ValueError with the cure in Chinese."""
    host, _, rest = text.strip().rpartition("]:") if text.strip().startswith("[") else ("", "", "")
    if host:
        host = host[1:]
    else:
        host, _, rest = text.strip().partition(":")
    port, _, cidr = rest.partition(":")
    if not (host and port.isascii() and port.isdigit() and 0 < int(port) < 65536 and cidr):
        raise ValueError("每行应为“主机:端口:网段”，例如 wg.example.gov.cn:443:10.20.0.0/16")
    try:
        network = ipaddress.ip_network(cidr)
    except ValueError:
        raise ValueError(f"网段“{cidr}”无效，应写作 10.20.0.0/16 的形式") from None
    if int(port) in NEVER_PORTS:
        raise ValueError(f"端口 {port} 不是平台接口，不得列入")
    if any(_overlaps(network, other) for other in _refused()):
        raise ValueError(f"网段“{cidr}”含本机、链路本地或保留地址，不得列入")
    return Allowed(host.lower(), int(port), network)


def check_url(url: str, allowed: Sequence[Allowed]) -> None:
    """Raise Blocked unless the URL is plain http(s) to a host and port of the allow-list."""
    host, port = _host_and_port(url)
    if not any(one.host == host and one.port == port for one in allowed):
        raise Blocked(f"{host}:{port} 不在允许对接清单内")


def permitted(host: str, port: int, allowed: Iterable[Allowed], *, within: float) -> list[str]:
    """The addresses of a host that its lines of the allow-list cover. Raises Blocked when none is, Cut
    when the name is unknown or not resolved `within` so many seconds."""
    networks = [one.network for one in allowed if (one.host, one.port) == (host.lower(), port)]
    if not networks:
        raise Blocked(f"{host}:{port} 不在允许对接清单内")
    found = _resolved(host, port, within)
    numbers = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
    good = [number for number in numbers if is_permitted(number, networks)]
    if not good:
        raise Blocked(f"{host} 解析到的地址不在允许的网段内")
    return good


def _resolved(host: str, port: int, within: float) -> list[Any]:
    """What the resolver says: it knows no limit, so one that hangs is left behind in a thread of its own."""
    said: SimpleQueue[Any] = SimpleQueue()

    def look() -> None:
        try:
            said.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except Exception as error:
            said.put(error)

    Thread(target=look, daemon=True, name="resolve").start()
    try:
        found = said.get(timeout=max(0.0, within))
    except Empty:
        raise Cut("域名解析超时") from None
    if isinstance(found, OSError):
        raise Cut("域名无法解析") from found
    if isinstance(found, Exception):
        raise found
    return list(found)


def is_permitted(number: str, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks and in none of the forbidden ones."""
    address: Address = ipaddress.ip_address(number.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    inside = any(address.version == one.version and address in one for one in networks)
    return inside and not any(address.version == one.version and address in one for one in _refused())


def ask(
    method: str, url: str, *, headers: dict[str, str], content: bytes, allowed: Sequence[Allowed]
) -> Answer:
    """One exchange. Raises Blocked before a byte is sent, Cut when there is no whole answer."""
    check_url(url, allowed)
    backend = _GuardedBackend(allowed, until=_node.monotonic() + TOTAL_WITHIN)
    limits = {"connect": CONNECT_WITHIN, "read": TOTAL_WITHIN, "write": TOTAL_WITHIN, "pool": CONNECT_WITHIN}
    try:
        with (
            httpcore.ConnectionPool(network_backend=backend, ssl_context=_trust(), retries=0) as pool,
            pool.stream(
                method,
                url,
                headers=[*headers.items(), ("Accept-Encoding", "identity"), ("Connection", "close")],
                content=content,
                extensions={"timeout": limits},
            ) as answer,
        ):
            return _read(answer)
    except (httpcore.TimeoutException, TimeoutError) as error:
        raise Cut("对方答复超时") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError, ssl.SSLError) as error:
        raise Cut(f"连接中断（{type(error).__name__}）") from error


def certificate_end(url: str, allowed: Sequence[Allowed]) -> datetime:
    """Until when the certificate shown at an https address is good, even if it is so no longer.

    A handshake and nothing more: not trusted, nothing is said. Raises Blocked and Cut.
    """
    check_url(url, allowed)
    host, port = _host_and_port(url)
    until = _node.monotonic() + TOTAL_WITHIN
    number = permitted(host, port, allowed, within=CONNECT_WITHIN)[0]
    look = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    look.check_hostname, look.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection((number, port), CONNECT_WITHIN) as plain:
            # The limit of a handshake is one for all its steps.
            plain.settimeout(max(0.1, until - _node.monotonic()))
            with look.wrap_socket(plain, server_hostname=host) as shown:
                written = shown.getpeercert(binary_form=True)
    except OSError as error:
        raise Cut(f"证书无法读取（{type(error).__name__}）") from error
    if written is None:
        raise Cut("对方没有出示证书")
    return x509.load_der_x509_certificate(written).not_valid_after_utc


def _read(answer: httpcore.Response) -> Answer:
    body = b""
    for part in answer.iter_stream():
        body += part
        if len(body) > LARGEST_ANSWER:
            raise Cut("对方答复超过 1 MB，已中断")
    said = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
    kind = said.get("content-type", "").partition(";")[0].strip().lower()
    return Answer(answer.status, kind, said.get("retry-after", ""), body)


@cache
def _trust() -> ssl.SSLContext:
    """Certificates the system trusts: closed networks install their own authority there.

    Read once a process: reading them costs more than an exchange.
    """
    return ssl.create_default_context()


def _host_and_port(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        raise Blocked("地址格式无效") from None
    if parts.scheme not in ("http", "https"):
        raise Blocked("地址应以 http:// 或 https:// 开头")
    if "@" in parts.netloc or parts.fragment or not parts.hostname:
        raise Blocked("地址中不得含用户名、密码或 #")
    return parts.hostname, port


def _refused() -> tuple[Network, ...]:
    return NEVER if getattr(settings, "HUB_LOOPBACK_PLATFORMS", False) else NEVER + LOOPBACK


def _overlaps(one: Network, other: Network) -> bool:
    return one.version == other.version and one.overlaps(other)


def _left(until: float) -> float:
    """The seconds of an exchange that are left."""
    left = until - _node.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left


class _GuardedBackend(httpcore.NetworkBackend):
    """Connects to a checked number only; resolving, connecting, reads and writes share one time limit."""

    def __init__(self, allowed: Sequence[Allowed], *, until: float) -> None:
        self.allowed, self.until = allowed, until
        self.sockets = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        within = CONNECT_WITHIN if timeout is None else timeout
        number = permitted(host, port, self.allowed, within=min(within, _left(self.until)))[0]
        within = min(within, _left(self.until))
        stream = self.sockets.connect_tcp(number, port, within, local_address, socket_options)
        return _TimedStream(stream, self.until)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Any = None
    ) -> httpcore.NetworkStream:
        raise Blocked("不支持的地址")


class _TimedStream(httpcore.NetworkStream):
    """A stream whose time-outs shrink with what is left of the exchange."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self.stream, self.until = stream, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, _left(self.until))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, _left(self.until))

    def close(self) -> None:
        self.stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        within = _left(self.until)
        return _TimedStream(self.stream.start_tls(ssl_context, server_hostname, within), self.until)

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)
