"""Reading of environment variables, shared by the settings modules."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

# Set per connection so that a forgotten session can never hold a case for longer (reliability, 5.5).
POSTGRES_OPTIONS = (
    "-c lock_timeout=5000 -c statement_timeout=30000"
    " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
)


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def number(name: str, default: int) -> int:
    value = text(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} 必须是整数 (must be a whole number): {value!r}") from None


def flag(name: str, *, default: bool = False) -> bool:
    value = text(name).lower()
    return value in {"1", "true", "yes", "on"} if value else default


def several(name: str) -> list[str]:
    return [part.strip() for part in text(name).split(",") if part.strip()]


def database(url: str) -> dict[str, Any]:
    """Django's connection settings of a PostgreSQL URL; refuses every other engine."""
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured("DATABASE_URL 只支持 PostgreSQL (must be postgresql://…)")
    config: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=None, conn_health_checks=True))
    options = config.setdefault("OPTIONS", {})
    options["options"] = f"{POSTGRES_OPTIONS} {options.get('options', '')}".strip()
    options.setdefault("connect_timeout", 5)
    options.setdefault("application_name", text("HUB_PROCESS", "dispute_hub"))
    return config


def refuse_if_missing(names: Iterable[str], environ: Mapping[str, str] = os.environ) -> None:
    """Raise ImproperlyConfigured naming every variable that is absent or blank."""
    missing = [name for name in names if not environ.get(name, "").strip()]
    if missing:
        raise ImproperlyConfigured(f"缺少环境变量 (missing environment variables): {', '.join(missing)}")
