"""What stands on a lower floor names nothing of what stands above it: that it is noticed, by examples."""

import pytest

from devtools import floors

BELOW = """
class Policy(models.Model):
    _name = "order.policy"

    step_ids = fields.One2many("order.policy.step", "policy_id")

    def _rules(self):
        {}
"""
ABOVE = """
class Order(models.Model):
    _inherit = "sale.order"

    review_ids = fields.One2many("sale.order.review", "order_id")

    def write(self, vals):
        return super().write(vals)

    def _ask(self):
        return self.policy_id._rules()


class Review(models.Model):
    _name = "sale.order.review"

    state = fields.Char()
"""


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A function that builds an addon of two floors, with a statement in a method of the lower one."""
    monkeypatch.setattr(floors, "ROOT", tmp_path)

    def build(statement):
        models = tmp_path / "addon" / "models"
        for name, source in (("policy", BELOW.format(statement)), ("review", ABOVE)):
            (models / name).mkdir(parents=True)
            (models / name / "file.py").write_text(source)
        (models / "__init__.py").write_text("from . import policy\nfrom . import review\n")
        return floors.Floors("addon")

    return build


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("return self.env['sale.order.review']", "sale.order.review"),
        ("return self.order_ids._ask()", "_ask"),
        ("return self.order_ids.review_ids", "review_ids"),
        ("return self.order_ids.mapped('review_ids.state')", "review_ids"),
        ("return Domain('order_ids.review_ids', '=', False)", "review_ids"),
        ("return self.order_ids.sorted('review_ids desc')", "review_ids"),
    ],
)
def test_names_of_above_are_noticed(house, statement, named):
    [complaint] = house(statement).upwards()
    assert "addon/models/policy/file.py:8" in complaint
    assert f"policy names “{named}” of review" in complaint


@pytest.mark.parametrize(
    "statement",
    [
        "return self.step_ids",
        "return self._rules()",
        "return self.order_ids.write({})",  # Odoo's own, which is extended above
        "return self.state",  # of a record that something else led to
        "return self.env._('Ask the people of review_ids')",
    ],
)
def test_what_is_below_or_elsewhere_is_nothing_to_notice(house, statement):
    assert house(statement).upwards() == []


def test_arrows_that_point_down_are_drawn(house):
    built = house("return True")
    assert built.arrows() == {"review": ["policy"], "policy": []}
    assert "review --> policy" in built.drawing()


def test_this_house_stands():
    assert floors.check(fix=False) == []
