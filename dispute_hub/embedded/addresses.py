"""Where the servers of a data folder listen, and the passwords that open them."""

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

LISTENING = range(15_000, 32_768)


@dataclass(frozen=True)
class Addresses:
    """Ports and passwords kept in `servers.json`; a URL from the environment stands above them."""

    postgres_port: int
    postgres_password: str
    valkey_port: int
    valkey_password: str

    @property
    def database_url(self) -> str:
        own = f"postgresql://hub:{self.postgres_password}@127.0.0.1:{self.postgres_port}/hub"
        return os.environ.get("DATABASE_URL", "").strip() or own

    @property
    def redis_url(self) -> str:
        own = f"redis://:{self.valkey_password}@127.0.0.1:{self.valkey_port}/0"
        return os.environ.get("REDIS_URL", "").strip() or own


def wanted() -> list[str]:
    """Servers that have no address in the environment and must be ours."""
    names = {"DATABASE_URL": "postgres", "REDIS_URL": "valkey"}
    return [name for variable, name in names.items() if not os.environ.get(variable, "").strip()]


def addresses(data_dir: Path) -> Addresses:
    """The addresses of this data folder; chosen and written down at the first call."""
    with locked(data_dir / "servers.lock"):
        kept = _read(data_dir)
        if kept is None:
            kept = Addresses(free_port(), secrets.token_urlsafe(24), free_port(), secrets.token_urlsafe(24))
            _write(data_dir, kept)
        return kept


def move(data_dir: Path, *, postgres: bool = False, valkey: bool = False) -> Addresses:
    """New ports for the servers whose kept port another program has taken meanwhile."""
    kept = addresses(data_dir)
    with locked(data_dir / "servers.lock"):
        if postgres:
            kept = replace(kept, postgres_port=free_port())
        if valkey:
            kept = replace(kept, valkey_port=free_port())
        _write(data_dir, kept)
        return kept


def own_secret(data_dir: Path, name: str) -> str:
    """A secret of this data folder, made at the first call, readable by its owner only."""
    path = data_dir / name
    with locked(data_dir / "servers.lock"):
        if not path.exists():
            _write_private(path, secrets.token_urlsafe(48))
        return path.read_text().strip()


def free_port() -> int:
    """A port nobody listens on, below those the kernel lends to outgoing connections (Linux, macOS).

    A lent port could be gone when a server comes back to it: between the choice and the first start, or
    between a death and the restart.
    """
    while True:
        port = LISTENING.start + secrets.randbelow(len(LISTENING))
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


@contextmanager
def locked(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _read(data_dir: Path) -> Addresses | None:
    try:
        return Addresses(**json.loads((data_dir / "servers.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def _write(data_dir: Path, kept: Addresses) -> None:
    _write_private(data_dir / "servers.json", json.dumps(asdict(kept)))


def _write_private(path: Path, content: str) -> None:
    # Written beside and renamed: a kill between the two leaves the old file, never half of one.
    beside = path.with_name(f"{path.name}.new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    beside.rename(path)
