"""Takes in what the deployment knows of people: records of violence, admonitions, protection orders."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.common import time
from dispute_hub.common.errors import Invalid
from triage import services
from triage.marker_file import COLUMNS, read_markers


class Command(BaseCommand):
    """Good lines are stored, each bad one is named with its cure; safe to run again with the same file."""

    help = f"导入当事人已知情况（CSV，列：{','.join(COLUMNS)}）；可重复运行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="CSV 文件")
        parser.add_argument("--source", default="", help="行内未填来源时使用的来源名称")

    def handle(self, *args: Any, **options: Any) -> None:
        at = time.now()
        try:
            raw = options["file"].read_bytes()
            rows, bad = read_markers(raw, on=time.beijing_date(at), source=options["source"])
        except OSError as error:
            raise CommandError(f"文件不能读取：{options['file']}，请核对路径和权限。") from error
        except Invalid as refusal:
            raise CommandError(refusal.message) from refusal
        done = services.supply_markers(rows, source=options["source"], actor=SYSTEM, at=at)
        for line in bad:
            self.stderr.write(f"第{line.number}行未导入：{line.message}")
        self.stdout.write(f"新增 {done.added} 条，更新 {done.updated} 条，未导入 {len(bad)} 行。")
