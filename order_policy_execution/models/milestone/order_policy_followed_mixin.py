from odoo import models


class OrderPolicyFollowedMixin(models.AbstractModel):
    """Documents of other apps that milestones and their forecasts follow within a minute (articles 1.8, 1.11, 3.10).

    They change often, by people whom orders are no concern: these wait for nothing that is reckoned of an order, and
    for nobody who works on it. What changed is noted once for a transaction, and the job looks at it.
    """

    _name = "order.policy.followed.mixin"
    _description = "Document That Milestones Follow"

    def _note_change(self):
        """Have the orders of these documents brought in line once this is stored. Costs no query here."""
        self.env["sale.order.due"]._changed_documents().setdefault(self._name, set()).update(self.ids)

    def _query_of_orders(self):
        """Return the SQL that selects the ids of the orders that these documents are for."""
        raise NotImplementedError
