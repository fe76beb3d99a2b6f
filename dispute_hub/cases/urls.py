"""Addresses of clocks and of the calendar they are counted by."""

from django.urls import path

from dispute_hub.cases import calendar_views, views

urlpatterns = [
    path("calendar/", calendar_views.calendar, name="calendar"),
    path("clocks/<int:deadline_id>/", views.clock, name="clock"),
    path("clocks/<int:deadline_id>/pause/", views.clock_pause, name="clock_pause"),
    path("clocks/<int:deadline_id>/resume/", views.clock_resume, name="clock_resume"),
    path("clocks/<int:deadline_id>/extend/", views.clock_extend, name="clock_extend"),
    path("clocks/<int:deadline_id>/extension/", views.clock_decide, name="clock_decide"),
]
