"""Addresses of the frame."""

from django.urls import path

from dispute_hub.accounts import api, views

urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("post/", views.switch_post, name="switch_post"),
    path("_menu/", views.menu, name="menu"),
    path("help/", views.help_page, name="help"),
    path("search/", views.search, name="search"),
]
api_urlpatterns = [
    path("token/", api.TokenView.as_view(), name="api-token"),
]
