import math
import os

from werkzeug.exceptions import RequestEntityTooLarge

from odoo import http
from odoo.addons.sale.controllers.portal import PaymentPortal
from odoo.addons.sale_management.controllers.portal import CustomerPortal
from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.http import request

from ..models.customer.sale_order import MAX_FILE_SIZE, MAX_FILES

LAST_ID = 2**31 - 1  # as PostgreSQL counts
MOST = 10**9  # of anything that a customer orders
# A name, a drawing of a signature, and files with some text.
MAX_SIGNING = 4 * 1024**2
MAX_REQUEST = MAX_FILES * MAX_FILE_SIZE + 1024**2


def _largest_request(_controller):
    """Return how much a request for a change may hold, and refuse a larger one before any of it is read."""
    if (request.httprequest.content_length or 0) > MAX_REQUEST:
        raise RequestEntityTooLarge(
            request.env._(
                "Your files are too large together, so nothing was sent. Please go back, and attach at most "
                "%(number)s files of at most %(size)s MB each.",
                number=MAX_FILES,
                size=MAX_FILE_SIZE // 1024**2,
            )
        )
    return MAX_REQUEST


class PageOfOrder:
    """What everything on the page of an order has in common: it is the customer who acts, on what the page showed."""

    def _document_check_access(self, model_name, document_id, access_token=None):
        """Find nothing, instead of failing, by numbers and links that nobody was given."""
        if isinstance(document_id, int) and not 0 < document_id <= LAST_ID:
            raise MissingError(request.env._("This document does not exist."))
        if not isinstance(access_token, str) or not access_token.isascii():
            access_token = None
        document = super()._document_check_access(model_name, document_id, access_token=access_token)
        if model_name == "sale.order":
            document._follow_version()  # as pages name the content that they show
        return document

    def _accessible_order(self, order_id, access_token):
        """Return an order, as a superuser, that the customer may see; else none."""
        try:
            return self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return request.env["sale.order"].sudo()  # of which there is nothing to see

    def _why_not(self, order_id, access_token):
        """Tell why a person cannot act for the customer of an order under a policy, or return False if he can.

        Who may not see the order gets Odoo's own answer.
        """
        order = self._accessible_order(order_id, access_token)
        if not order.policy_id:
            return False
        if request.env.user._is_internal():
            return order._only_customer_acts_in_words()
        return bool(order._held_back()) and order._being_checked_in_words()

    def _is_page_outdated(self, order_id, access_token):
        """Tell whether an order holds something else than the page that the customer opened."""
        order = self._accessible_order(order_id, access_token)
        seen = request.httprequest.args.get("content")
        if not seen and order.state == "sale":
            return False  # what is paid of a confirmed order does not change without its customer
        return bool(order.content_digest and seen != order.content_digest)

    def _clean(self, text, longest):
        """Return what a customer typed without what no database holds.

        :raise UserError: when it is too long
        """
        text = text.replace("\0", "").strip() if isinstance(text, str) else ""
        if len(text) > longest:
            raise UserError(
                request.env._(
                    "What you wrote is too long: %(length)s characters, of at most %(longest)s. "
                    "Please shorten it, or attach it as a file.",
                    length=len(text),
                    longest=longest,
                )
            )
        return text


class OrderPolicyPayment(PageOfOrder, PaymentPortal):
    @http.route()
    def portal_order_transaction(self, order_id, access_token, **kwargs):
        """Refuse a payment of somebody else, and for what the customer did not see."""
        order = self._accessible_order(order_id, access_token)
        refusal = order.state in ("draft", "sent") and self._why_not(order_id, access_token)
        if not refusal and self._is_page_outdated(order_id, access_token):
            refusal = request.env._(
                "The order was changed after you opened this page, so nothing was paid. "
                "Reload the page, look at the order again, and pay it then."
            )
        if refusal:
            raise ValidationError(refusal)
        return super().portal_order_transaction(order_id, access_token, **kwargs)


