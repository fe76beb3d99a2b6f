"""Pages of the frame: log-in, post, log-out, menu, help, search."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from dispute_hub.accounts import doors, entry
from dispute_hub.accounts.forms import LoginForm
from dispute_hub.common import time
from dispute_hub.common.errors import Refused
from reports import menu as menus
from reports import search as searches
from reports.selectors import unsigned_reds


@sensitive_post_parameters("password")
@doors.public("GET", "POST")
def login(request: HttpRequest) -> HttpResponse:
    """First name and password, then (for several posts) the post of this session."""
    if request.method != "POST":
        return _login_page(request, LoginForm(), 200)
    form, at = LoginForm(request.POST), time.now()
    try:
        posts = entry.knock(request, form, at=at)
    except Refused as refusal:
        return _login_page(request, form, refusal.status, message=refusal.message)
    if len(posts) != 1:
        return _login_page(request, form, 200 if posts else 422, posts=posts)
    entry.enter(request, posts[0], at=at)
    return HttpResponseRedirect(entry.safe_next(request, default=menus.home_of(posts[0].role)))


def _login_page(request: HttpRequest, form: LoginForm, status: int, **context: Any) -> HttpResponse:
    said = {"form": form, "next": entry.safe_next(request, default=""), **context}
    return render(request, "accounts/login.html", said, status=status)


@doors.door("self.use", "POST")
def logout(request: HttpRequest) -> HttpResponse:
    entry.leave(request, doors.actor_of(request), at=time.now())
    response = HttpResponseRedirect("/login/")
    # What an officer's phone kept for the way without network goes with the session.
    response["Clear-Site-Data"] = '"storage"'
    return response


@doors.door("self.use", "POST")
def switch_post(request: HttpRequest) -> HttpResponse:
    post = entry.switch(request, doors.actor_of(request), request.POST.get("post", ""), at=time.now())
    return HttpResponseRedirect(menus.home_of(post.role))


@doors.polled
@doors.door("self.use")
def menu(request: HttpRequest) -> HttpResponse:
    """The left menu with its counts, the bell's number, and the reds that nobody has signed."""
    actor, here = doors.actor_of(request), request.GET.get("at", "")
    entries, unread = menus.counted(actor, here)
    reds = unsigned_reds(actor, here=here, at=time.now())
    said = {"hub_menu": entries, "unread_notices": unread, "reds": reds}
    return render(request, "accounts/menu_fragment.html", said)


@doors.door("self.use")
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/help.html")


@doors.door("self.use", "POST")
def search(request: HttpRequest) -> HttpResponse:
    """The search box. A POST, because what is typed may be a person and has no place in an address."""
    found = searches.find(doors.actor_of(request), request.POST.get("q", ""), at=time.now())
    if found.url:
        return HttpResponseRedirect(found.url)
    return render(request, "accounts/search.html", {"found": found})
