"""Addresses of the inbox."""

from django.urls import path

from dispute_hub.outbox import views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="notices_read"),
    path("notices/<int:notice_id>/open/", views.open_notice, name="notice_open"),
]