class OrderPolicyPortal(PageOfOrder, CustomerPortal):
    @http.route()
    def portal_order_page(self, order_id, report_type=None, access_token=None, **kwargs):
        """Show nothing of quotations that the policy does not let out before approval, in no format."""
        return self._being_checked(order_id, access_token) or super().portal_order_page(
            order_id, report_type=report_type, access_token=access_token, **kwargs
        )

    @http.route()
    def portal_my_sale_order_download_edi(self, order_id=None, access_token=None, **kwargs):
        """Hand out nothing of quotations that the policy does not let out before approval."""
        return self._being_checked(order_id, access_token) or super().portal_my_sale_order_download_edi(
            order_id=order_id, access_token=access_token, **kwargs
        )

    @http.route()
    def portal_quote_document(self, order_id, document_id, access_token=None):
        """Hand out no documents with quotations that the policy does not let out before approval."""
        if not 0 < document_id <= LAST_ID:
            return request.redirect("/my")
        return self._being_checked(order_id, access_token) or super().portal_quote_document(
            order_id, document_id, access_token
        )

    def _prepare_quotations_domain(self, partner):
        """List no quotations that are held back though they were sent before: their pages show nothing either."""
        domain = super()._prepare_quotations_domain(partner)
        # Superuser: customers read nothing of the policy. They are asked for the quotations of this customer alone.
        listed = request.env["sale.order"].sudo().search([*domain, ("policy_id.before_approval", "=", "block")])
        held = listed._held_back()
        return [*domain, ("id", "not in", held.ids)] if held else domain

    def _being_checked(self, order_id, access_token):
        """Return the page that a customer sees in place of a quotation that is held back; None for everybody else."""
        order = self._accessible_order(order_id, access_token)
        if request.env.user._is_internal() or not order._held_back():
            return None
        return request.render("order_policy.portal_being_checked", {"words": order._being_checked_in_words()})

    @http.route(max_content_length=MAX_SIGNING)
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        """Take a signature of the customer alone, and under what the page showed."""
        token = access_token or request.httprequest.args.get("access_token")
        refusal = self._why_not(order_id, token)
        if refusal:
            return {"error": refusal}
        if self._is_page_outdated(order_id, token):
            self._tell(
                order_id,
                request.env._(
                    "The order was changed after you opened this page, so nothing was signed. "
                    "Look at it again: below you see it as it is now, and can sign it."
                ),
            )
            return {"force_refresh": True, "redirect_url": self._accessible_order(order_id, token).get_portal_url()}
        try:
            name = self._clean(name, 200)
        except UserError as error:
            return {"error": str(error)}
        if not name:
            return {"error": request.env._("Please enter your name.")}
        if signature and not request.env["sale.order.confirmation"]._is_picture(signature):
            return {"error": request.env._("The signature did not arrive as a picture. Please sign again.")}
        return super().portal_quote_accept(order_id, access_token=token, name=name, signature=signature)

    def _get_payment_values(self, order_sudo, **kwargs):
        """What is paid is what the page showed."""
        values = super()._get_payment_values(order_sudo, **kwargs)
        content = f"&content={order_sudo.content_digest or ''}"
        return values | {"transaction_route": order_sudo.get_portal_url(suffix="/transaction", query_string=content)}

    @http.route()
    def portal_quote_decline(self, order_id, access_token=None, decline_message=None, **kwargs):
        """Note why the quotation ends before Odoo cancels it: under a policy quotations end for a reason."""
        order = self._accessible_order(order_id, access_token)
        refusal = self._why_not(order_id, access_token)
        try:
            decline_message = self._clean(decline_message, 5000)
        except UserError as error:
            refusal = str(error)
        if refusal:
            self._tell(order_id, refusal)
            return request.redirect(order.get_portal_url())
        if order and order._has_to_be_signed() and decline_message:
            order._note_customer_declines(decline_message)
        return super().portal_quote_decline(
            order_id, access_token=access_token, decline_message=decline_message, **kwargs
        )

    @http.route()
    def portal_quote_option_update(
        self, order_id, line_id, access_token=None, remove=False, input_quantity=False, **kwargs
    ):
        """Let customers alone choose what is optional, and no quantity that nobody can order."""
        refusal = self._why_not(order_id, access_token)
        if not refusal and input_quantity is not False and not self._is_quantity(input_quantity):
            refusal = request.env._("Please enter a quantity of 0 or more.")
        if refusal:
            raise ValidationError(refusal)
        return super().portal_quote_option_update(
            order_id, line_id, access_token=access_token, remove=remove, input_quantity=input_quantity, **kwargs
        )

    def _is_quantity(self, value):
        return isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= MOST

    @http.route(
        ["/my/orders/<int:order_id>/request"],
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
        max_content_length=_largest_request,
    )
    def portal_order_request(
        self, order_id, access_token=None, kind=None, reason_id=None, note="", contact="", **kwargs
    ):
        """Take in a change or cancellation that a customer asks for (articles 2.8, 3.12, 3.14)."""
        order = self._accessible_order(order_id, access_token)
        if not order:
            return request.redirect("/my")
        # What was typed stays in the session for one display when it cannot be taken in.
        typed = {"kind": kind, "reason_id": reason_id, "note": (note or "")[:5000], "contact": (contact or "")[:200]}
        try:
            with request.env.cr.savepoint():
                refusal = self._why_not(order_id, access_token)
                if refusal:
                    raise UserError(refusal)
                reason = order._request_reasons(kind).filtered(lambda reason: str(reason.id) == reason_id)
                note, contact = self._clean(note, 5000), self._clean(contact, 200)
                order._request_from_customer(kind, reason, note, contact, self._uploads(order))
        except UserError as error:
            request.session["order_policy_request"] = {**typed, "order_id": order.id, "error": str(error)}
            return request.redirect(order.get_portal_url(anchor="requests"))
        return request.redirect(order.get_portal_url(query_string="&request=sent"))

    def _uploads(self, order):
        """Return the files that came along, as pairs of name and content; none is read before all are looked at."""
        uploads = [upload for upload in request.httprequest.files.getlist("files") if upload.filename]
        names = [upload.filename.replace("\0", "")[-200:] for upload in uploads]
        sizes = [upload.seek(0, os.SEEK_END) or upload.tell() for upload in uploads]
        order._check_customer_uploads(list(zip(names, sizes, strict=True)))
        contents = []
        for name, upload in zip(names, uploads, strict=True):
            upload.seek(0)
            contents.append((name, upload.read()))
        return contents

    def _tell(self, order_id, words):
        """Show a sentence once, on the next display of an order."""
        request.session["order_policy_words"] = {"order_id": order_id, "words": words}

    def _get_page_view_values(self, document, access_token, values, *args, **kwargs):
        """Add to the page of an order what its customer last tried to do, if that could not be taken in."""
        values = super()._get_page_view_values(document, access_token, values, *args, **kwargs)
        if document._name != "sale.order":
            return values
        for key, name in (("order_policy_request", "refused_request"), ("order_policy_words", "words_for_customer")):
            said = request.session.get(key)
            if said and said["order_id"] == document.id:
                values[name] = request.session.pop(key)
        values["request_sent"] = request.httprequest.args.get("request") == "sent"
        return values
