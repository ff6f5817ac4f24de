"""Draws a document as a PDF, A4, with a font that has more than Latin letters."""

from pathlib import Path
from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from checkout.fulfilment.documents import Document

if TYPE_CHECKING:
    from fpdf import FPDF

_WIDTH, _MARGIN, _AMOUNT = 210, 20, 35
_TEXT = _WIDTH - 2 * _MARGIN - _AMOUNT


def draw(document: Document) -> bytes:
    """Return the PDF of a document."""
    pdf = _paper(document)
    _heads(pdf, document)
    for row in document.rows:
        _line(pdf, row.title, row.amount)
        _small(pdf, row.detail)
    pdf.ln(3)
    pdf.line(_MARGIN, pdf.get_y(), _WIDTH - _MARGIN, pdf.get_y())
    pdf.ln(3)
    for words, amount in document.sums:
        _line(pdf, words, amount)
    pdf.set_font("serif", "B", 14)
    _line(pdf, _("Total"), document.total, height=9)
    pdf.set_font("serif", "", 10)
    for rate, net, tax in document.taxes:
        words = _("VAT %(rate)s on %(net)s: %(tax)s") % {"rate": rate, "net": net, "tax": tax}
        pdf.multi_cell(0, 5, words, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def _paper(document: Document) -> "FPDF":
    # Both take a third of a second and 20 MB, which a process that never draws one saves.
    import font_source_serif_pro
    from fpdf import FPDF

    folder = Path(font_source_serif_pro.font_directory)
    pdf = FPDF(format="A4")
    pdf.set_margins(_MARGIN, _MARGIN)
    pdf.set_auto_page_break(auto=True, margin=_MARGIN)
    pdf.add_font("serif", "", folder / "SourceSerifPro-Regular.ttf")
    pdf.add_font("serif", "B", folder / "SourceSerifPro-Semibold.ttf")
    pdf.set_title(f"{document.title} {document.number}")
    pdf.set_lang(get_language() or "en")
    pdf.add_page()
    return pdf


def _heads(pdf: "FPDF", document: Document) -> None:
    pdf.set_font("serif", "", 10)
    for line in document.seller:
        pdf.multi_cell(0, 5, line, align="R", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("serif", "", 11)
    pdf.ln(6)
    for line in document.customer:
        pdf.multi_cell(0, 5.5, line, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(10)
    pdf.set_font("serif", "B", 18)
    pdf.cell(0, 10, f"{document.title} {document.number}", new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("serif", "", 11)
    for label, value in document.facts[1:]:  # the number stands above
        pdf.cell(0, 5.5, f"{label}: {value}", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(8)


def _line(pdf: "FPDF", words: str, amount: str, *, height: float = 6) -> None:
    """Write words, broken into lines where they are long, with an amount at the right of the first."""
    if pdf.will_page_break(3 * height):
        pdf.add_page()
    top, page = pdf.get_y(), pdf.page
    pdf.multi_cell(_TEXT, height, words, new_x="LMARGIN", new_y="NEXT")
    below = pdf.get_y()
    if pdf.page != page:  # longer than the rest of the page
        top = below - height
    pdf.set_xy(_MARGIN + _TEXT, top)
    pdf.cell(_AMOUNT, height, amount, align="R")
    pdf.set_xy(_MARGIN, below)


def _small(pdf: "FPDF", words: str) -> None:
    pdf.set_font("serif", "", 9)
    pdf.multi_cell(_TEXT, 4.5, words, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font("serif", "", 11)
    pdf.ln(1)
