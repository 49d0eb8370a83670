from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_list


class SaleOrderReview(models.Model):
    """What the card of a review shows of the order or request, and how it is approved from there with one click."""

    _inherit = "sale.order.review"

    subject_amount = fields.Monetary(
        "Amount", compute="_compute_subject", compute_sudo=True, help="Taxes included; of a request, what it proposes."
    )
    subject_amount_company = fields.Monetary(
        "Amount in the Company's Currency",
        compute="_compute_subject",
        compute_sudo=True,
        currency_field="company_currency_id",
    )
    subject_date = fields.Datetime("Delivery Date", compute="_compute_subject", compute_sudo=True)
    is_history = fields.Boolean(
        "History",
        compute="_compute_is_history",
        search="_search_is_history",
        compute_sudo=True,
        help="The step was asked again since, or the request came to its end.",
    )
    resubmit_comment = fields.Text(
        "What Was Agreed",
        readonly=True,
        help="With who rejected the order before, as it was submitted again.",
    )
    papers_html = fields.Html("Papers", compute="_compute_papers_html", sanitize=False)
    special_reason = fields.Char("Special Because", compute="_compute_special_reason")

    @api.depends(
        "order_id.amount_total",
        "order_id.amount_company",
        "order_id.commitment_date",
    )
    def _compute_subject(self):
        for review in self:
            (
                review.subject_amount,
                review.subject_amount_company,
                review.subject_date,
            ) = review._subject()._subject_proposal()

    @api.depends("is_current")
    def _compute_is_history(self):
        shown = self.filtered_domain(self._domain_not_history())
        for review in self:
            review.is_history = review not in shown

    def _search_is_history(self, operator, value):
        if operator != "in":
            return NotImplemented
        return ~self._domain_not_history()

    @api.model
    def _domain_not_history(self):
        """Return the reviews that count, or whose outcome is open."""
        return Domain("is_current", "=", True)

    @api.depends("order_id.policy_paper_ids")
    def _compute_papers_html(self):
        for review in self:
            # Superuser: papers are for who may read the order, and so is the review.
            papers = review.order_id.sudo().policy_paper_ids
            superseded = papers.filtered(lambda paper: paper.policy_version == "superseded")
            review.papers_html = bool(papers) and self.env["ir.qweb"]._render(
                "order_policy.review_card_papers", {"papers": papers - superseded, "superseded": superseded}
            )

    @api.depends("order_id.special_order", "step_id.applies")
    @api.depends_context("lang")
    def _compute_special_reason(self):
        # Superuser: why an order is special is for everybody to know who is asked about it.
        asked = self.sudo().filtered(lambda review: "special" in (review.step_id.applies or ""))
        reasons = {
            order: reason
            for policy, orders in asked.order_id.grouped("policy_id").items()
            for order, reason in policy._special_in_words(orders).items()
        }
        for review in self:
            order = review.order_id.sudo()
            reason = reasons.get(order) or (order.special_order and self.env._("marked as special by hand"))
            review.special_reason = reason

    @api.constrains("resubmit_comment")
    def _check_can_be_read(self):
        self._check_is_believable(["resubmit_comment"])
        return super()._check_can_be_read()

    # ------------------------------------------------------------------
    # Submitting again what was rejected
    # ------------------------------------------------------------------

    @api.model
    def _rejections(self, orders):
        """Return the reviews by which orders were sent back, in superuser mode.

        :param orders: sale.order records that the person may write
        """
        return orders.sudo().review_ids.filtered(lambda review: review.is_current and review.decision == "rejected")

    def _of_what_did_not_change(self):
        """Return which of these decisions were made on what their orders hold still."""
        snapshots = self.env["order.policy.aspect"]._snapshots(self.order_id)
        return self.filtered(
            lambda review: self.env["order.policy.aspect"]._is_same(
                review.snapshot, review.step_id._restrict(snapshots[review.order_id])
            )
        )

    def _check_was_talked_about(self, comment):
        """
        :raise UserError: when nothing changed of what was rejected, and nobody says what was agreed
        """
        unchanged = self.browse() if comment else self._of_what_did_not_change()
        if unchanged:
            raise UserError(
                self.env._(
                    "Rejected, and not changed since: %s\n\nSay what was agreed, and submit it again: who rejected it "
                    "reads that. Or change the order first.",
                    "".join(
                        "\n"
                        + self.env._("%(what)s: %(said)s", what=review.order_id.name, said=review._decision_in_words())
                        for review in unchanged
                    ),
                )
            )

    def _answer_with(self, comment):
        """Show what was agreed to those who are asked again after these rejections."""
        if comment:
            asked = self.order_id.review_ids.filtered(
                lambda review: review.is_current and not review.decision and review.previous_id in self
            )
            asked.resubmit_comment = comment

    # ------------------------------------------------------------------
    # Approving what is shown
    # ------------------------------------------------------------------

    def action_approve_shown(self, digests=None):
        """Approve reviews as a page shows them, with one click; where a comment is asked for, ask for it first.

        :param dict digests: as for approval
        :return: the action that says what was approved, or the dialog that asks for the comment
        :raise AccessError: when the person may not decide one of them
        :raise UserError: as for approval
        """
        self.check_access("read")
        if not self:
            raise UserError(self.env._("No review is chosen. Choose what you approve."))
        if not any(self.mapped("comment_required")):
            # What was not shown counts as changed.
            self.action_approve(digests={**dict.fromkeys(self.ids, False), **self._shown_digests(digests)})
            return self._tell_approved()
        action = self.env["ir.actions.actions"]._for_xml_id("order_policy.sale_order_review_approve_action")
        shown = set(self._shown_digests(digests).values())
        action["context"] = {
            "default_decision": "approved",
            "default_review_ids": self.ids,
            "default_seen_digest": shown.pop() if len(shown) == 1 else False,
            "dialog_size": "medium",
        }
        return action

    def _tell_approved(self):
        """Return the action that says in a short note what was approved."""
        subjects = [review._subject().display_name for review in self.sudo()]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s approved", format_list(self.env, list(dict.fromkeys(subjects)))),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
