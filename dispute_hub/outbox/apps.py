from importlib import import_module

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "dispute_hub.outbox"
    label = "outbox"
    verbose_name = "发件箱"

    def ready(self) -> None:
        # Web processes nudge too: without the application loaded they would send to Celery's default broker.
        import_module("dispute_hub.celery")
