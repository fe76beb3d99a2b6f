"""`manage.py load_reference`: what every installation needs before its first alert. Nothing of the demo."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand

from dispute_hub.common import time


class Command(BaseCommand):
    """Runs `load(*, at)` of each app's `reference` module, in the order of the apps. Safe to run again."""

    help = "Load reference data (list of matters, rule set, clocks, calendar, law, templates)."

    def handle(self, *args: Any, **options: Any) -> None:
        at = time.now()
        for config in apps.get_app_configs():
            if config.name.split(".")[0] == "django" or find_spec(f"{config.name}.reference") is None:
                continue
            import_module(f"{config.name}.reference").load(at=at)
            self.stdout.write(f"{config.verbose_name}：已载入")
