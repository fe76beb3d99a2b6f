"""实时态势: what goes on in a command room's territory, on the desk and on its wall."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispute_hub.accounts.doors import actor_of, door, polled
from dispute_hub.common import time
from reports import selectors

UNCHANGED = 204


def _live(request: HttpRequest, *, wall: bool = False) -> dict[str, Any]:
    board = selectors.live_board(actor_of(request), at=time.now(), wall=wall)
    return {"board": board, "seen": board.fingerprint, "wall": wall}


@door("live.read")
def live_board(request: HttpRequest) -> HttpResponse:
    """New reds and oranges, unsigned pushes and clocks about to turn, without reload."""
    return render(request, "reports/live.html", _live(request))


@door("live.read")
def live_wall(request: HttpRequest) -> HttpResponse:
    """The same for a wall: dark, larger, without a word about people."""
    return render(request, "reports/live.html", _live(request, wall=True))


@polled
@door("live.read")
def live_rows(request: HttpRequest) -> HttpResponse:
    """The three lists again for a page that stands open; 204 while nothing on them changed."""
    said = _live(request)
    if said["seen"] == request.GET.get("seen"):
        return HttpResponse(status=UNCHANGED)
    return render(request, "reports/_live_board.html", said)
