"""Addresses of triage."""

from django.urls import path, re_path

from triage import api, replay_views, views

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
    path("rules/<int:rule_set_id>/replays/", replay_views.replay_start, name="replay_start"),
    path("rules/<int:rule_set_id>/replays/estimate/", replay_views.replay_estimate, name="replay_estimate"),
    path("replays/<int:replay_id>/", replay_views.replay, name="replay"),
    path("replays/<int:replay_id>/progress/", replay_views.replay_progress, name="replay_progress"),
    path("replays/<int:replay_id>/alerts/", replay_views.replay_cell, name="replay_cell"),
    path("replays/<int:replay_id>/stop/", replay_views.replay_stop, name="replay_stop"),
]
api_urlpatterns = [
    path("triage/preview/", api.PreviewView.as_view(), name="api-triage-preview"),
    path("cases/<str:case_no>/colour/", api.ColourView.as_view(), name="api-case-colour"),
    path("cases/<str:case_no>/level/", api.LevelView.as_view(), name="api-case-level"),
]
