"""The app that holds the triggers of live pages."""

from django.apps import AppConfig


class StreamsConfig(AppConfig):
    name = "dispute_hub.streams"
    label = "streams"
