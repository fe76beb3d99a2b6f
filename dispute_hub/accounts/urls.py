"""Addresses of the frame."""

from django.urls import path

from dispute_hub.accounts import api, views
from dispute_hub.accounts import roster_views as roster

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("post/", views.switch_post, name="switch_post"),
    path("_menu/", views.menu, name="menu"),
    path("help/", views.help_page, name="help"),
    path("search/", views.search, name="search"),
    path("roster/", roster.roster, name="roster"),
    path("roster/<str:unit_code>/", roster.roster_of, name="roster_of"),
    path("roster/<str:unit_code>/turns/", roster.roster_turn, name="roster_turn"),
    path("roster/<str:unit_code>/turns/<int:turn_id>/end/", roster.roster_turn_end, name="roster_turn_end"),
    path("roster/<str:unit_code>/copy/", roster.roster_copy, name="roster_copy"),
    path("roster/<str:unit_code>/stand-ins/", roster.roster_stand_in, name="roster_stand_in"),
    path("roster/<str:unit_code>/absences/", roster.roster_absence, name="roster_absence"),
    path(
        "roster/<str:unit_code>/absences/<int:absence_id>/end/",
        roster.roster_absence_end,
        name="roster_absence_end",
    ),
]
api_urlpatterns = [
    path("token/", api.TokenView.as_view(), name="api-token"),
]
