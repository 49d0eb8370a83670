from odoo import models


class SaleOrderChange(models.Model):
    """Tells production what is left of the work for an order that was changed or cancelled."""

    _inherit = "sale.order.change"

    def _is_of_who_plans(self, review):
        """Production has nothing planned besides manufacturing orders, which are looked at one by one."""
        return super()._is_of_who_plans(review) and review.department_id != self._department_for(
            "department_production"
        )

    def _tasks(self):
        tasks = super()._tasks()
        of_production = self._stopped_production() if self.kind == "cancel" else self.line_ids._surplus_production()
        return {**tasks, "department_production": of_production}

    def _stopped_production(self):
        """List the manufacturing orders that had begun, and so were not cancelled."""
        number = self.env["order.policy.words"]._number_in_words
        begun = self.order_id._policy_productions().filtered(lambda production: production.state != "cancel")
        return [
            self.env._(
                "%(production)s: %(produced)s of %(quantity)s %(product)s are produced. Stop it or finish it; what it "
                "makes is for stock now.",
                production=production.name,
                produced=number(production.qty_produced),
                quantity=number(production.product_qty),
                product=production.product_id.display_name,
            )
            for production in begun
        ]
