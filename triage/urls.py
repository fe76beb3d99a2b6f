"""Addresses of triage."""

from django.urls import path, re_path

from triage import api, replay_views, report_views, rule_views, views

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
    path("rules/agreement/", report_views.agreement, name="agreement_report"),
    path("rules/agreement/cases/", report_views.agreement_cell, name="agreement_cell"),
    path("rules/agreement/table.csv", report_views.agreement_table, name="agreement_table"),
    path("rules/", rule_views.rules, name="rules"),
    path("rules/<int:rule_set_id>/", rule_views.rule_set, name="rule_set"),
    path("rules/<int:rule_set_id>/parts/new/", rule_views.rule_part_new, name="rule_part_new"),
    path("rules/<int:rule_set_id>/parts/<path:part>/", rule_views.rule_part, name="rule_part"),
    path("rules/<int:rule_set_id>/diff/", rule_views.rule_diff, name="rule_diff"),
    path("rules/<int:rule_set_id>/trial/", rule_views.rule_trial, name="rule_trial"),
    path("rules/<int:rule_set_id>/draft/", rule_views.rule_draft_new, name="rule_draft_new"),
    path("rules/<int:rule_set_id>/submit/", rule_views.rule_submit, name="rule_submit"),
    path("rules/<int:rule_set_id>/activate/", rule_views.rule_activate, name="rule_activate"),
    path("rules/<int:rule_set_id>/discard/", rule_views.rule_discard, name="rule_discard"),
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
