"""Addresses of the inbox."""

from django.urls import path

from dispute_hub.outbox import views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="notices_read"),
    path("notices/<int:notice_id>/open/", views.open_notice, name="notice_open"),
    path("dead-letters/", views.dead_letters, name="dead_letters"),
    path("dead-letters/replay/", views.dead_replay, name="dead_replay"),
    path("dead-letters/<int:letter_id>/", views.dead_letter, name="dead_letter"),
]
