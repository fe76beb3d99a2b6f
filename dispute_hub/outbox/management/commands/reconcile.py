"""`manage.py reconcile`: compare the books with the platforms now, and say what differs."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispute_hub.common import time
from dispute_hub.outbox import services
from dispute_hub.outbox.models import Connector, Difference


class Command(BaseCommand):
    help = "与对接平台对账：我方发送、对方收据、对方现有记录三方比对，差异列入“对账”页"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--connector", default="", help="平台代码；不写为全部可查询的平台")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line a platform; exit 1 when one could not be compared to the end."""
        code, failed = options["connector"], 0
        found = Connector.objects.filter(kind=Connector.Kind.WEBHOOK, approved_by__isnull=False).order_by(
            "code"
        )
        chosen = [one for one in (found.filter(code=code) if code else found) if one.query_url]
        if not chosen:
            raise CommandError("没有可对账的平台：须已确认并设有查询地址")
        for connector in chosen:
            failed += not self._compare(connector)
        if failed:
            raise CommandError(f"{failed}个平台对账未完成")

    def _compare(self, connector: Connector) -> bool:
        run = services.reconcile(connector.pk, clock=time.now)
        if run is None:
            self.stdout.write(f"{connector.name}：正在对账，请稍后")
            return False
        if run.trouble:
            self.stdout.write(f"{connector.name}：未完成，{run.trouble}")
            return False
        self.stdout.write(f"{connector.name}：我方{run.ours}件，对方{run.theirs}件，差异{run.found}处")
        standing = connector.differences.filter(closed_at=None).values_list("cause", flat=True)
        for cause, number in sorted(Counter(standing).items()):
            self.stdout.write(f"  {Difference.Cause(cause).label}：{number}")
        return True
