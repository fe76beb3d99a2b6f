"""`manage.py check_invariants`: the closing checks I1–I12; exit 1 with a list."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispute_hub.common import time
from reports import invariants


class Command(BaseCommand):
    help = "Check what must hold of the database whatever was killed (I1-I12)."

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for code, line in invariants.breaches(at=time.now()):
            found += 1
            self.stdout.write(f"{code} {line}")
        if found:
            raise CommandError(f"发现 {found} 处不符，请按清单核对。", returncode=1)
        self.stdout.write(f"{len(invariants.CHECKS)} 项检查全部通过。")
