"""Addresses of the inbox."""

from django.urls import path

from dispute_hub.outbox import api, views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/read/", views.read_all, name="notices_read"),
    path("notices/<int:notice_id>/open/", views.open_notice, name="notice_open"),
    path("dead-letters/", views.dead_letters, name="dead_letters"),
    path("dead-letters/replay/", views.dead_replay, name="dead_replay"),
    path("dead-letters/aside/", views.dead_set_aside, name="dead_set_aside"),
    path("dead-letters/<int:letter_id>/", views.dead_letter, name="dead_letter"),
    path("reconciliation/", views.reconciliation, name="reconciliation"),
    path("reconciliation/run/", views.reconciliation_run, name="reconciliation_run"),
    path("reconciliation/<int:difference_id>/cure/", views.difference_cure, name="difference_cure"),
    path("connectors/", views.source_list, name="source_list"),
    path("connectors/new/", views.connector_new, name="connector_new"),
    path("connectors/<str:code>/", views.connector, name="connector"),
    path("connectors/<str:code>/change/", views.connector_change, name="connector_change"),
    path("connectors/<str:code>/approve/", views.connector_approve, name="connector_approve"),
    path("connectors/<str:code>/pause/", views.connector_pause, name="connector_pause"),
    path("connectors/<str:code>/resume/", views.connector_resume, name="connector_resume"),
    path("connectors/<str:code>/retire/", views.connector_retire, name="connector_retire"),
    path("connectors/<str:code>/rotate/", views.connector_rotate, name="connector_rotate"),
    path("connectors/<str:code>/test/", views.connector_test, name="connector_test"),
]
api_urlpatterns = [
    path("connectors/<str:code>/callbacks/", api.PlatformCallbacks.as_view(), name="api-platform-callbacks"),
]
