from odoo import http
from odoo.addons.order_policy.controllers.portal import OrderPolicyPortal
from odoo.exceptions import UserError
from odoo.http import request

from ..models.customer.sale_order_feedback import LONGEST_NAME, LONGEST_WORDS

MAX_FEEDBACK = 64 * 1024


class OrderPolicyExecutionPortal(OrderPolicyPortal):
    @http.route(
        ["/my/orders/<int:order_id>/feedback"],
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        max_content_length=MAX_FEEDBACK,
    )
    def portal_order_feedback(self, order_id, access_token=None, stars=None, words="", contact="", **kwargs):
        """Take in what a customer says of a delivered order (article 2.13)."""
        order = self._accessible_order(order_id, access_token)
        if not order:
            return request.redirect("/my")
        # What was typed stays in the session for one display when it cannot be taken in.
        typed = {
            "stars": str(stars or "")[:1],
            "words": str(words or "")[:LONGEST_WORDS],
            "contact": str(contact or "")[:LONGEST_NAME],
        }
        try:
            with request.env.cr.savepoint():
                refusal = self._why_not(order_id, access_token)
                if refusal:
                    raise UserError(refusal)
                words, contact = self._clean(words, LONGEST_WORDS), self._clean(contact, LONGEST_NAME)
                order._feedback_from_customer(stars, words, contact)
        except UserError as error:
            request.session["order_policy_feedback"] = {**typed, "order_id": order.id, "error": str(error)}
            return request.redirect(order.get_portal_url(anchor="feedback"))
        return request.redirect(order.get_portal_url(query_string="&feedback=sent", anchor="feedback"))

    def _get_page_view_values(self, document, access_token, values, *args, **kwargs):
        """Add to the page of an order the feedback that could not be taken in."""
        values = super()._get_page_view_values(document, access_token, values, *args, **kwargs)
        if document._name != "sale.order":
            return values
        refused = request.session.get("order_policy_feedback")
        if refused and refused["order_id"] == document.id:
            values["refused_feedback"] = request.session.pop("order_policy_feedback")
        values["feedback_sent"] = request.httprequest.args.get("feedback") == "sent"
        return values
