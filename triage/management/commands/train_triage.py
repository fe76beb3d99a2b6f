"""Trains the learned part of triage from the corpus in this repository; needs no database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from triage.engine import load_rules
from triage.training.corpus import FOLDER, digest_of, read_corpus


class Command(BaseCommand):
    help = "用仓库内的语料训练研判的学习部分，并给出交叉验证结果（不连接数据库）"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", type=Path, default=FOLDER, help="语料目录，默认 triage/corpus")
        parser.add_argument("--check-only", action="store_true", help="只做交叉验证，不保存模型")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            from triage.training.fitting import examples_of, fit, store
            from triage.training.proving import FOLDS, cross_validate
        except ImportError as error:
            raise CommandError("训练需要 scikit-learn，请先运行 make setup-dev。") from error
        try:
            samples = read_corpus(options["corpus"])
        except (OSError, ValueError) as error:
            raise CommandError(f"无法读取语料：{error}") from error
        if not samples:
            raise CommandError(f"{options['corpus']} 中没有语料。")
        rules = load_rules()
        examples = examples_of(samples, rules)
        self.stdout.write(f"语料 {len(samples)} 条，{FOLDS} 折交叉验证（每条由未见过它的模型研判）：")
        proof = cross_validate(examples, rules)
        for name, value in proof.items():
            self.stdout.write(f"{name:24}{value}")
        if options["check_only"]:
            return
        digest = digest_of(options["corpus"])
        name = f"corpus-{digest[:12]}"
        proof.pop("ms_per_case")
        meta = {"name": name, "corpus": digest, "alerts": len(samples), "folds": FOLDS, "proof": proof}
        file = store(fit(examples, meta=meta), name)
        self.stdout.write(
            f'已保存 {file}；在 triage/data/rules_v1.toml 的 [learned] 中填写 model = "{name}"。'
        )
