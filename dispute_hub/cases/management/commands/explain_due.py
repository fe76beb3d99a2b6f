"""`manage.py explain_due --from INSTANT --limit "N unit"`: the reckoning, then the due instant."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispute_hub.cases import calendar
from dispute_hub.common.errors import Invalid
from dispute_hub.common.time import BEIJING, parse_instant


class Command(BaseCommand):
    help = "逐日说明时限如何计算，最后一行是到期时刻（ISO 8601，北京时间）。"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--from", dest="from_at", required=True, metavar="时刻", help="起算时刻，须带时区"
        )
        parser.add_argument("--limit", required=True, metavar="时限", help='例如 "3 working_days"')
        parser.add_argument("--safety", action="store_true", help="安全时限：遇休息日不顺延")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from_at, limit = parse_instant(options["from_at"]), calendar.parse_limit(options["limit"])
        except Invalid as refusal:
            raise CommandError(refusal.message) from refusal
        try:
            found = calendar.explain(from_at, limit, safety=options["safety"])
        except OverflowError as error:
            raise CommandError("到期时刻超出日历范围，请核对起算时刻。") from error
        self.stdout.write(f"时限 {limit.text}")
        for line in (*found.lines, *(f"注意：{warning}" for warning in found.warnings)):
            self.stdout.write(line)
        self.stdout.write(found.due_at.astimezone(BEIJING).isoformat())
