from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_list

from ...exceptions import OrderIncomplete

NOT_PASSED = "-"  # where the content stands that passed


class SaleOrderCheck(models.Model):
    """The outcome of one check that was run on an order, at intake or for a review (articles 1.5, 1.7, 2.6, 3.7).

    Outcomes are evidence: a new run makes new ones, and those before it are kept as history.
    """

    _name = "sale.order.check"
    _description = "Check Result"
    _inherit = "order.policy.evidence.mixin"
    _order = "id"

    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, precompute=True, index=True)
    check_id = fields.Many2one("order.policy.check", required=True, readonly=True, index=True, ondelete="restrict")
    name = fields.Char(related="check_id.name", string="What Was Checked")  # in the language of who reads it
    state = fields.Selection(
        [("pass", "Passed"), ("warn", "Warning"), ("fail", "Failed")], "Outcome", required=True, readonly=True
    )
    judged = fields.Boolean(readonly=True, help="Unticked when something was missing to judge by.", exportable=False)
    texts = fields.Json(
        "What It Says",
        readonly=True,
        help="Texts with their parameters, told in the language of who reads them.",
        exportable=False,
    )
    observed = fields.Char("Found", compute="_compute_texts", compute_sudo=True)
    limit = fields.Char("Allowed", compute="_compute_texts", compute_sudo=True)
    explanation = fields.Char("What to Do", compute="_compute_texts", compute_sudo=True)
    content_digest = fields.Char(
        "Fingerprint of the Order", readonly=True, help="Of the content that was checked.", exportable=False
    )
    is_current = fields.Boolean("Current", default=True, readonly=True)

    _current = models.Index("(order_id) WHERE is_current")

    @api.depends("name", "order_id.name")
    def _compute_display_name(self):
        for result in self:
            result.display_name = f"{result.order_id.name} · {result.name}"

    @api.depends("texts")
    @api.depends_context("lang")
    def _compute_texts(self):
        for result in self:
            texts = result.texts or {}
            for name in ("observed", "limit", "explanation"):
                result[name] = result.check_id._say(texts.get(name, False))

    def _in_words(self):
        """Tell in one sentence what a check found, what is allowed, and what to do."""
        self.ensure_one()
        return self._describe(self.check_id, self.texts or {})

    @api.model
    def _describe(self, check, texts):
        """Tell in one sentence what a check found, what is allowed, and what to do.

        :param check: order.policy.check record
        :param dict texts: see ``_prepare_result`` of checks
        """
        check = check.sudo()  # whoever reads the result reads what was checked
        name = check.name
        observed, limit, explanation = (
            check._say(texts.get(part, "")) for part in ("observed", "limit", "explanation")
        )
        # Names of products and customers end with a full stop too: "Azure Inc."
        observed, limit = (self.env["order.policy.words"]._within_sentence(part) for part in (observed, limit))
        if limit:
            return self.env._(
                "%(check)s: %(observed)s. Allowed: %(limit)s. %(explanation)s",
                check=name,
                observed=observed,
                limit=limit,
                explanation=explanation or "",
            ).strip()
        return self.env._(
            "%(check)s: %(observed)s. %(explanation)s", check=name, observed=observed, explanation=explanation or ""
        ).strip()

    def _as_html(self):
        """Return results as they are shown on a review."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        colors = {"pass": "success", "warn": "warning", "fail": "danger"}
        return Markup().join(
            Markup('<div class="o_order_policy_check"><span class="badge text-bg-%s">%s</span> <b>%s</b> %s%s</div>')
            % (
                colors[result.state],
                labels[result.state],
                result.name,
                result.observed or "",
                # What is allowed, and what to do, matters where it was not kept.
                result._limit_as_html() if result.state != "pass" else "",
            )
            for result in self
        )

    def _limit_as_html(self):
        limit = Markup("<span class='text-muted'> · %s</span>") % self.limit if self.limit else ""
        return Markup("%s<div class='text-muted small'>%s</div>") % (limit, self.explanation or "")

    # ------------------------------------------------------------------
    # Intake
    # ------------------------------------------------------------------

    @api.model
    def _take_in(self, orders):
        """Run the requirements and checks of the intake on orders, and record what they found (articles 1.5, 3.5).

        :param orders: sale.order records in superuser mode
        :return: dict of lists by order, of what keeps it from being submitted; see ``_missing`` of requirements
        """
        obstacles, vals_list = {}, []
        for policy, policy_orders in orders.grouped("policy_id").items():
            missing = policy._requirements()._missing(policy_orders)
            outcomes = policy._checks_of_step(self.env["order.policy.step"])._run(policy_orders)
            vals_list += outcomes
            obstacles |= missing
            for vals in outcomes:
                if vals["state"] == "fail":
                    check = self.env["order.policy.check"].browse(vals["check_id"])
                    words = self._describe(check, vals["texts"])
                    obstacles[orders.browse(vals["order_id"])].append({"label": words})
        for order in orders._policy_without_rate():
            obstacles[order].append({"label": order._policy_lacking_rate_in_words()})
        if vals_list:
            taken_in_before = orders.filtered("policy_intake_digest")
            former = taken_in_before.check_ids.filtered(
                lambda result: result.is_current and not result.check_id.step_id
            )
            self._replace(former, vals_list)
        for order in orders:
            order.policy_intake_digest = NOT_PASSED if obstacles[order] else order.content_digest
        return obstacles

    @api.model
    def _check_taken_in(self, orders):
        """Make sure that orders may be submitted.

        :raise OrderIncomplete: which lists everything that is missing or not allowed, of all orders at once
        """
        obstacles = self._take_in(orders)
        if any(obstacles.values()):
            raise OrderIncomplete(self.env, obstacles)

    def _replace(self, former, vals_list):
        """Record new results in place of former ones, which become history."""
        former.write({"is_current": False})
        # Who submits or decides was checked before; results are for nobody to choose.
        return self.sudo().create(vals_list)

    @api.model
    def _obstacles(self, order):
        """Tell what the intake has against the present content of an order that was submitted.

        :param order: sale.order record in superuser mode
        :return: list of sentences
        """
        policy = order.policy_id
        if order._policy_without_rate():
            return [order._policy_lacking_rate_in_words()]
        if order.policy_intake_digest == order.content_digest or not policy._has_intake():
            return []
        missing = policy._requirements()._missing(order)[order]
        failed = order.check_ids.filtered(
            lambda result: result.is_current and not result.check_id.step_id and result.state == "fail"
        )
        sentences = (
            [self.env._("Missing: %s.", format_list(self.env, [item["label"] for item in missing]))] if missing else []
        )
        sentences += [result._in_words() for result in failed if result.content_digest == order.content_digest]
        if not sentences and not order.policy_submitted_on:
            return [self.env._("To be submitted, so that it is checked at intake.")]
        return sentences or [
            self.env._("The order changed since it was checked at intake. Submit it again, so that it is checked anew.")
        ]

    # ------------------------------------------------------------------
    # Confirmation
    # ------------------------------------------------------------------

    @api.model
    def _newly_failing(self, orders):
        """Judge orders again by what others may have used up since: credit, stock, capacity (articles 1.6, 1.7, 3.7).

        What did not pass when it was decided on is known to who decided, and stays approved.

        :param orders: sale.order records in superuser mode
        :return: dict of lists by order; pairs of the former result, which passed, and the values of the new one
        """
        failing = defaultdict(list)
        for policy, policy_orders in orders.grouped("policy_id").items():
            for check in policy._checks_at_confirmation():
                former = policy_orders.check_ids.filtered(
                    lambda result, check=check: result.check_id == check and result._was_relied_on()
                ).grouped("order_id")
                for vals in check._run(policy_orders.filtered(former.get)):
                    if vals["state"] != "pass":
                        order = orders.browse(vals["order_id"])
                        failing[order].append((former[order], vals))
        return failing

    def _was_relied_on(self):
        """Tell whether this result passed, and the order was approved with it."""
        return self.is_current and self.state == "pass"

    def _fails_now(self, vals):
        """Tell in words that what passed does not pass any more.

        :param dict vals: the values of the new result
        """
        return self._describe(self.check_id, vals["texts"])
