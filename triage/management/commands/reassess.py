"""Assesses stored alerts again after a change of rules; may be stopped and run again at any time."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from dispute_hub.common import time
from dispute_hub.common.templatetags.hub import colour_name
from triage import selectors, services
from triage.management import reassessing

BATCH = 200
INTERRUPTED = 130


class Command(BaseCommand):
    """Colour only upward; an alert already assessed by the rules in force is left alone."""

    help = "按现行规则重新研判已入库警情（预警色只升不降，可随时中断、再次运行即继续）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        day = date.fromisoformat
        parser.add_argument("--since", type=day, required=True, help="接报日期起，如 2026-01-31")
        parser.add_argument("--until", type=day, help="接报日期止（含当日），缺省为至今")
        parser.add_argument("--jobs", type=int, default=1, help="同时运行的进程数")
        parser.add_argument("--dry-run", action="store_true", help="只列结果对照，不改动任何案件")

    def handle(self, *args: Any, **options: Any) -> None:
        since, until = _span(options)
        if not 1 <= options["jobs"] <= 64:
            raise CommandError("--jobs 应为 1 至 64。")
        alerts = selectors.alerts_to_reassess(services.digest_in_force(), since=since, until=until)
        total, found, stopped = alerts.count(), Counter[Any](), False
        with _bar() as bar:
            task = bar.add_task("重新研判", total=total)
            try:
                for results in reassessing.run(_batches(alerts), jobs=options["jobs"],
                                               dry_run=options["dry_run"]):  # fmt: skip
                    found.update(results_of(results))
                    bar.advance(task, len(results))
            except KeyboardInterrupt:
                stopped = True
        self._tell(found, total=total, dry_run=options["dry_run"], stopped=stopped)

    def _tell(self, found: Counter[Any], *, total: int, dry_run: bool, stopped: bool) -> None:
        Console().print(_table(found))
        how: Counter[str] = Counter()
        for (_, _, became, raised), number in found.items():
            how[became] += number
            how["raised"] += number * raised
        verb, failed = "试算" if dry_run else "重新研判", how["failed"]
        self.stdout.write(f"共 {total} 条：{verb} {how['done']}，无需再判 {how['known']}，出错 {failed}。")
        if not dry_run:
            self.stdout.write(f"案件升色 {how['raised']} 次。")
        if stopped:
            self.stderr.write("已中断。再次运行同一命令即从中断处继续。")
            raise SystemExit(INTERRUPTED)
        if failed:
            raise CommandError(f"{failed} 条警情未能重新研判，详见日志；可再次运行。")


def _span(options: dict[str, Any]) -> tuple[datetime, datetime]:
    since = time.day_bounds(options["since"])[0]
    until = time.day_bounds(options["until"] or time.beijing_date(time.now()))[1]
    if since >= until:
        raise CommandError("--since 不应晚于 --until 和今天。")
    return since, until


def _batches(alerts: Any) -> Iterator[list[int]]:
    last_id = 0
    while batch := selectors.ids_after(alerts, last_id, BATCH):
        yield batch
        last_id = batch[-1]


def results_of(results: list[services.Reassessed]) -> Iterator[tuple[str, str, str, bool]]:
    """What the table counts of each alert."""
    return ((one.old_colour, one.new_colour, one.how, one.raised) for one in results)


def _bar() -> Progress:
    shown = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*shown, console=Console(stderr=True))


def _table(found: Counter[Any]) -> Table:
    counts: Counter[tuple[str, str]] = Counter()
    for (old, new, _, _), number in found.items():
        counts[old, new] += number
    table = Table(title="预警色对照（行：原结果；列：按现行规则）")
    names = {colour: colour_name(colour) if colour else "无" for colour in selectors.COLOURS}
    for title in ("原 ＼ 新", *names.values(), "合计"):
        table.add_column(title, justify="right")
    for old in names:
        cells = [counts[old, new] for new in names]
        table.add_row(names[old], *map(str, cells), str(sum(cells)))
    sums = [sum(counts[old, new] for old in names) for new in names]
    table.add_row("合计", *map(str, sums), str(sum(sums)))
    return table
