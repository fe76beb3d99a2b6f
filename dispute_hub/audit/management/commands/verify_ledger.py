"""`manage.py verify_ledger [--anchor NUMBER:HASH]`: is every sealed row still what it was?"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispute_hub.audit import selectors
from dispute_hub.common import time


class Command(BaseCommand):
    help = "核验封存链：逐块重算，列出被改动、删除、插入的位置；有问题时退出码为 1。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--anchor", default="", help="外部留存的链头，格式 块号:哈希")

    def handle(self, *args: Any, **options: Any) -> None:
        found = list(selectors.breaks(at=time.now(), anchor=_anchor(options["anchor"])))
        for place in found:
            ids = "、".join(map(str, place.row_ids))
            self.stdout.write(f"块 {place.number} {place.table} {place.what} {ids}".rstrip())
        if found:
            raise CommandError(f"封存链核验不通过，共 {len(found)} 处。")
        head = selectors.head()
        shown = f"链头 {head.number}:{head.hash}" if head else "尚无封存块"
        self.stdout.write(f"封存链完整。{shown}")


def _anchor(text: str) -> selectors.Anchor | None:
    if not text:
        return None
    number, _, digest = text.partition(":")
    if not (number.isascii() and number.isdigit() and len(digest) == 64):
        raise CommandError("链头格式应为 块号:哈希（64 位十六进制）。")
    return selectors.Anchor(int(number), digest.lower())
