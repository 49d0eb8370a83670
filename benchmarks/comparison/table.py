"""The page that is kept of a run, and its short form, which the README shows."""

from .figures import PHASES, SCREENS, Figures, processors

IN_SHORT = {
    "lives": ("create", "submit", "approval", "confirm", "life"),
    "screens": ("counter", "page", "own columns", "form"),
}


def write(found):
    """Return the figures of a run as a page."""
    figures = Figures(found)
    lines = [
        "# What review and approval cost",
        "",
        *_about(figures),
        "",
        "## In short",
        "",
        in_short(found),
        "",
        "![The figures, drawn](comparison.svg)",
        "",
        "## The life of an order",
        "",
        "Each cell: queries / ms of Odoo's processor / ms of PostgreSQL's processor / ms that somebody waits.",
        "",
        *_table("", figures.labels, _lives(figures, PHASES, _cell)),
    ]
    for waiting, screens in figures.screens.items():
        lines += [
            "",
            f"## The screens of a reviewer while {waiting:,} orders wait",
            "",
            *_table("", _of(figures, screens), _screens(screens, SCREENS, _cell)),
        ]
    return "\n".join(lines) + "\n"


def in_short(found):
    """Return the most important figures of a run as a table: queries, and milliseconds of processors."""
    figures = Figures(found)
    lines = _table("Queries, ms", figures.labels, _lives(figures, IN_SHORT["lives"], _short_cell))
    if figures.screens:
        waiting, screens = max(figures.screens.items())
        screens = {key: screens.get(key, {}) for key in figures.labels}
        lines += _rows(_screens(screens, IN_SHORT["screens"], _short_cell, f", {waiting:,} waiting"))
    return "\n".join(lines)


def _about(figures):
    about = figures.about
    numbers = about["numbers"]
    yield (
        f"Measured {about['date']} by `script/benchmark` in {about['minutes']} minutes, all products by turns in one"
        f" run on one machine: {about['processors']} processors, a load of {about['load']} before, Python"
        f" {about['python']}, PostgreSQL {about['postgresql']}. Medians of {numbers['orders']} orders and of"
        f" {numbers['samples']} readings of each screen, {numbers['repeats']} times."
    )
    yield ""
    for key, label in figures.labels.items():
        versions = ", ".join(f"{name} {version}" for name, version in figures.versions[key].items())
        yield f"- {label}{f': {versions}' if versions else ''}"
    yield ""
    yield (
        "An order has five lines and needs three approvals, six under *Strictest of All*. Queries are exact; times"
        " differ by some percent from run to run."
    )


def _of(figures, by_product):
    return {key: figures.labels[key] for key in by_product}


def _lives(figures, phases, cell):
    for phase in phases:
        if any(phase in costs for costs in figures.lives.values()):
            yield [PHASES[phase], *(cell(costs.get(phase)) for costs in figures.lives.values())]
    if "V" in figures.lives:
        yield ["more than plain Odoo", *(cell(figures.added(key)) for key in figures.lives)]


def _screens(screens, names, cell, more=""):
    for name in names:
        if any(name in costs for costs in screens.values()):
            yield [f"{SCREENS[name]}{more}", *(cell(costs.get(name)) for costs in screens.values())]


def _queries(costs):
    return f"{costs['queries']:.1f}".removesuffix(".0")


def _cell(costs):
    if not costs:
        return "–"
    return f"{_queries(costs)} / {costs['cpu_ms']:.1f} / {costs['pg_ms']:.1f} / {costs['wall_ms']:.1f}"


def _short_cell(costs):
    return f"{_queries(costs)}, {processors(costs):.0f} ms" if costs else "–"


def _table(head, labels, rows):
    return _rows([[head, *labels.values()], ["---"] * (len(labels) + 1), *rows])


def _rows(rows):
    return [f"| {' | '.join(row)} |" for row in rows]
