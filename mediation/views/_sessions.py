"""Pages of sessions: the list by day, one session, convening."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases import services as cases
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from mediation import selectors, services
from mediation.forms import ConveneForm, RecordForm
from mediation.views._papers import as_file, as_page


@door("session.read")
def session_list(request: HttpRequest) -> HttpResponse:
    """调解: what is planned, what was held, what is still to be performed."""
    view, cursor = request.GET.get("view"), request.GET.get("cursor")
    board = selectors.session_board(actor_of(request), view, cursor=cursor, at=time.now())
    return render(request, "mediation/session_list.html", board)


@door("session.convene", "GET", "POST")
def convene(request: HttpRequest, case_no: str) -> HttpResponse:
    """约调解."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    form = ConveneForm(request.POST if request.method == "POST" else None, case=case, actor=actor)
    act = partial(services.convene_session, case, actor=actor, at=at)
    made = form.submit(act) if form.is_bound else None
    if made is None:
        said = {"case": case, "form": form, "parties": selectors.parties_for(actor, case)}
        return render(request, "mediation/session_new.html", said, status=form.status)
    messages.success(request, f"已安排调解 {made.number}，调解员已收到提醒。")
    return redirect("session_detail", made.pk)


@door("session.read", "GET", "POST")
def session_detail(request: HttpRequest, session_id: int) -> HttpResponse:
    """One session; its host writes the record here."""
    actor, at = actor_of(request), time.now()
    session = selectors.get_session(actor, session_id, at=at)
    form = RecordForm(request.POST if request.method == "POST" else None)
    act = partial(services.record_session, session, actor=actor, at=at)
    made = form.submit(act) if form.is_bound else None
    if made is None:
        said = {**selectors.session_page(actor, session), "form": form}
        return render(request, "mediation/session_detail.html", said, status=form.status)
    messages.success(request, f"调解记录已保存：{made.get_result_display()}。")
    return redirect("session_detail", made.pk)


@door("party.reveal", "POST")
def reveal(request: HttpRequest, session_id: int, party_id: int) -> HttpResponse:
    """A party's number in clear for a minute, with a trace."""
    actor, at = actor_of(request), time.now()
    session = selectors.get_session(actor, session_id, at=at)
    party, purpose = selectors.get_party(session, party_id), request.POST.get("purpose", "")
    shown = cases.reveal(party, case=session.case, field="phone", purpose=purpose, actor=actor, at=at)
    return render(request, "components/revealed_value.html", {"shown": shown})


@door("paper.make")
def record_docx(request: HttpRequest, session_id: int) -> HttpResponse:
    """调解笔录 as a Word file."""
    actor, at = actor_of(request), time.now()
    session = selectors.get_session(actor, session_id, at=at)
    paper = services.make_record_paper(session, actor=actor, at=at)
    return as_file(paper, selectors.file_of(paper))


@door("paper.make")
def record_print(request: HttpRequest, session_id: int) -> HttpResponse:
    """调解笔录 to print."""
    actor, at = actor_of(request), time.now()
    session = selectors.get_session(actor, session_id, at=at)
    paper = services.make_record_paper(session, actor=actor, at=at)
    return as_page(request, paper, f"/mediation/{session.pk}/")
