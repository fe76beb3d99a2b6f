"""`manage.py load_city --cases N [--seed S] [--stations K]`: a city of any size, for measuring."""

from __future__ import annotations

import time as stopwatch
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispute_hub.common import time
from dispute_hub.demo.bulk import load


class Command(BaseCommand):
    """Refused outside embedded settings: what it loads is invented, and its log-ins are public."""

    help = "Bulk-load invented cases spread over ten years."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cases", type=int, required=True)
        parser.add_argument("--seed", type=int, default=330784)
        parser.add_argument("--stations", type=int, default=None)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HUB_EMBEDDED:
            raise CommandError("生产环境不得载入虚构数据 (invented data are refused in production settings)")
        started = stopwatch.monotonic()
        load(
            cases=options["cases"], seed=options["seed"], stations=options["stations"], now=time.now(),
            say=self.stdout.write,
        )  # fmt: skip
        self.stdout.write(f"已载入 {options['cases']} 件，用时 {stopwatch.monotonic() - started:.0f} 秒")
