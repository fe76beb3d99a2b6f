"""The inbox of the acting post."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts import doors
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from dispute_hub.outbox import selectors, services


@doors.door("self.use")
def notices(request: HttpRequest) -> HttpResponse:
    """Notices of the post, newest first, with what this person has not seen yet."""
    actor = doors.actor_of(request)
    rows = selectors.notices_seen_by(actor)
    page = keyset_page(rows, order=("-id",), cursor=request.GET.get("cursor"))
    return render(request, "outbox/notices.html", {"rows": page.rows, "next_cursor": page.next_cursor})


@doors.door("self.use", "POST")
def open_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """See one notice and go to what it is about."""
    actor = doors.actor_of(request)
    notice = selectors.get_notice(actor, notice_id)
    services.read_notices([notice.pk], user_id=actor.user.pk, at=time.now())
    return HttpResponseRedirect(notice.link or "/notices/")


@doors.door("self.use", "POST")
def read_all(request: HttpRequest) -> HttpResponse:
    """Everything that stood in the inbox when the page was shown counts as seen."""
    services.read_up_to(doors.actor_of(request), request.POST.get("newest", ""), at=time.now())
    return HttpResponseRedirect("/notices/")
