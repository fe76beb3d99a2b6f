from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "dispute_hub.accounts"
    label = "accounts"
    verbose_name = "人员与单位"
