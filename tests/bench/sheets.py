"""The morning's sheets of all stations over a loaded city: seconds and peak memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time as node
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent.parent
STATIONS = 140
WORDS = (
    "Written by `python -m tests.bench sheets`. A city of 140 stations is loaded with cases of ten years; a\n"
    "fresh process then issues every station's sheet of this morning, one after the other, as beat does:\n"
    "figures, frozen rows, the queued push 2 with clocks and notices. Peak memory is that process's."
)


@dataclass(frozen=True)
class Sheets:
    """Seconds of each sheet, rows frozen, peak megabytes of the process."""

    cases: int
    seconds: list[float]
    rows: int
    pushes: int
    megabytes: float


def measured(cases: int, *, seed: int) -> Sheets:
    """Load a database of its own, and let another process issue."""
    from django.conf import settings
    from django.core.management import call_command

    from dispute_hub.common import time
    from dispute_hub.demo.bulk import load
    from tests.databases import clone, drop_orphans, ensure_template, point_at

    drop_orphans()
    before = settings.DATABASES["default"]["NAME"]
    with clone(ensure_template(), "bench") as database:
        point_at(database.name)
        try:
            call_command("load_reference", verbosity=0)
            load(cases=cases, seed=seed, stations=STATIONS, now=time.now(), say=lambda line: None)
            command = [sys.executable, "-m", "tests.bench.sheets"]
            answer = subprocess.run(
                command, cwd=ROOT, env={**os.environ, **database.environment}, check=True, capture_output=True
            )
            return Sheets(cases, **json.loads(answer.stdout.splitlines()[-1]))
        finally:
            point_at(before)


def table(found: Sheets) -> str:
    """Markdown: what was measured."""
    whole, ordered = sum(found.seconds), sorted(found.seconds)
    rows = [
        ("what", "measured"),
        ("---", "---:"),
        (f"sheets of {len(ordered)} stations over {found.cases:,} cases", f"{whole:.1f} s"),
        ("one sheet: p50", f"{median(ordered) * 1000:.0f} ms"),
        ("one sheet: slowest", f"{ordered[-1] * 1000:.0f} ms"),
        ("rows frozen", f"{found.rows:,}"),
        ("push 2 sent with them", f"{found.pushes:,}"),
        ("peak memory of the process", f"{found.megabytes:.0f} MB"),
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _issue() -> dict[str, object]:
    from dispute_hub.accounts.actor import SYSTEM
    from dispute_hub.accounts.models import Unit
    from dispute_hub.common import time
    from routing import services
    from routing.models import DailySheetRow, Push
    from routing.selectors import freezes_at

    at, seconds = time.now(), []
    morning = time.beijing_date(at)
    for station in Unit.objects.filter(kind="station", is_active=True).order_by("id"):
        began = node.perf_counter()
        services.issue_sheet(station, sheet_on=morning, actor=SYSTEM, at=max(at, freezes_at(morning)))
        seconds.append(node.perf_counter() - began)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pushes = Push.objects.filter(sheet__sheet_on=morning).count()
    return {"seconds": seconds, "rows": DailySheetRow.objects.count(), "pushes": pushes, "megabytes": peak}


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispute_hub.settings.testing")
    django.setup()
    sys.stdout.write(json.dumps(_issue()) + "\n")
