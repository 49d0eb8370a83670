from odoo import models
from odoo.tools import format_list


class SaleOrderLine(models.Model):
    """What keeps lines from being delivered where people report it: what is not released yet (articles 1.9, 3.10)."""

    _inherit = "sale.order.line"

    def _that_lack_release(self):
        """Return those of these lines of which less was released than is ordered."""
        return self.filtered(
            lambda line: (
                line.policy_to_inspect
                and line.product_uom_id.compare(line.product_uom_qty, 0.0) > 0
                and line.product_uom_id.compare(line.policy_released_qty, line.product_uom_qty) < 0
            )
        )

    def _refusal_to_deliver(self, milestone):
        """Tell why a delivery cannot be complete without the release of these lines of its order."""
        departments = self.inspection_ids.department_id
        people = departments.member_ids.filtered("active").mapped("name")
        return self.env._(
            "%(milestone)s cannot be complete: by %(policy)s what has to be inspected leaves only once it is released. "
            "%(released)s. Report how much was delivered until then. %(department)s inspects it (%(people)s): ask for "
            "the inspection, or have the head of %(department)s decide on a concession.",
            milestone=milestone.display_name,
            policy=milestone.order_id.policy_id.display_name,
            released=format_list(self.env, [line._release_in_words() for line in self]),
            department=format_list(self.env, departments.mapped("name")) or self.env._("Quality"),
            people=format_list(self.env, people[:5]) or self.env._("ask who is there"),
        )

    def _release_in_words(self):
        self.ensure_one()
        number = self.env["order.policy.words"]._number_in_words
        return self.env._(
            "%(product)s: %(released)s of %(ordered)s is released",
            product=self.product_id.display_name,
            released=number(self.policy_released_qty),
            ordered=number(self.product_uom_qty),
        )
