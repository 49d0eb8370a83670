from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

# What goes on with a message that is kept: whom it reached, and what its readers mark for themselves.
MARKS = frozenset({
    "message_id", "notification_ids", "notified_partner_ids", "starred_partner_ids", "starred", "pinned_at",
    "reaction_ids", "message_link_preview_ids", "mail_ids", "rating_ids", "needaction", "has_error",
    "reply_to", "reply_to_force_new", "mail_server_id", "email_layout_xmlid", "email_add_signature",
})  # fmt: skip
# What people may still change of what they wrote themselves.
REWRITABLE = MARKS | {"body", "subject", "attachment_ids", "partner_ids"}
# Letters on their way, and pings: Odoo clears them away once they arrived.
PASSING = ("email_outgoing", "user_notification")


class MailMessage(models.Model):
    """What was said on orders, requests and dossiers stays: as it was written, by whom and when, whoever comes.

    Colleagues may correct their own comments; customers theirs until somebody decided with them before his eyes.
    """

    _inherit = "mail.message"

    @api.model_create_multi
    def create(self, vals_list):
        messages = super().create(vals_list)
        if not self.env.su and self.env.user._is_internal():
            messages.filtered(lambda message: message._is_of_outsider() or message._is_of_the_past())._check_is_own()
        messages._check_is_note_of_reviewer()
        return messages

    def write(self, vals):
        self.check_access("write")  # before anything is told of the message and its record
        changed = {name for name in vals.keys() - MARKS if not self._says_already(name, vals[name])}
        lasting = self._lasting() if changed else self.browse()
        if changed <= REWRITABLE:
            lasting -= lasting._open_to_their_author()
        if changed - {"attachment_ids"}:
            lasting._check_not_lasting()
        files = {message: message.attachment_ids for message in lasting.sudo()}
        result = super().write(vals)
        # Odoo adds files to what it just noted of an activity. Nothing is taken away, nor added to what others wrote.
        self.browse(
            message.id
            for message, before in files.items()
            if before - message.attachment_ids
            or (message.attachment_ids != before and message.create_uid != self.env.user)
        )._check_not_lasting()
        if changed & {"attachment_ids", "partner_ids"}:
            self._check_is_note_of_reviewer()
        return result

    def _get_forbidden_access(self, operation):
        """Keep from outsiders what is noted on orders: Odoo keeps comments from them, and tells of logs and e-mails."""
        forbidden = super()._get_forbidden_access(operation)
        if operation == "read" and not self.env.user._is_internal():
            forbidden += (self - forbidden)._notes_among_colleagues()
        return forbidden

    def _notes_among_colleagues(self):
        """Return the notes on orders and requests that did not go to this person."""
        reviewed = self.env["sale.order.review"]._subject_fields()
        # Superuser: nothing of the messages is told.
        of_orders = self.sudo().filtered(lambda message: message.model in reviewed)
        notes = of_orders - of_orders.filtered_domain(self._get_search_domain_share())
        partner = self.env.user.partner_id
        theirs = notes.filtered(lambda note: partner not in note.partner_ids | note.notified_partner_ids)
        return theirs.with_env(self.env)

    def _check_is_note_of_reviewer(self):
        """Let who reviews an order or request, and may not write the order, note something for colleagues, no more.

        What follows from his decisions is noted by their methods.

        :raise AccessError: for messages that customers receive, files, and what is written in another name
        """
        user = self.env.user
        if not user._is_internal() or user._is_superuser():
            return
        reviewed = self.env["sale.order.review"]._subject_fields()
        # Superuser: who wrote the message knows what is in it. The web client posts as superuser, too.
        posted = self.sudo().filtered(
            lambda message: message.model in reviewed and (message.message_type == "comment" or not self.env.su)
        )
        orders = {
            message: record if message.model == "sale.order" else record.order_id
            for message in posted
            for record in self.env[message.model].sudo().browse(message.res_id)
        }
        concerned = self.env["sale.order"].union(*orders.values()).sudo(False)
        writable = set(concerned._filtered_access("write").ids)
        for message, order in orders.items():
            if order.id not in writable and not message._is_note_for_colleagues():
                raise AccessError(
                    self.env._(
                        "%(order)s: who reviews an order writes notes on it, for colleagues and without files. Choose "
                        "Log Note. %(salesperson)s writes to the customer, and files papers.",
                        order=message.record_name or order.name,
                        salesperson=order.user_id.name or self.env._("Sales"),
                    )
                )

    def _is_note_for_colleagues(self):
        receivers = self.partner_ids.with_context(active_test=False)
        return (
            # Odoo itself tells colleagues of what they are given.
            self.message_type in ("comment", "user_notification")
            and self.subtype_id.internal
            and self.author_id == self.env.user.partner_id
            and not self.attachment_ids
            and not self.outgoing_email_to
            and all(any(user._is_internal() for user in partner.user_ids) for partner in receivers)
        )

    def _is_of_outsider(self):
        """Tell whether somebody outside of the company is named as who says it."""
        # Superuser: who is a colleague is no secret. Who left is archived, as is OdooBot, in whose name apps post.
        people = self.author_id.sudo().with_context(active_test=False).user_ids
        return not any(user._is_internal() for user in people)

    def _is_of_the_past(self):
        return self.date < fields.Datetime.subtract(fields.Datetime.now(), minutes=5)

    def _check_is_own(self):
        """Refuse what a colleague says in the name of customers, or as of another time, where it is kept.

        What comes in by e-mail or in the portal is posted by nobody of the company.

        :raise AccessError: naming in whose name
        """
        for message in self._lasting().sudo()[:1]:  # who made the message may read whom it names
            raise AccessError(
                self.env._(
                    "Nobody writes on “%(record)s” in the name of %(author)s on %(date)s: others rely on what was "
                    "said, by whom and when. What a customer told you is recorded with Record Confirmation, or noted "
                    "in your own name.",
                    author=message.author_id.display_name or message.email_from or self.env._("somebody"),
                    date=self.env["order.policy.words"]._day_in_words(message.date),
                    record=message.record_name or message.model,
                )
            )

    def _says_already(self, name, value):
        """Tell whether a value is what the messages say: Odoo writes it again with each e-mail that tells of them."""
        field = self._fields.get(name)
        if field is None or field.type in ("one2many", "many2many"):
            return False
        messages = self.sudo()  # who may write a message learns nothing from what he writes
        if name == "subject" and self.env.su and not any(messages.mapped(name)):
            return True  # then the e-mail is called as the record is, which Odoo notes
        return all(
            field.convert_to_record(field.convert_to_cache(value, message), message) == message[name]
            for message in messages
        )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_lasting(self):
        lasting = self._lasting()
        (lasting - lasting._open_to_their_author())._check_not_lasting()

    def _lasting(self):
        """Return the messages that belong to records of which everything that was said is kept."""
        lasting = self.browse()
        # Superuser: who may write a message may not see what hangs on its record.
        for model, messages in self.sudo().filtered("model").grouped("model").items():
            messages = messages.filtered(lambda message: message.message_type not in PASSING)
            if messages and isinstance(self.env.get(model), self.pool["mail.thread"]):
                records = self.env[model].sudo().browse(messages.mapped("res_id")).exists()
                ids = set(records._with_lasting_messages().ids)
                lasting += messages.filtered(lambda message, ids=ids: message.res_id in ids).with_env(self.env)
        return lasting

    def _open_to_their_author(self):
        """Return the comments that this person wrote, and on which nothing rests."""
        own = self.sudo().filtered(
            lambda message: message.message_type == "comment" and message.create_uid == self.env.user
        )
        if not own:
            return self.browse()
        # Superuser: who wrote it may not see what rests on it.
        return (own - own._rested_upon()).with_env(self.env)

    def _rested_upon(self):
        """Return those of these messages, in superuser mode, on which something rests. Each matter adds its own."""
        asked = Domain("message_id", "in", self.ids) | Domain("answer_message_id", "in", self.ids)
        questions = self.env["sale.order.question"].search(asked)
        return self._decided_upon() | (self & (questions.message_id | questions.answer_message_id))

    def _decided_upon(self):
        """Return the messages of customers on orders of which somebody decided something afterwards."""
        of_customers = self.filtered(
            lambda message: message.model == "sale.order" and not message.create_uid._is_internal()
        )
        decided = of_customers and self.env["sale.order.review"].search(
            [("order_id", "in", of_customers.mapped("res_id")), ("decided_on", "!=", False)]
        )
        return of_customers.filtered(
            lambda message: any(
                review.order_id.id == message.res_id and review.decided_on >= message.create_date for review in decided
            )
        )

    def _check_not_lasting(self):
        """Refuse to change or delete any of these.

        :raise UserError: naming who wrote it, and when
        """
        for message in self.sudo()[:1]:  # who may write a message may read who wrote it
            raise UserError(
                self.env._(
                    "What %(author)s wrote on %(date)s on “%(record)s” is kept as it was written: others rely on it. "
                    "Write another message to correct it.",
                    author=message.author_id.display_name or message.email_from or self.env._("somebody"),
                    date=self.env["order.policy.words"]._day_in_words(message.date),
                    record=message.record_name or message.model,
                )
            )
