from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "dispute_hub.demo"
    label = "demo"
    verbose_name = "演示"
