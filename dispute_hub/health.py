"""`/healthz/*`: three depths of one question, answered without a log-in and without personal data.

live: the process answers. ready: it can serve a request. deep: every moving part was seen lately
(reliability, 5.11). A lost broker only degrades: intake and pages need nothing but PostgreSQL.
"""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from dispute_hub.accounts.doors import public
from dispute_hub.cases import selectors as cases
from dispute_hub.common import time
from dispute_hub.outbox import selectors as outbox

Check = dict[str, Any]
_ORDER = ("ok", "degraded", "down")
# Canaries fly every 30 s; three missed ones turn red within the 120 s of promise T5.
SEEN_WITHIN = timedelta(seconds=90)
PENDING_WITHIN = timedelta(minutes=2)
DUE_WITHIN = timedelta(seconds=60)
START_WITHIN = timedelta(seconds=120)
DISK_WARNS_BELOW = 1024**3

_started_at = time.now()


@public()
def live(request: HttpRequest) -> JsonResponse:
    return _answer({"process": {"status": "ok"}})


@public()
def ready(request: HttpRequest) -> JsonResponse:
    return _answer({"database": _guarded(_database), "broker": _guarded(_broker)})


@public()
def deep(request: HttpRequest) -> JsonResponse:
    at = time.now()
    checks: dict[str, Callable[[], Check]] = {
        "database": _database,
        "migrations": _migrations,
        "connections": _connections,
        "broker": _broker,
        "outbox": lambda: _age(outbox.oldest_pending_at(), at, PENDING_WITHIN),
        "deadlines": lambda: _age(cases.oldest_due_at(), at, DUE_WITHIN),
        "quarantine": _quarantine,
        "clock": _clock,
        "disk": _disk,
    }
    found = {name: _guarded(check) for name, check in checks.items()}
    for part in ("beat", *(f"queue:{queue}" for queue in settings.HUB_QUEUES)):
        found[part] = _guarded(partial(_seen, part, at))
    return _answer(found)


def _answer(checks: dict[str, Check]) -> JsonResponse:
    worst = max((check["status"] for check in checks.values()), key=_ORDER.index)
    return JsonResponse({"status": worst, "checks": checks}, status=503 if worst == "down" else 200)


def _guarded(check: Callable[[], Check]) -> Check:
    try:
        return check()
    except (DatabaseError, OSError) as error:
        return {"status": "down", "error": type(error).__name__}


def _database() -> Check:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": "ok"}


def _migrations() -> Check:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return {"status": "degraded" if waiting else "ok", "waiting": len(waiting)}


def _connections() -> Check:
    """Threads × processes + live pages + workers: at most 80 % of the connections (design, stack)."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW max_connections")
        limit = int(cursor.fetchone()[0])
    # Beside its threads a web process listens for live pages and asks who may.
    threads = (settings.HUB_WEB_THREADS + 2) * settings.HUB_WEB_PROCESSES
    planned = threads + settings.HUB_WORKER_PROCESSES
    return {"status": "ok" if planned <= limit * 0.8 else "degraded", "planned": planned, "limit": limit}


def _broker() -> Check:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except redis.RedisError as error:
        return {"status": "degraded", "error": type(error).__name__}
    return {"status": "ok"}


def _age(oldest: datetime | None, at: datetime, limit: timedelta) -> Check:
    late = max(at - oldest, timedelta(0)) if oldest else timedelta(0)
    return {"status": "degraded" if late > limit else "ok", "late_seconds": round(late.total_seconds())}


def _seen(part: str, at: datetime) -> Check:
    seen_at = outbox.heartbeats().get(part)
    if seen_at is not None and at - seen_at <= SEEN_WITHIN:
        return {"status": "ok", "age_seconds": round((at - seen_at).total_seconds())}
    if at - _started_at < START_WITHIN:
        return {"status": "ok", "starting": True}
    return {"status": "down", "age_seconds": round((at - seen_at).total_seconds()) if seen_at else None}


def _quarantine() -> Check:
    """A signed alert that could not be read waits for a person: work to do, not a fault of the machine."""
    count = getattr(import_module("intake.selectors"), "quarantine_count", int)
    return {"status": "ok", "waiting": count()}


def _clock() -> Check:
    offset = abs(time.clock_offset().total_seconds())
    return {"status": "ok" if offset < 5 else "degraded", "offset_seconds": round(offset, 1)}


def _disk() -> Check:
    free = shutil.disk_usage(settings.HUB_DATA_DIR if settings.HUB_DATA_DIR.exists() else "/").free
    return {"status": "ok" if free >= DISK_WARNS_BELOW else "degraded", "free_mb": free // 1024**2}
