from odoo import http
from odoo.addons.sale.controllers.portal import CustomerPortal, PaymentPortal
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.http import request


class PageOfOrder:
    """What signing and paying have in common: it is for what the page showed."""

    def _is_page_outdated(self, order_id, access_token, seen):
        """Tell whether an order holds something else than the page that the customer opened.

        :param str seen: content digest of the order as displayed
        """
        order = self._accessible_order(order_id, access_token)  # who may not see it gets Odoo's own answer
        return bool(seen and order.content_digest and seen != order.content_digest)

    def _accessible_order(self, order_id, access_token):
        """Return an order, as a superuser, that the customer may see; else none."""
        try:
            return self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.env["sale.order"]


class OrderPolicyPayment(PageOfOrder, PaymentPortal):
    @http.route()
    def portal_order_transaction(self, order_id, access_token, **kwargs):
        """Refuse a payment for what the customer did not see: the order changed since the page was opened."""
        if self._is_page_outdated(order_id, access_token, request.httprequest.args.get("content")):
            raise ValidationError(
                request.env._(
                    "The order was changed after you opened this page, so nothing was paid. "
                    "Reload the page, look at the order again, and pay it then."
                )
            )
        return super().portal_order_transaction(order_id, access_token, **kwargs)


class OrderPolicyPortal(PageOfOrder, CustomerPortal):
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

    def _get_payment_values(self, order_sudo, **kwargs):
        """What is paid is what the page showed."""
        values = super()._get_payment_values(order_sudo, **kwargs)
        content = f"&content={order_sudo.content_digest or ''}"
        return values | {"transaction_route": order_sudo.get_portal_url(suffix="/transaction", query_string=content)}

    @http.route()
    def portal_quote_decline(self, order_id, access_token=None, decline_message=None, **kwargs):
        """Note why the quotation ends before Odoo cancels it: under a policy quotations end for a reason."""
        order = self._accessible_order(order_id, access_token)
        if order and order._has_to_be_signed() and decline_message:
            order._note_customer_declines(decline_message)
        return super().portal_quote_decline(
            order_id, access_token=access_token, decline_message=decline_message, **kwargs
        )

    @http.route(["/my/orders/<int:order_id>/request"], type="http", auth="public", methods=["POST"], website=True)
    def portal_order_request(
        self, order_id, access_token=None, kind=None, reason_id=None, note="", contact="", **kwargs
    ):
        """Take in a change or cancellation that a customer asks for (articles 2.8, 3.12, 3.14)."""
        order = self._accessible_order(order_id, access_token)
        if not order:
            return request.redirect("/my")
        # What was typed stays in the session for one display when it cannot be taken in.
        typed = {"kind": kind, "reason_id": reason_id, "note": note, "contact": contact}
        uploads = request.httprequest.files.getlist("files")
        files = [(upload.filename, upload.read()) for upload in uploads if upload.filename]
        reason = order._request_reasons(kind).filtered(lambda reason: str(reason.id) == reason_id)
        try:
            with request.env.cr.savepoint():
                order._request_from_customer(kind, reason, note, contact, files)
        except UserError as error:
            request.session["order_policy_request"] = {**typed, "order_id": order.id, "error": str(error)}
            return request.redirect(order.get_portal_url(anchor="requests"))
        return request.redirect(order.get_portal_url(query_string="&request=sent"))

    def _get_page_view_values(self, document, access_token, values, *args, **kwargs):
        """Add to the page of an order what its customer last tried to ask for, if that could not be taken in."""
        values = super()._get_page_view_values(document, access_token, values, *args, **kwargs)
        typed = request.session.get("order_policy_request")
        if typed and document._name == "sale.order" and typed["order_id"] == document.id:
            values["refused_request"] = request.session.pop("order_policy_request")
        values["request_sent"] = request.httprequest.args.get("request") == "sent"
        return values
