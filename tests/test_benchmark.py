"""What script/benchmark keeps of what it found, and what the README shows of that."""

from unittest.mock import MagicMock
from xml.etree import ElementTree

import pytest

from comparison import drawing, table
from comparison.__main__ import QUOTED, README
from comparison.life import Life, NotComparable
from comparison.names import NAMES
from devtools.paths import ROOT

PHASES = {"create": 46, "confirm": 25, "life": 71}
REVIEWED = {"create": 46, "submit": 19, "approval": 47 / 3, "confirm": 30, "life": 142}
SCREENS = {"counter": 1, "page": 16, "list": 16, "own columns": 16, "form": 30, "views": 5}


def _costs(queries):
    return {
        "costs": {
            name: {"queries": count, "cpu_ms": count / 2, "pg_ms": count / 4, "wall_ms": count}
            for name, count in queries.items()
        }
    }


@pytest.fixture
def found():
    """What a run of two turns found in two products."""
    return {
        "about": {
            "date": "2026-01-02",
            "numbers": {"orders": 10, "repeats": 2, "samples": 5},
            "minutes": 3,
            "processors": 2,
            "load": 0.1,
            "python": "3.11",
            "postgresql": "15",
        },
        "products": {
            "V": {"versions": {}, "lives": [_costs(PHASES)] * 2, "screens": {"300": [_costs(SCREENS)] * 2}},
            "O": {
                "versions": {"sale_tier_validation": "19.0"},
                "lives": [_costs(REVIEWED)] * 2,
                "screens": {"300": [_costs(SCREENS)] * 2},
            },
        },
    }


def test_page(found):
    page = table.write(found)
    assert "| one approval | – | 15.7 / 7.8 / 3.9 / 15.7 |" in page
    assert "| more than plain Odoo | – | 71 / 35.5 / 17.8 / 71.0 |" in page
    assert "while 300 orders wait" in page
    assert table.in_short(found) in page


def test_product_without_screens(found):
    found["products"]["O"]["screens"] = {}
    assert "| to-do counter, 300 waiting | 1, 1 ms | – |" in table.in_short(found)


def test_drawing(found):
    image = ElementTree.fromstring(drawing.draw(found))
    texts = [element.text for element in image.iter("{http://www.w3.org/2000/svg}text")]
    assert {"An order's life: queries", "71", "142", NAMES["O"].label} <= set(texts)


def test_readme_quotes_the_last_run():
    quoted = README.read_text().split(QUOTED[0])[1].split(QUOTED[1])[0].strip()
    assert quoted
    assert quoted in (ROOT / "benchmarks" / "comparison.md").read_text()


@pytest.mark.parametrize(
    ("needed", "complaint"),
    [(0, "confirmed after 0 of 2"), (1, "confirmed after 1 of 2"), (2, None), (3, "not confirmed after all 2")],
)
def test_product_that_confirms_without_all_approvals_is_not_measured(monkeypatch, needed, complaint):
    company, product = MagicMock(sellers=[1]), MagicMock()
    product.steps.return_value = ("finance", "production")
    monkeypatch.setattr(Life, "_is_confirmed", lambda _life, ref: ref.passed >= needed)
    life = Life(product, MagicMock(), company)
    if complaint:
        with pytest.raises(NotComparable, match=complaint):
            life.check_gate(big=False)
    else:
        life.check_gate(big=False)
