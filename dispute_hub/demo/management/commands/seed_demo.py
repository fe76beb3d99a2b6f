"""`manage.py seed_demo [--if-empty] [--seed N]`: the demo city with forty-five days of invented cases."""

from __future__ import annotations

import time as stopwatch
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispute_hub.cases.models import Case
from dispute_hub.common import time
from dispute_hub.demo.seeding import seed


class Command(BaseCommand):
    """Refused outside embedded settings (its password is public) and on a database that has cases."""

    help = "Fill an empty database with the demo city."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing if there are cases")
        parser.add_argument("--seed", type=int, default=330784, help="same seed, same city")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.HUB_EMBEDDED:
            raise CommandError("生产环境不得载入演示数据 (demo data are refused in production settings)")
        if Case.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError("数据库中已有案件，演示数据只载入空库 (the database already has cases)")
        started = stopwatch.monotonic()
        timeline = seed(number=options["seed"], now=time.now(), say=self.stdout.write)
        self.stdout.write(f"演示数据已载入，用时 {stopwatch.monotonic() - started:.0f} 秒")
        if options["verbosity"] > 1:
            for reason, number in timeline.refused.most_common():
                self.stdout.write(f"  {number} × {reason}")
