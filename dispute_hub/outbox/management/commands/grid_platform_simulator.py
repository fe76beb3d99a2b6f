"""`manage.py grid_platform_simulator`: a grid platform on this machine, for the demo and for trials."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.core.management.base import BaseCommand, CommandError

from dispute_hub.common import time
from dispute_hub.outbox.simulator import GridPlatform

DEMO_SECRET = "whsec_Z3JpZC1wbGF0Zm9ybS1zaW11bGF0b3Itc2VjcmV0"  # noqa: S105 - invented, of the demo


class Command(BaseCommand):
    help = "模拟网格（综治）平台：接收交办，可设为慢、断、重复、拒收、假答复"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8090)
        parser.add_argument("--secret", default=DEMO_SECRET, help="双方约定的签名密钥")
        parser.add_argument("--callback", default="", help="回执发往的地址")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve on the loopback until Ctrl-C."""
        if not 0 < options["port"] < 65536:
            raise CommandError("端口应在 1 至 65535 之间")
        platform = GridPlatform(options["secret"], time.now, callback_url=options["callback"])
        self.stdout.write(f"模拟平台 http://127.0.0.1:{options['port']}/orders ，开关见 /switches")
        uvicorn.run(platform, host="127.0.0.1", port=options["port"], log_level="warning", access_log=False)
