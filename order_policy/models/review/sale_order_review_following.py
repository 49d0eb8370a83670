from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Command

from ..intake.sale_order_check import NOT_PASSED
from .sale_order_review import OPEN_STATES


class SaleOrderReview(models.Model):
    """How reviews follow the content of their order: who is asked, anew or not any more (articles 2.6, 3.7)."""

    _inherit = "sale.order.review"

    @api.model
    def _follow(self, orders, resubmitted=False, siblings=None):
        """Bring the reviews of orders in line with their present content and progress.

        Approvals of other content become outdated and are asked again, those of this content count again, steps that
        became necessary are asked, those that are not any more are closed, and what is next is opened.

        :param orders: sale.order records
        :param resubmitted: ask again what was rejected of these orders; others that count with them stay sent back
        :param siblings: the orders with which these count as one, where they are known already
        """
        if not orders:
            return
        orders = orders.sudo()
        resubmitted = orders if resubmitted else orders.browse()
        siblings = self.env["order.policy"]._siblings(orders) if siblings is None else siblings
        (siblings - orders).filtered(lambda order: order.state in ("draft", "sent"))._lock_or_refuse()
        orders |= siblings
        under_review = orders.filtered(lambda order: order.policy_submitted_on and order.state in ("draft", "sent"))
        (orders - under_review).review_ids._close()
        changed = under_review.filtered(
            lambda order: order.policy_intake_digest != order.content_digest and order.policy_id._has_intake()
        )
        self.env["sale.order.check"]._take_in(changed)
        required = self.env["order.policy"]._required_steps(under_review, siblings)
        self.sudo()._settle(under_review, required, resubmitted)
        self._open_next(under_review, required)
        self._run_checks(under_review, required)

    @api.model
    def _follow_decisions(self, orders):
        """Open what is next of orders of which something was decided.

        Their content is what it was, and so is what was asked. What the policy requires is looked at anew when nothing
        of that is open any more: tags and other things that conditions look at may have changed meanwhile.

        :param orders: sale.order records in superuser mode
        """
        underway = orders.filtered(lambda order: order.review_ids._open_ones())
        required = {order: order.review_ids._required_ones().step_id for order in underway}
        self._open_next(underway, required)
        self._run_checks(underway, required)
        self._follow(orders.filtered(lambda order: not order.review_ids._open_ones()))

    def _required_ones(self):
        return self.filtered(lambda review: review.is_current and review.state != "not_required")

    def _open_ones(self):
        return self.filtered(lambda review: review.is_current and review.state in OPEN_STATES)

    def _close(self):
        """Let nobody decide any more on what orders wait for; decisions stay as they are."""
        for review in self._open_ones():
            review.state = "not_required"

    def _settle(self, orders, required, resubmitted):
        """Compare the reviews of orders with their content, and ask anew what has to be."""
        unsettled = orders.filtered(
            lambda order: order.review_ids._is_unsettled(order, required[order], order in resubmitted)
        )
        vals_list = []
        for order, snapshot in self.env["order.policy.aspect"]._snapshots(unsettled).items():
            current = {review.step_id: review for review in order.review_ids if review.is_current}
            for step in required[order] | self.env["order.policy.step"].concat(*current):
                review = current.get(step, self.browse())
                part = step._restrict(snapshot)
                if review._is_settled_by(order, part, order in resubmitted) or step not in required[order]:
                    continue
                vals_list.append(self._prepare_values(order, step, part, previous=review))
        if vals_list:
            self.flush_model(["is_current"])  # history first, or the unique index refuses what takes its place
            self.create(vals_list)

    def _is_unsettled(self, order, required, resubmitted):
        current = self.filtered("is_current")
        return bool(
            required - current.step_id
            or any(review.content_digest != order.content_digest or review.lapsed_because for review in current)
            or (resubmitted and "rejected" in current.mapped("decision"))
        )

    def _is_settled_by(self, order, snapshot, resubmitted):
        """Bring one review, if any, in line with the content that its step looks at.

        :return: whether that settles the step, so that it is not asked anew
        """
        digest = self.env["order.policy.aspect"]._digest(snapshot)
        if self.decision == "approved" and not self._agrees_with(order, snapshot):
            self.write({"state": "outdated", "is_current": False})
        elif self.decision == "rejected" and resubmitted:
            self.is_current = False
        elif self.decision:
            self.content_digest = order.content_digest
            return True
        elif self.previous_id.decision == "approved" and self.previous_id._agrees_with(order, snapshot):
            # The order is again what was approved: that approval counts again.
            self.write({"state": "not_required", "is_current": False})
            self.flush_recordset(["is_current"])
            self.previous_id.write({"state": "approved", "is_current": True, "content_digest": order.content_digest})
            return True
        elif self and self.digest != digest:
            self.write(
                {
                    "asked_snapshot": self.asked_snapshot or self.snapshot,
                    "snapshot": snapshot,
                    "digest": digest,
                    "content_digest": order.content_digest,
                }
            )
            return True
        elif self:
            self.content_digest = order.content_digest
            return True
        return False

    def _agrees_with(self, order, part):
        """Tell whether a decision was made on what an order holds now.

        A person looked at what the step looks at; checks may have looked at anything.

        :param part: what the step looks at of the present content
        """
        if self.lapsed_because:
            return False
        if self.is_automatic:
            return self.content_digest == order.content_digest
        return self.env["order.policy.aspect"]._is_same(self.snapshot, part)

    @api.model
    def _ask_again(self, failing):
        """Ask departments anew about orders of which something does not pass any more that they relied on.

        What the intake only warns of concerns every reviewer; what it refuses keeps the order until it passes again.

        :param dict failing: see ``_newly_failing`` of check results
        """
        for order, found in failing.items():
            for former, vals in found:
                approvals = former.review_id
                if not former.review_id:
                    order.policy_intake_digest = NOT_PASSED
                    if vals["state"] == "warn":
                        approvals = order.review_ids.filtered("is_current")  # approved: nothing else keeps the order
                for review in approvals:
                    words = self.env._("Asked anew, as it passed before: %s", former._fails_now(vals))
                    review.lapsed_because = "\n".join(filter(None, (review.lapsed_because, words)))
            self._follow(order)
            order._message_log(
                body=self.env._("Not confirmed: %s", "; ".join(former._fails_now(vals) for former, vals in found))
            )

    def _who_changed(self, order):
        """Return who changed the content of an order since this review of it was approved; since it was entered."""
        changed_on = order.policy_changed_by or {}
        since = self.decided_on and fields.Datetime.to_string(self.decided_on)
        people = self.env["res.users"].browse(int(person) for person, on in changed_on.items() if on >= (since or ""))
        # What was sent back nobody approved yet.
        return people.exists() | (self.changed_by_ids if self.decision == "rejected" else people.browse())

    def _prepare_values(self, order, step, snapshot, previous):
        return {
            "order_id": order.id,
            "step_id": step.id,
            "department_id": step.department_id.id,
            "sold_by_id": previous.sold_by_id.id or order.user_id.id,
            "entered_by_id": order.create_uid.id,
            "requested_by_id": order.policy_submitted_by_id.id,
            "changed_by_ids": [Command.set(previous._who_changed(order).ids)],
            "previous_id": previous.id,
            "snapshot": snapshot,
            "digest": self.env["order.policy.aspect"]._digest(snapshot),
            "content_digest": order.content_digest,
        }

    @api.model
    def _open_next(self, orders, required):
        """Open the reviews whose turn it is, and take back the turn of those before which something is open again."""
        self._take_turns((order.review_ids.filtered("is_current"), required[order]) for order in orders)

    @api.model
    def _take_turns(self, asked):
        """Let reviews take turns: those of equal sequence side by side, the next once those before are through.

        :param asked: pairs of the reviews that count for an order or a request, and the steps that it requires
        """
        turn, states = self.sudo().browse(), defaultdict(self.sudo().browse)
        for reviews, required in asked:
            current = reviews.sorted(lambda review: (review.sequence, review.id))
            blocked = "rejected" in current.mapped("decision")
            sequence = None
            for review in current:
                if review.sequence != sequence:
                    blocked = blocked or any(
                        earlier.step_id in required and earlier.decision != "approved"
                        for earlier in current
                        if earlier.sequence < review.sequence
                    )
                    sequence = review.sequence
                if review.decision:
                    continue
                state = "not_required" if review.step_id not in required else "waiting" if blocked else "pending"
                if state == "pending" and review.state != "pending":
                    turn += review
                elif state != review.state:
                    states[state] += review
        for state, reviews in states.items():
            reviews.write({"state": state, "user_id": False, "way_out": False, "date_due": False})
        turn._ask()

    def _run_checks(self, orders, required):
        """Run the checks of the reviews to decide, for the present content; let those pass that need nobody."""
        reviews = orders.review_ids.filtered(
            lambda review: (
                review.state == "pending"
                and review.checked_digest != review.order_id.content_digest
                and review.policy_id._checks_of_step(review.step_id)
            )
        )
        if not reviews:
            return
        passed = reviews._judge(orders)
        if passed:
            passed._approve_automatically()
            passed._note_completion()
            self._open_next(orders, required)
            self._run_checks(orders, required)

    def _judge(self, orders):
        """Run the checks of these reviews, and record what they find.

        :param orders: sale.order records with the content to judge: as stored, or as requests would have them
        :return: the reviews that need nobody, as their step approves by itself and all its checks passed
        """
        vals_list = []
        judged = {order._origin: order for order in orders}
        for step, reviews in self.grouped("step_id").items():
            review_of = {review.order_id.id: review for review in reviews}
            outcomes = step.policy_id._checks_of_step(step)._run(
                orders.browse().concat(*map(judged.get, reviews.order_id))
            )
            for vals in outcomes:
                review = review_of[vals["order_id"]]
                vals_list.append({**vals, "review_id": review.id, "content_digest": review.order_digest})
        former = self.filtered("checked_digest").check_ids.filtered("is_current")
        results = self.env["sale.order.check"]._replace(former, vals_list).grouped("review_id")
        automatic = self.filtered("step_id.automatic")
        passed = automatic.filtered(lambda review: set(results[review].mapped("state")) == {"pass"})
        (automatic - passed).filtered(lambda review: not review.checked_digest)._tell_assignees()
        for review in self:
            review.checked_digest = review.order_digest
        return passed

    def _approve_automatically(self):
        """Approve reviews of which all checks passed; the results of the checks are the evidence."""
        now = fields.Datetime.now()
        self.write(
            {
                "state": "approved",
                "decision": "approved",
                "is_automatic": True,
                "decided_on": now,
                "user_id": False,
                "rejection_rate": 0.0,
                "automatic_rate": 1.0,
                "hours_to_decide": 0.0,
            }
        )
        self._log_decisions(author_id=self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root"))

    def _note_completion(self):
        """Note on the review that completed the approval of its order whether any person had to look at it."""
        for order, reviews in self.grouped("order_id").items():
            asked = order.review_ids.filtered(lambda review: review.is_current and review.state != "not_required")
            if set(asked.mapped("decision")) == {"approved"}:
                reviews[-1:].untouched_rate = float(all(asked.mapped("is_automatic")))

    def _ask(self):
        """Ask departments for reviews whose turn it is: assign each one, set when it is due, tell who has to decide."""
        now = fields.Datetime.now()
        deadlines = self.step_id._deadlines()
        assignments = self._prepare_assignments()
        for review in self:
            review.write(
                {
                    "state": "pending",
                    "asked_on": now,
                    "date_due": deadlines[review.step_id],
                    **assignments[review],
                }
            )
        self.filtered(lambda review: not review.step_id.automatic)._tell_assignees()

    def _tell_assignees(self):
        for person, reviews in self.grouped("user_id").items():
            if person:
                person._bus_send("mail.activity/updated", {"activity_created": True, "count_diff": len(reviews)})
