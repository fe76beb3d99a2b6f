"""警情导入: choose a table, see what is wrong with it, take the good rows in."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts.doors import STOP_POLLING, actor_of, door
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from intake import selectors, services
from intake.forms import ImportForm
from intake.models import ImportBatch


@door("alert.import", "GET", "POST")
def alert_import(request: HttpRequest) -> HttpResponse:
    """The form and what was imported before; a table is judged at once and nothing taken in yet."""
    actor, at = actor_of(request), time.now()
    form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
    batch = form.submit(partial(services.judge_table, actor=actor, at=at)) if form.is_bound else None
    if batch is not None:
        return _to(batch)
    said = {"form": form, "batches": selectors.batches_of(actor)[:20]}
    return render(request, "intake/import.html", said, status=form.status)


def _to(batch: ImportBatch) -> HttpResponse:
    return HttpResponseRedirect(reverse("alert_import_batch", args=[batch.pk]))


@door("alert.import")
def import_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One table: how many rows are good, known or bad, and each bad row with its reasons."""
    batch = selectors.get_batch(actor_of(request), pk)
    page = keyset_page(selectors.bad_rows(batch), order=("number",), cursor=request.GET.get("cursor"))
    said = {"batch": batch, "page": page, "next_cursor": page.next_cursor}
    if "HX-Request" in request.headers:
        status = 200 if batch.state == ImportBatch.State.RUNNING else STOP_POLLING
        return render(request, "intake/_import_state.html", said, status=status)
    return render(request, "intake/import_batch.html", said)


@door("alert.import", "POST")
def start_import(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    batch = services.start_import(selectors.get_batch(actor, pk), actor=actor, at=time.now())
    messages.success(request, f"开始导入 {batch.rows_ready} 行，可离开本页。")
    return _to(batch)


@door("alert.import", "POST")
def cancel_import(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of(request)
    batch = services.cancel_import(selectors.get_batch(actor, pk), actor=actor, at=time.now())
    messages.success(request, "已取消，未导入的行不再导入。")
    return _to(batch)


@door("alert.import")
def import_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The bad rows as a table of their own, with a column that says why; mended, it can be imported."""
    actor, at = actor_of(request), time.now()
    batch = selectors.get_batch(actor, pk)
    return _csv(services.error_file(batch, actor=actor, at=at), f"import-{batch.pk}-errors.csv")


@door("alert.import")
def import_template(request: HttpRequest) -> HttpResponse:
    """An empty table with the columns."""
    return _csv(selectors.empty_table(), "alerts-template.csv")


def _csv(text: str, name: str) -> HttpResponse:
    # The byte order mark tells spreadsheets that this is UTF-8.
    response = HttpResponse(("\ufeff" + text).encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
