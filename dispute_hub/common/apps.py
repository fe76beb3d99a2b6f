from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "dispute_hub.common"
    label = "common"
    verbose_name = "基础"
