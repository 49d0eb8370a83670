from odoo import http
from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.http import request


class OrderPolicyPortal(CustomerPortal):
    @http.route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        """Refuse a signature under what the customer did not see: the order changed since the page was opened."""
        seen = request.httprequest.args.get("content")
        order = request.env["sale.order"].sudo().browse(order_id).exists()  # the digest tells nothing of the order
        if seen and order and order.content_digest and seen != order.content_digest:
            return {
                "error": request.env._(
                    "The order was changed after you opened this page, so nothing was signed. "
                    "Reload the page, look at the order again, and sign it then."
                )
            }
        return super().portal_quote_accept(order_id, access_token=access_token, name=name, signature=signature)
