from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "dispute_hub.outbox"
    label = "outbox"
    verbose_name = "发件箱"
