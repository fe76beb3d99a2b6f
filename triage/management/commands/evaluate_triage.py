"""Scores the engine on labelled cases; needs no database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from triage.engine import load_rules
from triage.engine.scoring import figures, score_cases


class Command(BaseCommand):
    help = "用带标注的样本检验研判结果（不连接数据库）"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="JSONL 文件，每行一条带标注的警情")
        parser.add_argument("--json", action="store_true", dest="as_json", help="只输出一个 JSON 对象")
        parser.add_argument("--misses", action="store_true", help="列出与标注不一致的样本")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            lines = options["file"].read_text(encoding="utf-8").splitlines()
            cases = [json.loads(line) for line in lines if line.strip()]
        except (OSError, ValueError) as error:
            raise CommandError(f"无法读取样本文件：{error}") from error
        scored = score_cases(cases, load_rules())
        result = figures(scored)
        if options["as_json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        for name, value in result.items():
            self.stdout.write(f"{name:24}{value}")
        if options["misses"]:
            self._print_misses(scored)

    def _print_misses(self, scored: list[Any]) -> None:
        for one in scored:
            ours, theirs = {factor.code for factor in one.verdict.factors}, set(one.expected["factors"])
            if one.item_right and one.colour == one.expected["colour"] and ours == theirs:
                continue
            self.stdout.write(
                f"{one.id} 类目 {one.expected['item']}→{one.verdict.item}{list(one.verdict.alternatives)}"
                f" 颜色 {one.expected['colour']}→{one.colour}"
                f" 多 {sorted(ours - theirs)} 漏 {sorted(theirs - ours)}"
            )
