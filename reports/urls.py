"""Addresses of the reports."""

from django.urls import path

from reports import api, views

urlpatterns = [
    path("", views.workbench, name="workbench"),
    path("cases/", views.case_list, name="case_list"),
    path("cases/<str:case_no>/", views.case_file, name="case_file"),
    path("cases/<str:case_no>/reveal/", views.reveal, name="case_reveal"),
    path("live/", views.live_board, name="live_board"),
    path("live/rows/", views.live_rows, name="live_rows"),
    path("live/wall/", views.live_wall, name="live_wall"),
    path("board/", views.board, name="board"),
    path("board/rows/", views.board_rows, name="board_rows"),
    path("board/wall/", views.board_wall, name="board_wall"),
]
api_urlpatterns = [
    path("cases/", api.CasesView.as_view(), name="api-cases"),
    path("cases/<str:case_no>/", api.CaseView.as_view(), name="api-case"),
    path("cases/<str:case_no>/timeline/", api.TimelineView.as_view(), name="api-case-timeline"),
    path("worklist/", api.WorklistView.as_view(), name="api-worklist"),
    path("reports/clearance/", api.ClearanceView.as_view(), name="api-clearance"),
]
