from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ..policy.order_policy_letter_mixin import LETTER_LAYOUT
from .sale_order import UNDER_WAY


class SaleOrderChange(models.Model):
    """How requests are reviewed, and what becomes of them then (articles 2.8, 3.13, 3.15)."""

    _inherit = "sale.order.change"

    @api.model
    def _start_next(self, order):
        """Let departments review the request on an order whose turn it is: one after the other."""
        turn = order.change_ids.filtered(lambda change: change.state in UNDER_WAY).sorted(lambda change: change._turn())
        first = turn[:1]
        if first.state != "submitted" or first._counting_reviews():
            return
        if first.needs_refresh:
            first._tell_who_asked(
                self.env._("Refresh the request: the order changed since"), first.moved_html or first.explanation
            )
        else:
            first._ask_departments()

    def _ask_departments(self):
        proposed = self._proposed_order()
        self._ask_steps(self._steps_to_ask(proposed), proposed)

    def _ask_steps(self, steps, proposed):
        reviews = self.env["sale.order.review"]._ask_about(self, steps)
        self._follow_reviews()
        to_judge = reviews.filtered(lambda review: review.policy_id._checks_of_step(review.step_id))
        if to_judge:
            to_judge._judge(proposed)._approve_automatically()
            self._follow_reviews()

    def _ask_what_became_needed(self):
        """Ask the steps that the order needs by now with what is proposed, and did not when the request was submitted.

        That is so when, for example, another order of the same customer brings both above a threshold meanwhile.

        :return: whether there are any: the request is under review again
        """
        if self.kind != "change":
            return False
        proposed = self._proposed_order()
        steps = self._steps_to_ask(proposed) - self._counting_reviews().step_id
        if steps:
            self.write({"state": "submitted", "trouble": False})
            self._message_log(
                body=self.env._(
                    "Under review again: since it was submitted, %s became necessary for what it makes of the order.",
                    format_list(self.env, steps.mapped("name")),
                )
            )
            self._ask_steps(steps, proposed)
        return bool(steps)

    def _reject(self, reviews):
        self._settle("rejected")
        rejected = reviews.filtered(lambda review: review.decision == "rejected")
        self._tell_who_asked(
            self.env._("Rejected: tell the customer"),
            Markup("<br/>").join(review._decision_in_words() for review in rejected),
        )

    def _approve(self):
        self.write({"state": "approved", "approved_on": fields.Datetime.now()})
        waiting = self._waits_for_customer()
        self._message_log(body=self._approval_in_words(waiting))
        if waiting:
            self._tell_who_asked(self.env._("Ask the customer to confirm the changed order"), waiting)
        else:
            self._try_to_apply()

    def _approval_in_words(self, waiting):
        if waiting:
            return self.env._("Approved by all who were asked. It waits for its customer.")
        if self._counting_reviews():
            return self.env._("Approved by all who were asked.")
        return self.env._("Nobody had to be asked.")

    def _tell_who_asked(self, summary, note):
        """Give who asked for the request an activity; what customers ask for is looked after by the salesperson."""
        self.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=summary,
            note=note,
            user_id=self._who_asked().id,
        )

    def _who_asked(self):
        person = self.salesperson_id if self.asked_by == "customer" else self.asked_by_id
        return person.filtered("active") or self._who_looks_after_it()

    def _who_looks_after_it(self):
        """Return the salesperson, else somebody who certainly is there: what is left to do is never nobody's."""
        submitter = self.asked_by_id | self.submitted_by_id
        return self.salesperson_id.filtered("active") or submitter.filtered("active")[:1] or self.env.user

    # ------------------------------------------------------------------
    # Carrying out
    # ------------------------------------------------------------------

    def action_apply(self):
        """Carry out approved requests, where that could not be done at once (articles 2.8, 3.13, 3.15).

        :raise AccessError: for people who may not write the order
        :raise UserError: when one is not approved, or cannot be carried out; nothing is altered then
        """
        self.check_access("read")
        self.order_id.sudo(False).check_access("write")
        for change in self:
            change.order_id.sudo()._lock_or_refuse()
            # Departments approved exactly this content, and the person may write the order.
            change.sudo()._apply()
        return True

    def _try_to_apply(self):
        """Carry out a request with its last approval; what keeps it from that is for sales to solve."""
        failed = self._try(self._apply)
        if failed:
            self.trouble = self.env._("Approved, but it could not be carried out: %s", failed)
            self._tell_who_asked(self.env._("Approved, but not carried out"), self.trouble)

    def _apply(self):
        """Carry out one request as a whole; whatever fails undoes all of it."""
        self.ensure_one()
        self._check_can_be_applied()
        if self._ask_what_became_needed():
            return
        order = self.order_id
        locked = order.locked
        order.locked = False  # by Odoo's lock setting; what departments approved goes through, and locks again
        if self.kind == "cancel":
            order._action_cancel()  # which finishes the request
        else:
            self._carry_out_change()
            self._finish()
        order.locked = locked

    def _finish(self):
        """Close a request that was carried out, and make it known."""
        tasks = self._tasks_by_department()
        self._settle("applied")
        self._message_log(body=self.env._("Carried out."))
        self._log_on_order()
        self.env["sale.order.change.notice"]._tell(self, tasks)
        self._tell_customer()

    def _check_can_be_applied(self):
        if self.state != "approved":
            raise UserError(
                self.env._(
                    "%s is not waiting to be carried out: it is not approved, or it is settled already. "
                    "Reload the page.",
                    self.display_name,
                )
            )
        self._check_order_is_confirmed()
        self._check_is_fresh()
        waiting = self._waits_for_customer()
        if waiting:
            raise UserError(waiting)
        problems = [problem for line in self.line_ids for problem in line._problems()] if self.kind == "change" else []
        if problems:
            raise UserError("\n".join(problems))

    def _carry_out_change(self):
        order, snapshot = self.order_id, self.proposed_snapshot
        with order._policy_gate_at_the_end():
            self._alter(order, self._order_values())
            order.flush_recordset()
            self._check_came_out(order, snapshot)
            self._counting_reviews()._take_over(order)
            obstacles = self.env["sale.order.check"]._take_in(order)[order]
            if obstacles:
                raise UserError("\n".join(item["label"] for item in obstacles))

    def _alter(self, order, values):
        """Write on an order what was approved. Other addons carry it on to what follows from the order."""
        order.write(values)

    def _check_came_out(self, order, snapshot):
        """
        :raise UserError: when the order does not hold exactly what was approved
        """
        if order._policy_holds(self.proposed_digest, snapshot):
            return
        Aspect = self.env["order.policy.aspect"]
        differences = Aspect._differences_as_text(snapshot, Aspect._snapshots(order)[order])
        raise UserError(
            self.env._(
                "%(order)s would not be what was approved, so nothing was changed. Approved → what it would be:\n"
                "%(differences)s\nWithdraw the request and make a new one, so that this is reviewed.",
                order=order.name,
                differences=differences,
            )
        )

    def _log_on_order(self):
        words = (
            self.env._("Cancelled by request %(request)s: %(reason)s", request=self.name, reason=self.reason_id.name)
            if self.kind == "cancel"
            else self.env._("Changed by request %(request)s: %(reason)s", request=self.name, reason=self.reason_id.name)
        )
        self.order_id._message_log(body=Markup("%s%s") % (words, self.differences_html or ""))

    # ------------------------------------------------------------------
    # The customer
    # ------------------------------------------------------------------

    @api.depends("kind", "reason_id", "customer_note", "proposed_digest", "amount_after")
    def _compute_notice_preview(self):
        template = self.env.ref("order_policy.mail_template_change").sudo()
        for change in self:
            # As it is being entered: what is proposed then is not stored yet.
            rendered = template._render_field("body_html", list(change._ids), compute_lang=True)
            change.notice_preview = rendered[change.id]

    def _differences_for_customer(self):
        """Return what changes, in the language of the customer's e-mail."""
        self.ensure_one()
        return self.env["order.policy.aspect"]._differences_as_html(self.base_snapshot, self.proposed_snapshot)

    def _tell_customer(self):
        reachable = self._customer_and_who_acted().filtered("email")
        if self.partner_id not in reachable:
            self._message_log(
                body=self.env._("%s has no e-mail address, and was not told.", self.partner_id.display_name)
            )
        if not reachable:
            return
        self.message_post_with_source(
            self.env.ref("order_policy.mail_template_change"),
            partner_ids=reachable.ids,
            email_layout_xmlid=LETTER_LAYOUT,
            subtype_xmlid="mail.mt_comment",
        )

    def _get_portal_status(self):
        """Tell the customer where the request stands.

        :return: tuple of a Bootstrap colour and words
        """
        self.ensure_one()
        if self.state == "approved" and self._waits_for_customer():
            return "warning", self.env._("Waiting for your confirmation")
        colors = {"applied": "success", "rejected": "danger", "withdrawn": "secondary"}
        words = {
            "draft": self.env._("Received"),
            "submitted": self.env._("Being checked"),
            "approved": self.env._("Accepted"),
            "applied": self.env._("Carried out"),
            "rejected": self.env._("Declined"),
            "withdrawn": self.env._("Withdrawn"),
        }
        return colors.get(self.state, "info"), words[self.state]
