"""Addresses of triage."""

from django.urls import path, re_path

from triage import api, views

urlpatterns = [
    path("cases/<str:case_no>/assessment/", views.assessment, name="assessment"),
    path("cases/<str:case_no>/colour-history/", views.colour_history, name="colour_history"),
    path("cases/<str:case_no>/colour/", views.change_colour, name="change_colour"),
    path("cases/<str:case_no>/level/", views.change_level, name="change_level"),
    path("regrades/", views.pending_regrades, name="regrade_list"),
    re_path(
        r"^regrades/(?P<regrade_id>[0-9]{1,18})/(?P<verdict>approve|reject)/$",
        views.decide_regrade,
        name="decide_regrade",
    ),
    path("rules/", views.rules, name="rules"),
]
api_urlpatterns = [
    path("triage/preview/", api.PreviewView.as_view(), name="api-triage-preview"),
    path("cases/<str:case_no>/colour/", api.ColourView.as_view(), name="api-case-colour"),
    path("cases/<str:case_no>/level/", api.LevelView.as_view(), name="api-case-level"),
]
