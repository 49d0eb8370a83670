from odoo import http
from odoo.addons.mail.controllers.attachment import AttachmentController
from odoo.addons.mail.controllers.thread import ThreadController
from odoo.http import request


class OrderPolicyThread(ThreadController):
    """What browsers post on orders: Odoo posts it as superuser, of whatever kind the page says that it is."""

    def _prepare_message_data(self, post_data, *, thread, **kwargs):
        """Take what people post on orders as comments: of other kinds is what comes by e-mail, and what happened."""
        data = super()._prepare_message_data(post_data, thread=thread, **kwargs)
        if thread._name == "sale.order" and kwargs.get("from_create"):
            data["message_type"] = "comment"
        return data


class OrderPolicyAttachments(AttachmentController):
    @http.route()
    def mail_attachment_upload(self, ufile, thread_id, thread_model, is_pending=False, **kwargs):
        """Take files for an order from those who may write it: who may write a note on it files no papers."""
        user = request.env.user
        if thread_model == "sale.order" and user._is_internal() and str(thread_id).isdigit():
            order = request.env[thread_model].browse(int(thread_id))
            if order.has_access("read") and not order.has_access("write"):
                return request.make_json_response({"error": order._files_are_for_sales_in_words()})
        return super().mail_attachment_upload(ufile, thread_id, thread_model, is_pending=is_pending, **kwargs)
