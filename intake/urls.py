"""Addresses of the intake."""

from django.urls import path

from intake import api

urlpatterns: list = []  # type: ignore[type-arg]

api_urlpatterns = [
    path("sources/<str:source>/alerts/", api.SourceAlerts.as_view(), name="api-source-alerts"),
    path("alerts/", api.Alerts.as_view(), name="api-alerts"),
]
