from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import html2plaintext


class SaleOrder(models.Model):
    """How orders end in the archive (articles 2.15, 2.16, 3.16, 3.17)."""

    _inherit = "sale.order"

    dossier_ids = fields.One2many(
        "sale.order.dossier",
        "order_id",
        "Dossiers",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )
    dossier_id = fields.Many2one(
        "sale.order.dossier",
        compute="_compute_dossier_id",
        store=True,
        copy=False,
        index="btree_not_null",
        help="The archive of this order: its supplements are listed there.",
    )
    policy_is_archived = fields.Boolean(
        "Archived", compute="_compute_dossier_number", compute_sudo=True, exportable=False
    )
    dossier_number = fields.Char("Archive Number", compute="_compute_dossier_number", compute_sudo=True)

    @api.depends("dossier_ids.main_id")
    def _compute_dossier_id(self):
        for order in self:
            order.dossier_id = order.dossier_ids.filtered(lambda dossier: not dossier.main_id)

    @api.depends("dossier_id.state")
    @api.depends_context("lang")
    def _compute_dossier_number(self):
        for order in self:
            order.policy_is_archived = order._is_archived()
            if order.policy_is_archived:
                order.dossier_number = order.dossier_id.name
            else:
                order.dossier_number = self.env._("To Be Sealed") if order.dossier_id else False

    # ------------------------------------------------------------------
    # When orders are done
    # ------------------------------------------------------------------

    @api.depends(lambda self: self._completion_dependencies())
    def _compute_policy_stage(self):
        return super()._compute_policy_stage()

    @api.model
    def _completion_dependencies(self):
        """Return on what it depends whether an order is done. Other addons add theirs."""
        return [
            "dossier_id.state",
            "invoice_status",
            "order_line.qty_delivered",
            "order_line.product_uom_qty",
            "order_line.invoice_lines.move_id.payment_state",
            "order_line.invoice_lines.move_id.state",
        ]

    @api.model
    def _reader_dependencies(self):
        return [*super()._reader_dependencies(), "dossier_id.state"]

    def _stage_at_the_end(self):
        if self.state == "cancel":
            return super()._stage_at_the_end()
        if self._is_archived():
            return "archived"
        return "completed" if self._is_completed() else super()._stage_at_the_end()

    def _is_completed(self):
        """Tell whether a confirmed order is delivered, invoiced and paid in full."""
        self.ensure_one()
        lines = self.order_line._policy_ordered_lines().filtered("product_id")
        if not lines or any(line.qty_delivered < line.product_uom_qty for line in lines):
            return False
        if self.invoice_status not in ("invoiced", "upselling") and self.currency_id.compare_amounts(
            self.amount_total, 0.0
        ):
            return False
        # Superuser: whether it is paid shows to whoever sees the order.
        invoices = self.sudo().order_line.invoice_lines.move_id.filtered(lambda move: move.move_type == "out_invoice")
        return all(
            move.payment_state in ("paid", "in_payment", "reversed") for move in invoices if move.state != "cancel"
        )

    # ------------------------------------------------------------------
    # What is archived stays as it is
    # ------------------------------------------------------------------

    def _is_archived(self):
        self.ensure_one()
        # Superuser: it holds for everybody, also for those who do not see the dossier.
        return self.sudo().dossier_id.state in ("sealed", "disposed")

    def _policy_is_closed(self):
        return super()._policy_is_closed() or self._is_archived()

    def _check_is_not_closed(self):
        result = super()._check_is_not_closed()
        for order in self.filtered(lambda order: order._is_archived()):
            raise UserError(
                self.env._(
                    "%(order)s is archived under %(number)s, so it can neither be changed nor cancelled any more. "
                    "To sell the same again, duplicate it. Later papers go into a supplement of its dossier.",
                    order=order.name,
                    number=order.sudo().dossier_id.name,
                )
            )
        return result

    @api.constrains(lambda self: self._policy_gate_triggers())
    def _check_archived_content(self):
        """Refuse to alter the content of archived orders, whoever stores it and however (article 3.17)."""
        # Superuser: it holds for everybody.
        for order in self.sudo().filtered("dossier_id"):
            dossier = order.dossier_id
            if dossier.state == "open" or dossier.content_digest == order.content_digest:
                continue
            if not order._policy_holds(dossier.content_digest, dossier.seal_id._sealed_content()):
                raise ValidationError(
                    self.env._(
                        "%(order)s is archived under %(number)s: what was ordered cannot be changed any more. "
                        "To sell something else, make another order.",
                        order=order.name,
                        number=dossier.name,
                    )
                )

    # ------------------------------------------------------------------
    # What is filed of the chatter
    # ------------------------------------------------------------------

    def _correspondence(self):
        """Return what customer and company wrote to each other about an order and its requests, the oldest first.

        :return: mail.message records: those that the customer can read
        """
        self.ensure_one()
        comment = self.env.ref("mail.mt_comment")
        messages = (self.message_ids | self.change_ids.message_ids).filtered(
            lambda message: message.subtype_id == comment and not message.is_internal
        )
        return messages.sorted(lambda message: (message.date, message.id))

    @api.model
    def _text_of_message(self, message):
        # Without links: those to the portal let everybody in who has them.
        return html2plaintext(message.body, include_references=False)

    # ------------------------------------------------------------------
    # Opening the dossier
    # ------------------------------------------------------------------

    def action_view_dossier(self):
        """Open the dossier of the order, with what is there by now; it is made where there is none yet.

        :raise AccessError: for customers, and colleagues who do not work with the order policy
        :raise UserError: when the order is not under a policy, or was never submitted
        """
        self.ensure_one()
        self.check_access("read")
        self.env["sale.order.dossier"].check_access("read")
        # Superuser: who reads the order may see what is filed of it. Making the list decides nothing.
        order = self.sudo()
        if not order.dossier_id:
            order._lock_or_refuse()
            order._check_has_something_to_file()
            self.env["sale.order.dossier"]._open(order)
        order.dossier_id._gather()
        return self.env["sale.order.dossier"].browse(order.dossier_id.id)._get_records_action()

    def _check_has_something_to_file(self):
        if not self.policy_id or not (self.review_ids or self.policy_refused_by_id or self.state == "sale"):
            raise UserError(
                self.env._("%s has no dossier yet: it gets one once it was submitted under an order policy.", self.name)
            )

    # ------------------------------------------------------------------
    # What people see, and what stays
    # ------------------------------------------------------------------

    @api.depends("dossier_id.state")
    def _compute_policy_can_request(self):
        return super()._compute_policy_can_request()

    def _policy_sentence(self, obstacles):
        if self._goes_by_policy() and self._is_archived():
            return self.env._(
                "Archived under %s. Nothing of it changes any more; papers that arrive later go into a supplement.",
                self.sudo().dossier_id.name,  # whoever sees the order sees under which number it is archived
            )
        if self._goes_by_policy() and self.policy_stage == "completed":
            return self.env._("Delivered, invoiced and paid. Its dossier is to be sealed by an archivist.")
        return super()._policy_sentence(obstacles)

    def _with_lasting_messages(self):
        return super()._with_lasting_messages() | self.sudo().filtered("dossier_ids")

    @api.model
    def _not_held_by_policy(self):
        not_archived = Domain("dossier_id", "=", False) | Domain("dossier_id.state", "=", "open")
        return super()._not_held_by_policy() & not_archived
