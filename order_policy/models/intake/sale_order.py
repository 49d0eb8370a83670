from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..policy.order_policy_letter_mixin import LETTER_LAYOUT


class SaleOrder(models.Model):
    """How an order comes in: its channel and papers, who entered and proofread it, and orders that are refused."""

    _inherit = "sale.order"

    channel_id = fields.Many2one(
        "order.policy.channel",
        compute="_compute_channel_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        tracking=True,
        help="How the order arrived.",
    )
    received_on = fields.Datetime(
        default=fields.Datetime.now,
        copy=False,
        help="When the customer's order arrived: from then on the time until it is entered is measured.",
    )
    entry_hours = fields.Float(
        "Hours to Entry",
        compute="_compute_entry_hours",
        store=True,
        copy=False,
        aggregator="avg",
        help="From the arrival of the order until it was entered.",
    )
    policy_submitted_on = fields.Datetime("Submitted On", readonly=True, copy=False)
    policy_submitted_by_id = fields.Many2one("res.users", "Submitted By", readonly=True, copy=False)
    policy_intake_digest = fields.Char(
        readonly=True,
        copy=False,
        help="The content with which the order last passed the checks of the intake.",
        exportable=False,
    )
    policy_copies_due = fields.Json(
        readonly=True, copy=False, help="The order copies that are still to be filed.", exportable=False
    )
    policy_paper_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        "Papers",
        domain=[("res_model", "=", "sale.order"), ("policy_document_id", "!=", False)],
        # What is added to the list on the form is a file of the order.
        context={"default_res_model": "sale.order"},
        copy=False,
        help="The files of the order that are filed as papers, each by its kind.",
    )
    policy_file_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        "Files to Classify",
        domain=[("res_model", "=", "sale.order"), ("policy_document_id", "=", False)],
        copy=False,
        help="The files of the order of which nobody said yet what they are.",
    )
    check_ids = fields.One2many(
        "sale.order.check",
        "order_id",
        "Checks",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )
    intake_check_ids = fields.One2many(
        "sale.order.check",
        "order_id",
        "Checks at Intake",
        domain=[("is_current", "=", True), ("check_id.step_id", "=", False)],
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )
    policy_refusal_reason_id = fields.Many2one(
        "order.policy.reason", "Refused Because", readonly=True, copy=False, ondelete="restrict"
    )
    policy_refusal_note = fields.Text("Refusal Note", readonly=True, copy=False)
    policy_refused_by_id = fields.Many2one("res.users", "Refused By", readonly=True, copy=False)
    policy_refused_on = fields.Datetime(
        "Refused On", readonly=True, copy=False, help="Stays when the order is made a quotation again."
    )

    _policy_copies_due = models.Index("(id) WHERE policy_copies_due IS NOT NULL")

    @api.depends(lambda self: ["website_id"] if "website_id" in self._fields else [])
    def _compute_channel_id(self):
        website_id = self.env["ir.model.data"]._xmlid_to_res_id("order_policy.channel_website")
        for order in self:
            # The website app marks the orders that customers placed there.
            if not order.channel_id and "website_id" in order._fields and order.website_id:
                order.channel_id = website_id
            else:
                order.channel_id = order.channel_id

    @api.depends("received_on", "create_date")
    def _compute_entry_hours(self):
        for order in self:
            entered_on = order.create_date or order.received_on
            waited = (entered_on - order.received_on).total_seconds() if order.received_on else 0.0
            order.entry_hours = max(waited, 0.0) / 3600

    @api.constrains("received_on")
    def _check_received_on(self):
        for order in self:
            if order.received_on and order.received_on > fields.Datetime.add(fields.Datetime.now(), minutes=1):
                raise ValidationError(
                    self.env._(
                        "%s cannot have arrived in the future. Enter when the customer's order came.", order.name
                    )
                )

    # ------------------------------------------------------------------
    # Orders by e-mail
    # ------------------------------------------------------------------

    @api.private
    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Enter the order that a customer sent to an e-mail alias of orders (articles 1.4, 2.4, 3.4)."""
        author = self.env["res.partner"].browse(msg_dict.get("author_id") or ())
        customer = author or self._find_sender(msg_dict.get("email_from") or self.env._("Unknown Sender"))
        now = fields.Datetime.now()
        values = {
            "partner_id": customer.id,
            "client_order_ref": msg_dict.get("subject"),
            "channel_id": self.env.ref("order_policy.channel_email").id,
            "received_on": min(fields.Datetime.to_datetime(msg_dict.get("date")) or now, now),  # clocks differ
            "name": self.env._("New"),
            "user_id": self._who_sells_to(customer, custom_values or {}).id,
            **{name: value for name, value in (custom_values or {}).items() if name != "user_id" or value},
        }
        return super().message_new(msg_dict, custom_values=values)

    @api.model
    def _values_of_owner(self, alias):
        """Return who looks after orders that come in at an alias: its owner, such as the leader of a sales team."""
        owner = alias.sudo().alias_parent_model_id and self.env[alias.sudo().alias_parent_model_id.model].sudo().browse(
            alias.alias_parent_thread_id or ()
        )
        if owner and owner._name == "crm.team":
            return {"team_id": owner.id, "user_id": owner.user_id.id}
        return {"user_id": owner.id} if owner and owner._name == "res.users" else {}

    @api.model
    def _who_sells_to(self, customer, values):
        """Return who looks after an order that came in: the customer's salesperson, else the leader of the team.

        :param dict values: of the order, as far as they are known
        """
        company = self.env["res.company"].browse(values.get("company_id")) or self.env.company
        team = self.env["crm.team"].browse(values.get("team_id") or ())
        if not team:
            team = team.search([("company_id", "in", (company.id, False)), ("user_id", "!=", False)], limit=1)
        own = customer.with_company(company).user_id or customer.commercial_partner_id.user_id
        for person in (own, team.user_id):
            if person.active and company in person.company_ids:
                return person
        return own.browse()

    def _find_sender(self, sender):
        Partner = self.env["res.partner"]
        return Partner.concat(*Partner._find_or_create_from_emails([sender])) or Partner.create({"name": sender})

    def _message_post_after_hook(self, message, msg_vals):
        """File what came with the e-mail by which an order arrived as its original."""
        result = super()._message_post_after_hook(message, msg_vals)
        if message.message_type == "email" and self.channel_id == self.env.ref("order_policy.channel_email"):
            self.env["order.policy.document"]._file_original(self, message)
        return result

    # ------------------------------------------------------------------
    # Refusal
    # ------------------------------------------------------------------

    def action_policy_refuse(self, reason=False, note=False, message=None):
        """Refuse orders that break the company's rules: they are cancelled, and their customers told why (article 1.5).

        :param reason: order.policy.reason record of kind refusal, or its id
        :param str note: more about it, for colleagues
        :param dict message: ``subject`` and ``body`` of the e-mail to the customer; from the template when left out
        :raise UserError: when an order is no quotation under a policy, or the reason is not one for refusals
        """
        self.check_access("write")
        reason, note = self._entered_record("order.policy.reason", reason), self._entered_text(note)
        message = self._entered_message(message)
        self._check_can_be_refused(reason)
        # Who gets here may write the orders; the facts of the refusal are not his to choose.
        self.sudo().write(
            {
                "policy_refusal_reason_id": reason.id,
                "policy_refusal_note": note,
                "policy_refused_by_id": self.env.uid,
                "policy_refused_on": fields.Datetime.now(),
            }
        )
        self._action_cancel()
        for order in self:
            order._tell_refusal(message)
        return True

    def _entered_message(self, message):
        """Return subject and body of a message to the customer as they were entered; None for the template's."""
        if not message:
            return None
        if not isinstance(message, dict) or not {"subject", "body"} <= message.keys():
            raise UserError(self.env._("The message to the customer has no subject or no text. Enter both."))
        return {name: self._entered_text(message[name]) for name in ("subject", "body")}

    @api.model
    def _rendered_message(self, template, record):
        """Return subject and body of a message after a template, in the language that this says.

        :param record: what the template is about
        """
        return {
            name: template._render_field(field, record.ids, compute_lang=True)[record.id]
            for name, field in (("subject", "subject"), ("body", "body_html"))
        }

    def _tell_refusal(self, message):
        self.ensure_one()
        self._message_log(
            body=self.env._(
                "Refused: %(reason)s. %(note)s",
                reason=self.policy_refusal_reason_id.name,
                note=self.policy_refusal_note or "",
            )
        )
        if not self.partner_id.email:
            self._message_log(
                body=self.env._("%s has no e-mail address, and was not told.", self.partner_id.display_name)
            )
            return
        message = message or self._prepare_refusal_message(self.policy_refusal_reason_id)
        self.message_post(
            subject=message["subject"],
            body=Markup(message["body"]),
            partner_ids=self.partner_id.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid=LETTER_LAYOUT,
        )

    def _prepare_refusal_message(self, reason):
        """Return subject and body of the e-mail that tells the customer of the refusal for a reason."""
        self.ensure_one()
        template = self.env.ref("order_policy.mail_template_refusal").with_context(
            refusal_reason=reason.with_context(lang=self.partner_id.lang).name
        )
        return self._rendered_message(template, self)

    def _check_can_be_refused(self, reason):
        """Make sure that these orders can be refused for a reason.

        :raise UserError: when one is no quotation under a policy, or the reason is missing or for something else
        """
        if not reason.exists() or reason.kind != "refusal":
            raise UserError(self.env._("Choose the reason of the refusal from the catalogue: the customer is told."))
        for order in self:
            if order.state not in ("draft", "sent") or not order.policy_id:
                raise UserError(
                    self.env._(
                        "%s cannot be refused: it is confirmed. Request its cancellation instead.",
                        order.name,
                    )
                    if order.state == "sale"
                    else self.env._(
                        "%s cannot be refused: only quotations under an order policy can.",
                        order.name,
                    )
                )

    def _forget_why_it_ended(self):
        # Set back to quotation by who may write the order; that it was refused or cancelled stays in the log, and
        # the day of the refusal keeps the log.
        self.sudo().filtered("policy_refused_by_id").write(
            {
                "policy_refusal_reason_id": False,
                "policy_refusal_note": False,
                "policy_refused_by_id": False,
            }
        )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") in ("draft", "sent"):
            self._forget_why_it_ended()
        return result

    @api.model
    def _policy_entered_fields(self):
        return [*super()._policy_entered_fields(), *self._with_limits(["policy_refusal_note", "received_on"])]

    @api.model
    def _client_fields(self):
        return super()._client_fields() | {"channel_id", "received_on", "policy_paper_ids", "policy_file_ids"}

    def _with_lasting_messages(self):
        return super()._with_lasting_messages() | self.sudo().filtered(
            lambda order: order.check_ids or order.policy_refused_on
        )
