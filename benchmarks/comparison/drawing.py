"""The drawing that is kept of a run: bars, in a file that any browser shows."""

from xml.sax.saxutils import escape

from .figures import Figures, processors

COLOURS = {"V": "#9a9a9a", "O": "#e0a030", "P": "#714b67", "S": "#b79bb0"}
WIDTH, PANEL, BAR, GAP, MARGIN = 900, 430, 26, 8, 20
LABELS, FIGURES = 190, 70  # width of what is beside the bars


def draw(found):
    """Return the figures of a run as an SVG file."""
    figures = Figures(found)
    panels = [
        ("An order's life: queries", {key: costs["life"]["queries"] for key, costs in figures.lives.items()}),
        ("An order's life: ms", _processors(figures.lives, "life")),
    ]
    if figures.screens:
        waiting, screens = max(figures.screens.items())
        panels += [
            (f"To-do counter, {waiting:,} wait: ms", _processors(screens, "counter")),
            (f"80 that wait, of {waiting:,}, as a list: ms", _processors(screens, "page")),
            ("80 orders, own columns too: ms", _processors(screens, "own columns")),
            ("One order, the form: ms", _processors(screens, "form")),
        ]
    parts, top = [], 50
    for number, (title, values) in enumerate(panels):
        left = MARGIN + number % 2 * (PANEL + MARGIN)
        parts.append(_panel(left, top, title, values, figures.labels))
        if number % 2 or number == len(panels) - 1:
            top += _height(max(len(each) for _title, each in panels[number - number % 2 : number + 1]))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{top}" fill="white"/>',
        f'<text x="{MARGIN}" y="28" font-size="16" font-weight="bold">What review and approval cost,'
        f" {figures.about['date']}: less is better</text>",
        *parts,
        "</svg>\n",
    ])  # fmt: skip


def _processors(by_product, name):
    return {key: processors(costs[name]) for key, costs in by_product.items()}


def _height(bars):
    return 34 + bars * (BAR + GAP) + MARGIN


def _panel(left, top, title, values, labels):
    room, most = PANEL - LABELS - FIGURES, max(values.values()) or 1
    lines = [f'<text x="{left}" y="{top + 16}" font-weight="bold">{escape(title)}</text>']
    for number, (key, value) in enumerate(values.items()):
        y = top + 28 + number * (BAR + GAP)
        length = max(1, round(room * value / most, 1))
        lines += [
            f'<text x="{left}" y="{y + BAR - 9}">{escape(labels[key])}</text>',
            f'<rect x="{left + LABELS}" y="{y}" width="{length}" height="{BAR}" fill="{COLOURS[key]}"/>',
            f'<text x="{left + LABELS + length + 6}" y="{y + BAR - 9}">{_figure(value)}</text>',
        ]
    return "\n".join(lines)


def _figure(value):
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.1f}"
