"""O8, O9: keys change under load without a failure, what runs out is told in time, the books are compared."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dispute_hub.outbox import services, wire
from dispute_hub.outbox.models import Connector, DeliveryAttempt, Difference, OutboxRow
from dispute_hub.outbox.services import _expiry, _reconciling
from tests.outbox import platforms
from tests.outbox.platforms import drain, publish
from tests.outbox.test_callbacks import call as call_back
from tests.outbox.test_reconciling import seed

pytestmark = pytest.mark.usefixtures("no_nudges")


def rotate_under_load(cast: Any, clock: Any, grid: Any) -> None:
    """Ours changes, theirs follows, the old one ends; messages go out and words come in all the while."""
    to = platforms.connector(cast, clock, grid.port)
    _load(cast, clock, to, platforms.SECRET)
    fresh = services.rotate_secret(to, version=None, actor=cast.system_admin, at=clock.at)
    for secret in (platforms.SECRET, fresh):
        grid.secret = secret
        _load(cast, clock, to, secret)
    services.retire_secret(to, version=None, actor=cast.system_admin, at=clock.at)
    _load(cast, clock, to, fresh)


def _load(cast: Any, clock: Any, to: Connector, secret: str) -> None:
    for n in range(5):
        row = publish(cast, clock, n=n, case_id=None)
        drain(clock, to)
        answer = call_back(clock, {"id": str(row.message_id), "status": "accepted"}, secret=secret)
        assert answer.status_code == 200, "a callback was refused"


def check_no_failure() -> int:
    failed = DeliveryAttempt.objects.exclude(outcome="sent").count()
    assert failed == 0, "a delivery was refused"
    assert OutboxRow.objects.filter(target="grid").exclude(state="sent").count() == 0
    return DeliveryAttempt.objects.count()


def test_o8_secrets_change_under_load_without_a_failure(cast, clock, grid, figure) -> None:
    rotate_under_load(cast, clock, grid)
    figure("O8", f"secret changed under load, {check_no_failure()} deliveries: failures", 0, "0")


@pytest.mark.sabotage
def test_o8_with_one_live_secret_it_turns_red(cast, clock, grid, monkeypatch) -> None:
    signed = wire.signed_headers

    def newest(connector: Connector, *said: Any, **more: Any) -> dict[str, str]:
        connector.former_secret = ""
        return signed(connector, *said, **more)

    monkeypatch.setattr(wire, "signed_headers", newest)
    with pytest.raises(AssertionError):
        rotate_under_load(cast, clock, grid)
        check_no_failure()


@contextmanager
def https(folder: Path, *, ends_at: datetime) -> Iterator[int]:
    """A server that shows a certificate good until then, and says nothing."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(ends_at - timedelta(days=400))
        .not_valid_after(ends_at)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *kind) + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)

    def serve() -> None:
        while True:
            try:
                link, _ = listening.accept()
            except OSError:
                return
            try:
                context.wrap_socket(link, server_side=True).close()
            except OSError:
                link.close()

    with create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]


def days_told(cast: Any, clock: Any, folder: Path) -> list[int]:
    """Forty days, looked at every hour; on which of them, counted from the end, somebody was told."""
    ends_at = (clock.at + timedelta(days=40)).astimezone(UTC).replace(microsecond=0)
    told: list[int] = []
    with https(folder, ends_at=ends_at) as port:
        platforms.connector(cast, clock, port, url=f"https://127.0.0.1:{port}/orders", query_url="")
        while clock.at < ends_at + timedelta(days=2):
            before = OutboxRow.objects.filter(topic="notice").count()
            services.watch_expiry(at=clock.at)
            if OutboxRow.objects.filter(topic="notice").count() > before:
                told.append((ends_at - clock.at).days)
            clock.advance(hours=6)
    return told


def test_o8_certificates_are_told_30_7_and_1_days_before(cast, clock, tmp_path, figure) -> None:
    told = days_told(cast, clock, tmp_path)
    assert told == [30, 7, 1, -1]
    figure("O8", "certificate: told so many days before", "30, 7, 1, and when it ended", "30, 7, 1")


@pytest.mark.sabotage
def test_o8_without_steps_it_turns_red(cast, clock, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(_expiry, "TOLD_AT", (0,))
    assert days_told(cast, clock, tmp_path) != [30, 7, 1, -1]


def test_o8_a_secret_is_told_within_its_year(cast, clock) -> None:
    to = platforms.connector(cast, clock)
    told = []
    for day in range(367):
        before = OutboxRow.objects.count()
        if day > 330:
            services.watch_expiry(at=clock.at + timedelta(days=day))
        if OutboxRow.objects.count() > before:
            told.append(365 - day)
    assert told == [30, 7, 1, -1]
    services.rotate_secret(to, version=None, actor=cast.system_admin, at=clock.at + timedelta(days=367))
    before = OutboxRow.objects.count()
    services.watch_expiry(at=clock.at + timedelta(days=368))
    assert OutboxRow.objects.count() == before


def compared(cast: Any, clock: Any, grid: Any) -> tuple[int, int]:
    """Twenty seeded differences; how many were seeded, how many found."""
    to = platforms.connector(cast, clock, grid.port)
    rows = [publish(cast, clock, n=n, case_id=n) for n in range(60)]
    drain(clock, to)
    clock.advance(minutes=5)
    seeded = seed(clock, grid, [OutboxRow.objects.get(pk=row.pk) for row in rows])
    services.reconcile(to.pk, clock=lambda: clock.at)
    return sum(seeded.values()), Difference.objects.filter(closed_at=None).count()


def test_o9_twenty_differences_of_twenty_are_found(cast, clock, grid, figure) -> None:
    assert compared(cast, clock, grid) == (20, 20)
    figure("O9", "seeded differences found", "20 of 20", "20 of 20")


@pytest.mark.sabotage
def test_o9_comparing_their_list_alone_turns_red(cast, clock, grid, monkeypatch) -> None:
    monkeypatch.setattr(_reconciling, "_find_missing", lambda *_, **__: 0)
    seeded, found = compared(cast, clock, grid)
    assert found < seeded
