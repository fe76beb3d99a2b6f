from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "dispute_hub.audit"
    label = "audit"
    verbose_name = "审计"
