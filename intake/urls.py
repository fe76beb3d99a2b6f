"""Addresses of the intake."""

from django.urls import path

from intake import api, views

urlpatterns = [
    path("desk/", views.desk, name="desk"),
    path("desk/preview/", views.preview, name="desk_preview"),
    path("desk/strip/", views.strip, name="desk_strip"),
    path("desk/drafts/<uuid:key>/", views.save_draft, name="desk_draft"),
    path("desk/drafts/<uuid:key>/drop/", views.drop_draft, name="desk_draft_drop"),
    path("desk/calls/<uuid:key>/", views.take_call, name="desk_call"),
    path("alerts/", views.alerts_today, name="alerts_today"),
    path("alerts/rows/", views.alert_rows, name="alert_rows"),
    path("alerts/import/", views.alert_import, name="alert_import"),
    path("alerts/import/template.csv", views.import_template, name="alert_import_template"),
    path("alerts/import/<int:pk>/", views.import_batch, name="alert_import_batch"),
    path("alerts/import/<int:pk>/start/", views.start_import, name="alert_import_start"),
    path("alerts/import/<int:pk>/cancel/", views.cancel_import, name="alert_import_cancel"),
    path("alerts/import/<int:pk>/errors.csv", views.import_errors, name="alert_import_errors"),
    path("alerts/<str:alert_no>/", views.alert_detail, name="alert_detail"),
    path("alerts/<str:alert_no>/card/", views.alert_card, name="alert_card"),
    path("alerts/<str:alert_no>/text/", views.add_text, name="alert_text"),
    path("alerts/<str:alert_no>/dispatch/", views.dispatch, name="alert_dispatch"),
    path("alerts/<str:alert_no>/attach/", views.attach, name="alert_attach"),
    path("alerts/<str:alert_no>/detach/", views.detach, name="alert_detach"),
    path("alerts/<str:alert_no>/reveal/", views.reveal, name="alert_reveal"),
    path("quarantine/", views.quarantine, name="quarantine"),
    path("quarantine/<int:pk>/", views.quarantine_detail, name="quarantine_detail"),
    path("quarantine/<int:pk>/repair/", views.repair, name="quarantine_repair"),
    path("quarantine/<int:pk>/drop/", views.drop_message, name="quarantine_drop"),
]

api_urlpatterns = [
    path("sources/<str:source>/alerts/", api.SourceAlerts.as_view(), name="api-source-alerts"),
    path("alerts/", api.Alerts.as_view(), name="api-alerts"),
]
