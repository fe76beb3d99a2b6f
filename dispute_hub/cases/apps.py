from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "dispute_hub.cases"
    label = "cases"
    verbose_name = "案件"
