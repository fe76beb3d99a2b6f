"""The look in Word: A4 and type after GB/T 9704 (仿宋 三号, 黑体 heads, 小标宋 title, 28 pt lines).

Built by code, not from a template with fields: what a person typed is only ever text, so `{{` and `${`
stay what they are (reliability 94).
"""

from __future__ import annotations

import io
import re
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from mediation.papers.contents import Block, Content

BODY, HEAD, TITLE, FOOT = "仿宋_GB2312", "黑体", "方正小标宋简体", "宋体"
BODY_SIZE, TITLE_SIZE, TABLE_SIZE, FOOT_SIZE = Pt(16), Pt(22), Pt(12), Pt(14)
LINE = Pt(28)
INDENT = Pt(32)  # two characters of 三号
LABEL_WIDTH, VALUE_WIDTH = Mm(34), Mm(122)
# XML 1.0 cannot carry these; one of them in a stored text must not cost the whole paper.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(content: Content, *, at: datetime) -> bytes:
    """The .docx file of a paper."""
    document = Document()
    _page(document)
    document.core_properties.author = content.unit
    document.core_properties.title = content.title
    document.core_properties.created = document.core_properties.modified = at.replace(tzinfo=None)
    _paragraph(document, content.title, TITLE, TITLE_SIZE, align=WD_ALIGN_PARAGRAPH.CENTER)
    _paragraph(document, f"编号：{content.number}", BODY, TABLE_SIZE, align=WD_ALIGN_PARAGRAPH.RIGHT)
    for block in content.blocks:
        _DRAW[block.kind](document, block)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(footer, "— ", FOOT, FOOT_SIZE)
    _field(_run(footer, "", FOOT, FOOT_SIZE), "PAGE")
    _run(footer, " —", FOOT, FOOT_SIZE)


def _field(run: Any, code: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        element = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            element.text = text
        else:
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


def _paragraph(
    parent: Any, text: str, font: str, size: Any, *, align: Any = None, indent: Any = None, keep: bool = False
) -> None:
    for line in _NOT_XML.sub("", text).split("\n"):
        paragraph = parent.add_paragraph()
        shape = paragraph.paragraph_format
        shape.space_before = shape.space_after = Pt(0)
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, LINE
        shape.alignment, shape.first_line_indent, shape.keep_with_next = align, indent, keep
        shape.widow_control = True
        _run(paragraph, line, font, size)


def _run(paragraph: Any, text: str, font: str, size: Any) -> Any:
    run = paragraph.add_run(text)
    run.font.name, run.font.size = font, size
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:eastAsia", "w:hAnsi", "w:ascii"):
        fonts.set(qn(script), font)
    return run


def _heading(document: Any, block: Block) -> None:
    _paragraph(document, block.text, HEAD, BODY_SIZE, indent=INDENT, keep=True)


def _text(document: Any, block: Block) -> None:
    _paragraph(document, block.text, BODY, BODY_SIZE, indent=INDENT)


def _note(document: Any, block: Block) -> None:
    _paragraph(document, block.text, BODY, TABLE_SIZE, indent=Pt(24))


def _sign(document: Any, block: Block) -> None:
    _paragraph(document, block.text, BODY, BODY_SIZE, indent=INDENT)


def _table(document: Any, block: Block) -> None:
    widths = (Mm(16), Mm(72), Mm(32), Mm(36))
    table = _grid(document, widths)
    rows = [block.header, *block.rows]
    for number, texts in enumerate(rows):
        _fill(
            table, texts, widths, first_font=HEAD if number == 0 else BODY, font=HEAD if not number else BODY
        )
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)


def _facts(document: Any, block: Block) -> None:
    widths = (LABEL_WIDTH, VALUE_WIDTH)
    table = _grid(document, widths)
    for texts in block.rows:
        _fill(table, texts, widths, first_font=HEAD, font=BODY)


def _grid(document: Any, widths: tuple[Any, ...]) -> Any:
    table = document.add_table(rows=0, cols=len(widths))
    table.style, table.autofit = "Table Grid", False
    return table


def _fill(table: Any, texts: tuple[str, ...], widths: tuple[Any, ...], *, first_font: str, font: str) -> None:
    for place, (cell, text) in enumerate(zip(table.add_row().cells, texts, strict=True)):
        cell.width = widths[place]
        paragraph = cell.paragraphs[0]
        for number, line in enumerate(_NOT_XML.sub("", text).split("\n")):
            paragraph = paragraph if number == 0 else cell.add_paragraph()
            _run(paragraph, line, first_font if place == 0 else font, TABLE_SIZE)


_DRAW = {
    "heading": _heading,
    "text": _text,
    "note": _note,
    "sign": _sign,
    "table": _table,
    "facts": _facts,
}
