from django.apps import AppConfig


class FollowupConfig(AppConfig):
    name = "followup"
    label = "followup"
    verbose_name = "回访"
