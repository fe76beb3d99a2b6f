"""`make bench`, or `python -m tests.bench [pages|triage|sweep|drain|sheets] --sizes 1000 --repeat 40`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dispute_hub.settings.testing")
os.environ.setdefault("HUB_LOG_LEVEL", "ERROR")

from dispute_hub.embedded.lease import ensure_up, release


def main() -> None:
    """Measure each size on a database of its own, print the table and keep it in docs/benchmarks.md."""
    options = _options()
    ensure_up()
    try:
        import django

        django.setup()
        kinds = {"pages": _pages, "triage": _triage, "sweep": _sweep, "drain": _drain}
        kinds |= {"sheets": _sheets, "streams": _streams}
        kinds[options.what](options)
    finally:
        release()


def _pages(options: argparse.Namespace) -> None:
    from tests.bench import report

    measured = {size: _measure(size, options) for size in sorted(options.sizes)}
    table = report.table(measured)
    sys.stdout.write(table + "\n")
    if options.write:
        report.write(table, command=_command())


def _triage(options: argparse.Namespace) -> None:
    """The engine alone, then a replay of the largest size."""
    from tests.bench import report, triage

    size = max(options.sizes)
    tried = triage.replay(size, seed=options.seed, repeat=options.repeat) if size else None
    table = triage.table(triage.engine(), tried)
    sys.stdout.write(table + "\n")
    if options.write:
        report.write_triage(table, command=_command())


def _sweep(options: argparse.Namespace) -> None:
    """The sweep over the largest size of open clocks."""
    from tests.bench import report, sweep

    table = sweep.table(sweep.measured(max(options.sizes), repeat=min(options.repeat, 10)))
    sys.stdout.write(table + "\n")
    if options.write:
        report.write_section("Sweep of clocks", sweep.WORDS, table, command=_command())


def _drain(options: argparse.Namespace) -> None:
    """Deliveries to one platform; `--sizes` is how many wait."""
    from tests.bench import drain, report

    table = drain.table(drain.measured(max(options.sizes), repeat=min(options.repeat, 5)))
    sys.stdout.write(table + "\n")
    if options.write:
        report.write_section("Drain of deliveries", drain.WORDS, table, command=_command())


def _sheets(options: argparse.Namespace) -> None:
    """The morning's sheets of 140 stations; `--sizes` is the number of cases."""
    from tests.bench import report, sheets

    table = sheets.table(sheets.measured(max(options.sizes), seed=options.seed))
    sys.stdout.write(table + "\n")
    if options.write:
        report.write_section("Morning sheets", sheets.WORDS, table, command=_command())


def _streams(options: argparse.Namespace) -> None:
    """Push latency; the smallest of `--sizes`, at most 300, is how many streams are open."""
    from tests.bench import report, streams

    table = streams.table(streams.measured(min(*options.sizes, 300), repeat=options.repeat))
    sys.stdout.write(table + "\n")
    if options.write:
        report.write_section("Push latency", streams.WORDS, table, command=_command())


def _command() -> str:
    return " ".join(["python -m tests.bench", *sys.argv[1:]])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "what", nargs="?", choices=["pages", "triage", "sweep", "drain", "sheets", "streams"], default="pages"
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 100_000], help="numbers of cases")
    parser.add_argument("--repeat", type=int, default=40, help="timed runs of each page")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--no-write", dest="write", action="store_false", help="leave docs/benchmarks.md")
    return parser.parse_args()


def _measure(size: int, options: argparse.Namespace) -> dict[str, Any]:
    """Timings by name: ours through HTTP, and the bare SQL beside it."""
    from django.conf import settings

    from dispute_hub.common import time
    from tests.bench import subjects
    from tests.browsers import serve
    from tests.databases import clone, drop_orphans, ensure_template, point_at

    drop_orphans()
    before = settings.DATABASES["default"]["NAME"]
    with clone(ensure_template(), "bench") as database, tempfile.TemporaryDirectory() as folder:
        point_at(database.name)
        try:
            at = time.now()
            print(f"· {size} cases: loading", flush=True)  # noqa: T201
            found = subjects.prepare(size, seed=options.seed, at=at)
            print(f"· {size} cases: measuring", flush=True)  # noqa: T201
            with serve(database.environment, log=Path(folder) / "web.log", threads=8) as served:
                return _measured(served.url, found, options, at)
        finally:
            point_at(before)


def _measured(url: str, found: Any, options: argparse.Namespace, at: Any) -> dict[str, Any]:
    from tests.bench import subjects, works
    from tests.bench.measuring import timed, timed_together

    clients = {name: subjects.browser(url, name) for name in
               ("station_command", "station_chief", "community_officer", "bureau")}  # fmt: skip
    timings = {}
    for work in works.pages(found, at=at):
        ours = timed(works.opened(clients[work.who], work.path), repeat=options.repeat)
        timings[work.name] = (ours, timed(works.read_bare(work), repeat=options.repeat))
    machines = [subjects.httpx.Client(base_url=url, trust_env=False, timeout=60) for _ in range(8)]
    one = timed(works.sent(machines[0], at), repeat=options.repeat * 2)
    bare = timed(works.inserted(), repeat=options.repeat)
    timings["intake API, one client"] = (one, bare)
    each = max(options.repeat // 2, 5)
    eight = timed_together([works.sent(machine, at) for machine in machines], each=each)
    timings["intake API, eight clients"] = (eight, bare)
    for client in [*clients.values(), *machines]:
        client.close()
    return timings


if __name__ == "__main__":
    main()
