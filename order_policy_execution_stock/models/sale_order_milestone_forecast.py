from odoo import models


class SaleOrderMilestone(models.Model):
    """When Odoo itself expects deliveries: by their moves, and by what these wait for (article 1.11)."""

    _inherit = "sale.order.milestone"

    def _expected_by_documents(self):
        expected = super()._expected_by_documents()
        following = self.filtered(lambda milestone: milestone.source == "delivery")
        # What is looked at of each order, of all orders together.
        following.order_id.order_line.move_ids.mapped("location_dest_id.usage")
        for milestone in following:
            moves = milestone.order_id._policy_lines_from_stock().move_ids.filtered(
                lambda move: move.state not in ("done", "cancel") and move.location_dest_id._that_are_outside()
            )
            moments = [max(filter(None, (move.date, move.delay_alert_date))) for move in moves]
            if moments:
                expected[milestone] = milestone._local_day(max(moments))
        return expected
