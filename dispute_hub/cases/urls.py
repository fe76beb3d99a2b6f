"""Addresses of clocks and of the calendar they are counted by."""

from django.urls import path

from dispute_hub.cases import calendar_views, views
from dispute_hub.cases import clock_table_views as tables
from dispute_hub.cases import unit_limit_views as units

urlpatterns = [
    path("calendar/", calendar_views.calendar, name="calendar"),
    path("clocks/<int:deadline_id>/", views.clock, name="clock"),
    path("clocks/<int:deadline_id>/pause/", views.clock_pause, name="clock_pause"),
    path("clocks/<int:deadline_id>/resume/", views.clock_resume, name="clock_resume"),
    path("clocks/<int:deadline_id>/extend/", views.clock_extend, name="clock_extend"),
    path("clocks/<int:deadline_id>/extension/", views.clock_decide, name="clock_decide"),
    path("clock-table/", tables.clock_table, name="clock_table"),
    path("clock-table/units/", units.unit_limits, name="unit_limits"),
    path("clock-table/units/propose/", units.unit_limit_propose, name="unit_limit_propose"),
    path("clock-table/units/<int:limit_id>/", units.unit_limit_decide, name="unit_limit_decide"),
    path("clock-table/<int:table_id>/", tables.clock_table_version, name="clock_table_version"),
    path("clock-table/<int:table_id>/limits/<str:kind>/", tables.clock_limits, name="clock_limits"),
    path("clock-table/<int:table_id>/ladder/", tables.clock_ladder, name="clock_ladder"),
    path("clock-table/<int:table_id>/draft/", tables.clock_table_draft, name="clock_table_draft"),
    path(
        "clock-table/<int:table_id>/preview/",
        tables.clock_table_preview,
        name="clock_table_preview",
    ),
    path(
        "clock-table/<int:table_id>/activate/",
        tables.clock_table_activate,
        name="clock_table_activate",
    ),
    path(
        "clock-table/<int:table_id>/discard/",
        tables.clock_table_discard,
        name="clock_table_discard",
    ),
]
