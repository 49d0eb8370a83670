from odoo import api, fields, models


class MrpProduction(models.Model):
    """Nothing is produced for an order before its customer paid, where the policy asks for that (articles 1.7, 1.8).

    Manufacturing orders are planned and confirmed all the same.
    """

    _inherit = "mrp.production"

    policy_payment_hold = fields.Text(
        "Waits for Payment",
        compute="_compute_policy_payment_hold",
        compute_sudo=True,
        exportable=False,
        help="What the order waits for before it is produced.",
    )

    @api.constrains("state", "qty_producing", "sale_line_id")
    def _check_paid_before_production(self):
        """
        :raise UserError: when production began for a customer who has to pay first
        """
        if self.env["order.policy"]._someone_pays_before("production"):
            begun = self.filtered(lambda production: production.state in ("progress", "to_close", "done"))
            begun._orders_to_pay()._check_is_paid("production")

    @api.depends("state", "sale_line_id", "reference_ids")
    @api.depends_context("lang")
    def _compute_policy_payment_hold(self):
        waiting = self.filtered(lambda production: production.state in ("draft", "confirmed", "progress", "to_close"))
        orders = {production: production._orders_to_pay() for production in waiting}
        holds = self.env["sale.order"].union(*orders.values())._payment_holds("production")
        for production in self:
            words = [
                order._payment_hold_in_words(holds[order]) for order in orders.get(production, ()) if order in holds
            ]
            production.policy_payment_hold = "\n".join(words) or False

    def _orders_to_pay(self):
        """Return the orders that something is produced for, in superuser mode."""
        # Superuser: who produces sees no orders, and is only told what they wait for.
        productions = self.sudo()
        loose = productions.filtered(lambda production: not production.sale_line_id)
        return productions.sale_line_id.order_id | loose.reference_ids.sale_ids
