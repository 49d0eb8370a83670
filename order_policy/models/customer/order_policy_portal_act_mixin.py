from odoo import api, fields, models
from odoo.fields import Command
from odoo.http import request


class OrderPolicyPortalActMixin(models.AbstractModel):
    """What a customer did in the portal: from where, and who was logged in, so that a forgery can be told.

    The customer gets a receipt of it, and so notices what somebody else did.
    """

    _name = "order.policy.portal.act.mixin"
    _description = "Act of a Customer in the Portal"

    ip_address = fields.Char("From Address", readonly=True, help="Of the computer from which the customer acted.")
    browser = fields.Char(readonly=True, help="As the customer's browser named itself.")
    logged_in_id = fields.Many2one(
        "res.users",
        readonly=True,
        ondelete="restrict",
        help="Empty when the link of a letter was used without logging in.",
    )

    @api.model
    def _traces(self):
        """Return from where, and as whom, somebody is acting; nothing where nobody is, as in a scheduled action."""
        if not request or not request.env.uid:
            return {}
        user = request.env.user
        return {
            "ip_address": request.httprequest.remote_addr,
            "browser": (request.httprequest.user_agent.string or "")[:300],
            "logged_in_id": not user._is_public() and user.id,
        }

    def _send_receipts(self, template):
        """Tell customers by e-mail what came in in their name; it goes out with the queue.

        :param str template: external id of the letter
        """
        reachable = {act: act._customer_and_who_acted().filtered("email") for act in self}
        for act, people in reachable.items():
            if people:
                recipients = [Command.link(person.id) for person in people]
                self.env.ref(template).sudo().send_mail(act.id, email_values={"recipient_ids": recipients})
        if any(reachable.values()):
            cron_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.ir_cron_mail_scheduler_action")
            self.env["ir.cron"].browse(cron_id)._trigger()

    def _customer_and_who_acted(self):
        """Return the customer of the order, and who of the customer's people was logged in, as superuser.

        Whoever of the company opened the page is none of them.
        """
        self.ensure_one()
        act = self.sudo()  # the letter is the customer's own affair
        customer, person = act.order_id.partner_id, act.logged_in_id.partner_id
        return customer | person.filtered(lambda person: person.commercial_partner_id == customer.commercial_partner_id)
