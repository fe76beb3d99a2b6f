"""`python -m tests.bench triage`: the engine alone, and a replay with the intake beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.bench import measuring
from tests.bench.measuring import Timing

ROOT = Path(__file__).resolve().parent.parent.parent
WITHIN = timedelta(days=360)
# The intake is asked until the replay is over, but its first seconds only warm up.
SETTLED_AFTER = 2.0


@dataclass(frozen=True)
class Replayed:
    """One replay and the intake before it and meanwhile."""

    alerts: int
    changed: int
    seconds: float
    busy_seconds: float
    page_ms: float
    idle: Timing
    meanwhile: Timing
    sent_meanwhile: int


def engine() -> dict[str, float]:
    """The engine in a fresh process."""
    command = [sys.executable, "-m", "tests.bench.engine"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def replay(size: int, *, seed: int, repeat: int) -> Replayed:
    """A changed version tried on `size` stored alerts by one worker, on a database of its own."""
    from django.conf import settings

    from dispute_hub.common import time
    from tests.browsers import serve
    from tests.databases import clone, drop_orphans, ensure_template, point_at

    drop_orphans()
    before = settings.DATABASES["default"]["NAME"]
    with clone(ensure_template(), "bench") as database, tempfile.TemporaryDirectory() as folder:
        point_at(database.name)
        try:
            at = time.now()
            _load(size, seed=seed, at=at)
            with serve(database.environment, log=Path(folder) / "web.log", threads=8) as served:
                return _replayed(served.url, database.environment, at, repeat=repeat)
        finally:
            point_at(before)


def _load(size: int, *, seed: int, at: datetime) -> None:
    from django.core.management import call_command

    from dispute_hub.demo.bulk import load

    call_command("load_reference", verbosity=0)
    load(cases=size, seed=seed, stations=10, now=at, say=lambda line: None, within=WITHIN)


def _replayed(url: str, environment: dict[str, str], at: datetime, *, repeat: int) -> Replayed:
    import httpx

    from tests.bench import works
    from triage import selectors

    requested = _requested(at)
    machine = httpx.Client(base_url=url, trust_env=False, timeout=60)
    send = works.sent(machine, at)
    idle = measuring.timed(send, repeat=repeat)
    command = [sys.executable, "-m", "tests.bench.replaying", str(requested.pk)]
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}) as worker:
        try:
            meanwhile, sent, seconds = measuring.timed_while(
                send, lambda: worker.poll() is None, settled_after=SETTLED_AFTER
            )
        finally:
            worker.kill()
    machine.close()
    done = selectors.get_replay(requested.pk)
    if worker.returncode or done.state != "done":
        raise SystemExit(f"replay ended as {done.state} {done.error}")
    changes = selectors.replay_changes(done)
    page = measuring.timed(lambda: selectors.replay_changes(done), repeat=5)
    return Replayed(
        done.done, changes.up + changes.down, seconds, done.seconds_spent, page.p50, idle, meanwhile, sent
    )


def _requested(at: datetime) -> Any:
    """A draft in which every red factor is orange."""
    from dispute_hub.accounts.actor import PostActor
    from dispute_hub.accounts.models import Post
    from triage import engine as rules
    from triage import services
    from triage.models import RuleSet
    from triage.services._rules import digest_of

    content = {**rules.load_rules().draft, "version": "bench"}
    content["factor"] = [_changed(one) for one in content["factor"]]
    draft = RuleSet.objects.create(version="bench", content=content, digest=digest_of(content), created_at=at)
    post = Post.objects.select_related("user", "unit").filter(role="bureau").earliest("id")
    return services.request_replay(
        draft, since=at - WITHIN, until=at, actor=PostActor(post.user, post), at=at
    )


def _changed(factor: dict[str, Any]) -> dict[str, Any]:
    return {**factor, "floor": "orange"} if factor["floor"] == "red" else factor


def table(alone: dict[str, float], tried: Replayed | None) -> str:
    """Markdown: what, measured, promised."""
    rows = [
        ("what", "measured", "promised"),
        ("---", "---:", "---:"),
        ("assessments a second, one core, classification included", f"{alone['a_second']:,.0f}", "≥ 1,000"),
        (
            "the same, as a multiple of the time to cut the texts into words",
            f"{alone['times_cutting']:.0f} ×",
            "",
        ),
        ("import and load of rules, list and learned part", f"{alone['import_seconds']:.2f} s", "≤ 1 s"),
        ("memory of a process with the engine loaded", f"{alone['loaded_mb']:.0f} MB", "≤ 200 MB"),
        ("the same after all assessments", f"{alone['after_mb']:.0f} MB", "≤ 200 MB"),
    ]
    if tried:
        rows += _of_replay(tried)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _of_replay(tried: Replayed) -> list[tuple[str, str, str]]:
    idle, meanwhile = tried.idle, tried.meanwhile
    rate = tried.alerts / tried.seconds
    return [
        (
            f"replay of {tried.alerts:,} stored alerts, one worker",
            f"{tried.seconds:.0f} s, {rate:,.0f} a second",
            "",
        ),
        ("of these with another colour", f"{tried.changed:,}", ""),
        ("its table of colours", f"{tried.page_ms:.0f} ms", ""),
        ("intake API, one client, before the replay", f"{idle.p50:.1f} / {idle.p95:.1f} ms", ""),
        (
            f"the same during the replay ({tried.sent_meanwhile:,} alerts sent)",
            f"{meanwhile.p50:.1f} / {meanwhile.p95:.1f} ms",
            "p95 ≤ 200 ms",
        ),
        (
            "during ÷ before, p50 / p95",
            f"{meanwhile.p50 / idle.p50:.2f} / {meanwhile.p95 / idle.p95:.2f}",
            "",
        ),
    ]
