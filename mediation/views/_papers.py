"""How a paper leaves the house: as a Word file or a page to print."""

from __future__ import annotations

import io

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render

from mediation import selectors
from mediation.models import Paper

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def as_file(paper: Paper, content: bytes) -> HttpResponse:
    """A download that no cache keeps; the name carries kind and number, nothing about a person."""
    response = FileResponse(
        io.BytesIO(content), as_attachment=True, filename=paper.shown_name, content_type=DOCX
    )
    response["Cache-Control"] = "no-store"
    return response  # type: ignore[return-value]


def as_page(request: HttpRequest, paper: Paper, back_url: str) -> HttpResponse:
    """The print view of a version, laid out like the file."""
    said = {"paper": paper, "sheet": selectors.sheet_of(paper), "back_url": back_url}
    return render(request, "mediation/paper_print.html", said)
