from odoo import http
from odoo.addons.sale.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError
from odoo.http import request


class OrderPolicyPortal(CustomerPortal):
    @http.route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        """Refuse a signature under what the customer did not see: the order changed since the page was opened."""
        token = access_token or request.httprequest.args.get("access_token")
        if self._is_page_outdated(order_id, token, request.httprequest.args.get("content")):
            return {
                "error": request.env._(
                    "The order was changed after you opened this page, so nothing was signed. "
                    "Reload the page, look at the order again, and sign it then."
                )
            }
        return super().portal_quote_accept(order_id, access_token=access_token, name=name, signature=signature)

    def _is_page_outdated(self, order_id, access_token, seen):
        """Tell whether an order holds something else than the page that the customer opened.

        :param str seen: content digest of the order as displayed
        """
        try:
            order = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return False  # who may not see the order gets Odoo's own answer
        return bool(seen and order.content_digest and seen != order.content_digest)
