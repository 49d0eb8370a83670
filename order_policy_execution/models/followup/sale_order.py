from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain


class SaleOrder(models.Model):
    """Which word is owed to the customer, and what he is told of the progress (articles 1.10, 1.11, 2.12, 3.10)."""

    _inherit = "sale.order"

    followup_ids = fields.One2many(
        "sale.order.followup",
        "order_id",
        "Follow-Ups",
        readonly=True,
        copy=False,
        groups="order_policy.group_order_policy_user",
    )
    policy_followup_on = fields.Date(
        "Customer Hears By",
        compute="_compute_policy_followup_on",
        compute_sudo=True,
        search="_search_policy_followup_on",
        help="Until when sales owes the customer a word.",
    )
    policy_followup_missed = fields.Boolean(
        "Follow-Up Missed", compute="_compute_policy_followup_on", compute_sudo=True
    )
    policy_can_follow_up = fields.Boolean(compute="_compute_policy_can_follow_up", exportable=False)

    @api.depends("followup_ids.state", "followup_ids.date_due")
    def _compute_policy_followup_on(self):
        due = Domain("order_id", "in", self._origin.ids) & Domain("state", "=", "due")
        to_do = {
            followup.order_id: followup.date_due
            for followup in self.env["sale.order.followup"].search_fetch(due, ["order_id", "date_due"])
        }
        today = fields.Date.context_today(self)
        for order in self:
            order.policy_followup_on = to_do.get(order._origin, False)
            order.policy_followup_missed = bool(order.policy_followup_on and order.policy_followup_on < today)

    def _search_policy_followup_on(self, operator, value):
        # Superuser: whoever sees an order sees until when its customer is told.
        return Domain("followup_ids", "any!", Domain("state", "=", "due") & Domain("date_due", operator, value))

    @api.depends("policy_stage", "user_id")
    @api.depends_context("uid")
    def _compute_policy_can_follow_up(self):
        for order in self:
            order.policy_can_follow_up = bool(
                order.policy_stage in ("execution", "completed") and order._is_followed_up_by(self.env.user)
            )

    def _is_followed_up_by(self, user):
        """Tell whether a person tells the customer how the order stands: see ``sale.order.followup``."""
        self.ensure_one()
        order, Followup = self.sudo(), self.env["sale.order.followup"]  # who reads the order knows who sells it
        seller, company = order.user_id, order.company_id
        if user == seller or (seller and Followup._stands_in_for(user, seller, company)):
            return True
        departments = {*user._policy_department_ids(), *user._policy_stood_in_department_ids()}
        return bool(departments) and Followup.sudo()._department_following(order).id in departments

    # ------------------------------------------------------------------
    # Planning
    # ------------------------------------------------------------------

    @api.constrains("state")
    def _follow_up_once_confirmed(self):
        """Plan the first word to customers of orders that were just confirmed, whoever confirmed them and however."""
        self.filtered(lambda order: order.state == "sale")._plan_followups()

    def _plan_followups(self):
        """Plan the next word to customers, where the policy of their orders asks for one."""
        # Superuser: what is owed follows from the policy, whoever confirmed the order or told the customer.
        orders = self.sudo().filtered(
            lambda order: order.state == "sale" and order._goes_by_policy() and order.policy_stage != "completed"
        )
        return self.env["sale.order.followup"].sudo()._plan(orders)

    # ------------------------------------------------------------------
    # Telling the customer
    # ------------------------------------------------------------------

    def action_policy_record_followup(self, way=False, told=False, answer=False):
        """Record that the customer was told how the order stands, whether it was due or not.

        :param str way: phone, email, visit or message
        :param str told: what was said to the customer
        :param str answer: what the customer said
        :raise AccessError: for people who do not follow the order up
        :raise UserError: when the order is not confirmed under a policy, or what was said lacks
        """
        self.ensure_one()
        self._check_may_follow_up()
        return self._followup_to_do().action_done(way, told, answer)

    def action_policy_send_progress(self, message=False):
        """Send the customer a progress message, whether it was due or not, and file it as a follow-up.

        :param dict message: ``subject`` and ``body`` of the letter; from the template when left out
        :raise AccessError: for people who do not follow the order up
        :raise UserError: when the order is not confirmed under a policy, or the customer has no e-mail address
        """
        self.ensure_one()
        self._check_may_follow_up()
        return self._followup_to_do().action_send(message)

    def action_view_followups(self):
        """Open the follow-ups of the order."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("order_policy_execution.sale_order_followup_action")
        action["domain"] = [("order_id", "=", self.id)]
        action["context"] = {}
        return action

    def _check_may_follow_up(self):
        self.check_access("read")
        order = self.sudo()  # who reads the order is told who follows it up
        if not order.policy_id or order.state != "sale" or order._policy_is_closed():
            raise UserError(
                self.env._(
                    "%s: customers are told of orders that are confirmed under a policy, as long as they are not "
                    "archived. Write a message below the order instead.",
                    self.name,
                )
            )
        if not self._is_followed_up_by(self.env.user):
            # Whoever reads the order is told whose it is.
            Followup = self.env["sale.order.followup"].sudo()
            raise AccessError(Followup._whose_it_is(order, Followup._department_following(order)))

    def _followup_to_do(self):
        """Return the follow-up that is to be done, or a new one out of turn, as the current user sees it."""
        self.ensure_one()
        # The person follows the order up.
        Followup = self.env["sale.order.followup"].sudo()
        to_do = Followup.search([("order_id", "=", self.id), ("done_on", "=", False)])
        return (to_do or Followup._out_of_turn(self.sudo())).sudo(False)

    def _prepare_progress_letter(self):
        """Return subject and body of a progress message, in the language of the customer."""
        self.ensure_one()
        template = self.env.ref("order_policy_execution.mail_template_progress").sudo()
        return self._rendered_message(template, self)

    def _followup_facts(self):
        """Return what the customer is told of the progress: of each milestone that customers are told of.

        :return: list of dicts with ``name``, ``planned_on`` and ``done_on`` (days or moments, or False), and ``state``
        """
        self.ensure_one()
        told = self.milestone_ids.filtered(
            lambda milestone: milestone.policy_milestone_id.tell_customer and milestone.state != "skipped"
        )
        return [
            {
                "name": milestone.name,
                "planned_on": milestone.planned_on,
                "done_on": milestone.done_on,
                "state": milestone.state,
            }
            for milestone in told
        ]

    def _followup_lines(self):
        """Return what the customer is told of the goods.

        :return: list of dicts with ``name``, ``quantity``, ``delivered`` and ``unit``, in words
        """
        self.ensure_one()
        in_words = self.env["order.policy.words"]._number_in_words
        return [
            {
                "name": line.product_id.display_name or line.name,
                "quantity": in_words(line.product_uom_qty),
                "delivered": in_words(line.qty_delivered),
                "unit": line.product_uom_id.name or "",
            }
            for line in self.order_line._policy_ordered_lines()
        ]

    # ------------------------------------------------------------------
    # Who reads the order
    # ------------------------------------------------------------------

    @api.model
    def _reader_dependencies(self):
        return [*super()._reader_dependencies(), "followup_ids.department_id", "followup_ids.state"]

    def _readers(self):
        if self.state in ("draft", "sent"):  # of quotations nobody is owed a word yet
            return super()._readers()
        to_do = self.followup_ids.filtered(lambda followup: followup.state == "due" and followup.department_id)
        return super()._readers() | {self._reader_of_department(found.department_id.id) for found in to_do}
