"""The data map as a picture: SVG, one card a system, narrow enough for a telephone and fit for paper. Pure.

The picture stands alone: its title and description say in words what it shows, its colours follow the
reader's, and what a colour says is also written.
"""

from collections.abc import Sequence
from textwrap import wrap
from xml.sax.saxutils import escape

from governance.registers.data_map import System, in_words, plain, whereabouts

WIDTH, MARGIN, TRUNK = 390, 12, 28
CARD = WIDTH - MARGIN - TRUNK - 16
LINE, PAD = 18, 12
LETTERS = 46
"""Letters of the running text that fit on a line of a card."""

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1a1d21; }
.name { font-weight: 700; font-size: 15px; }
.label { fill: #4a505a; }
.paper { fill: #ffffff; }
.card { fill: #f4f6f9; stroke: #6d7480; }
.people { fill: #1d4f91; }
.people-text { fill: #ffffff; font-weight: 700; }
.trunk { stroke: #6d7480; stroke-width: 2; fill: none; }
.recipient { fill: #e3ecf8; stroke: #1d4f91; }
.outside { fill: #fdf0e0; stroke: #9a4d00; stroke-dasharray: 5 3; }
@media (prefers-color-scheme: dark) {
  text { fill: #e8eaed; } .label { fill: #b8bec8; } .paper { fill: #15181c; }
  .card { fill: #23272e; stroke: #8a919c; } .people { fill: #8ab8ff; } .people-text { fill: #10141a; }
  .trunk { stroke: #8a919c; } .recipient { fill: #1c2f4a; stroke: #8ab8ff; }
  .outside { fill: #3d2a12; stroke: #f0b46a; }
}
@media print {
  text, .people-text { fill: #000; } .label { fill: #333; } .people { fill: #fff; stroke: #000; }
  .card, .paper, .recipient, .outside { fill: #fff; }
}
"""


def as_svg(controller: str, found: Sequence[System]) -> str:
    """The picture of the whole map."""
    top = MARGIN + 40
    cards: list[str] = []
    ends: list[int] = []
    for system in found:
        card, height = _card(system, top + 16)
        cards.append(card)
        ends.append(top + 16 + 24)
        top += height + 16
    height = top + MARGIN
    trunk = f"M{TRUNK} {MARGIN + 40}V{ends[-1] if ends else MARGIN + 40}" + "".join(
        f"M{TRUNK} {end}H{TRUNK + 16}" for end in ends
    )
    title = escape(f"Where {controller} holds personal data of leads")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-labelledby="map-title map-description" style="width:100%;max-width:40rem;height:auto">'
        f'<title id="map-title">{title}</title>'
        f'<desc id="map-description">{escape(" ".join(in_words(found)))}</desc>'
        f"<style>{STYLE}</style>"
        f'<rect class="paper" width="{WIDTH}" height="{height}"/>'
        f'<rect class="people" x="{MARGIN}" y="{MARGIN}" width="{WIDTH - 2 * MARGIN}" height="40" rx="8"/>'
        f'<text class="people-text" x="{WIDTH // 2}" y="{MARGIN + 25}" text-anchor="middle">Leads</text>'
        f'<path class="trunk" d="{trunk}"/>' + "".join(cards) + "</svg>\n"
    )


def _card(system: System, top: int) -> tuple[str, int]:
    """One system's card, and how high it is."""
    left = TRUNK + 16
    lines = [
        ("name", f"{system.name}  ·  {system.kind}"),
        *_paragraph("Kinds: ", plain(system.categories) or "not described"),
        *_paragraph("For: ", plain(system.purposes) or "not described"),
    ]
    height = PAD + LINE * len(lines) + PAD
    text = "".join(
        f'<text class="{kind}" x="{left + PAD}" y="{top + PAD + LINE * number + 13}">{escape(line)}</text>'
        for number, (kind, line) in enumerate(lines)
    )
    inside = ""
    if system.recipient is not None:
        inside, more = _recipient(system, left + PAD, top + height - PAD + 8)
        height += more + 8
    frame = f'<rect class="card" x="{left}" y="{top}" width="{CARD}" height="{height}" rx="8"/>'
    return frame + text + inside, height


def _recipient(system: System, left: int, top: int) -> tuple[str, int]:
    """Who receives what is in the system; dashed, and in words, where that is outside the EEA."""
    assert system.recipient is not None  # noqa: S101 - the caller looked
    where = whereabouts(system.recipient, outside=system.outside)
    lines = wrap(f"→ {system.recipient.name}, {where}", LETTERS - 4)
    height = LINE * len(lines) + 12
    text = "".join(
        f'<text x="{left + 10}" y="{top + LINE * number + 19}">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    kind, width = "outside" if system.outside else "recipient", CARD - 2 * PAD
    frame = f'<rect class="{kind}" x="{left}" y="{top}" width="{width}" height="{height}" rx="6"/>'
    return frame + text, height


def _paragraph(label: str, text: str) -> list[tuple[str, str]]:
    """A labelled text in lines that fit."""
    return [("label", line) for line in wrap(label + text, LETTERS)]
