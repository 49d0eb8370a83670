from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..review.sale_order_review import OPEN_STATES
from .sale_order import UNDER_WAY
from .sale_order_change import ORDER_FIELDS


class SaleOrderChange(models.Model):
    """How requests are entered, submitted, refreshed and withdrawn (articles 2.8, 3.12, 3.14)."""

    _inherit = "sale.order.change"

    @api.model
    def _open(self, order, kind, asked_by, **values):
        """Open a request with the present content of an order.

        :param order: sale.order record in superuser mode; whether the person may ask was checked before
        """
        return self._make(self._values_from(order, kind, asked_by=asked_by, **values))

    @api.model
    def _make(self, values):
        """Make a request with what it starts from; whether the person may ask was checked before."""
        company = self.env["sale.order"].sudo().browse(values["order_id"]).company_id
        number = self.env["ir.sequence"].sudo().with_company(company).next_by_code(self._name)
        return self.sudo().create({"name": number, **values})

    def _values_from(self, order, kind, **values):
        return {
            "order_id": order.id,
            "kind": kind,
            "asked_by_id": self.env.uid,
            "amount_before": order.amount_total,
            **{name: value for name, value in self._present_values(order).items() if kind == "change"},
            "line_ids": self.line_ids._prepare_from(order.order_line._policy_ordered_lines()),
            **values,
        }

    @api.model
    def default_get(self, fields):
        """Show in the form of a new request what the order is now."""
        defaults = super().default_get(fields)
        order, kind = self._asked_about({})
        if order and not self.env.su:
            values = order._request_values(kind)
            defaults |= {name: values[name] for name in fields if name in values}
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        """Make requests; of what people enter into the form: the present content of the order, and what they changed.

        :raise UserError: when the order is not confirmed under a policy
        :raise AccessError: for people who may not ask, and for values that are not for people to enter
        """
        if self.env.su:
            return super().create(vals_list)
        self.check_access("create")
        return self.browse().concat(*(self._enter(dict(vals)) for vals in vals_list))

    @api.model
    def _enter(self, vals):
        self._check_can_be_stored(vals)
        order, kind = self._asked_about(vals)
        if not order:
            raise AccessError(self._refusal_to_create())
        change = order._make_request(kind).with_env(self.env)
        lines = {line.order_line_id.id: line for line in change.line_ids}
        commands = [self.line_ids._on_order(command, lines) for command in vals.pop("line_ids", [])]
        change.write({**vals, **({"line_ids": commands} if commands else {})})
        return change

    @api.model
    def _asked_about(self, vals):
        """Take out of entered values which order is to be changed or cancelled: they are never entered later.

        :return: tuple of the order and ``change`` or ``cancel``; both empty when none is said
        """
        asked = [vals.pop(name, False) or self.env.context.get(f"default_{name}") for name in ("order_id", "kind")]
        order = self._entered_record("sale.order", asked[0])
        kind = self._entered_text(asked[1])
        if kind not in dict(self._fields["kind"].selection):
            return self.env["sale.order"], False
        return order, kind

    def _base_values(self, order):
        return {
            "base_digest": order.content_digest,
            "base_snapshot": self.env["order.policy.aspect"]._snapshots(order)[order],
        }

    def _present_values(self, order):
        present = {name: self._fields[name].convert_to_write(order[name], order) for name in ORDER_FIELDS}
        return {**present, **{f"was_{name}": value for name, value in present.items()}}

    def action_submit(self):
        """Submit requests: the departments that they touch are asked (articles 2.8, 3.13, 3.15).

        :raise UserError: with everything that is missing or not possible
        """
        self.check_access("write")
        # Nobody files what he may not even read; what he may not read the field leaves out.
        self.sudo().application_ids.sudo(False).check_access("read")
        for change in self:
            change.order_id.sudo()._lock_or_refuse()
            change.sudo()._check_can_be_submitted()
            # The person may write the request, and it holds all that it has to.
            change.sudo()._submit()
        return True

    def _check_can_be_submitted(self):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(
                self.env._("%s was submitted already. Nothing was done. Reload the page.", self.display_name)
            )
        self._check_order_is_confirmed()
        self._check_is_fresh()
        obstacles = self._what_is_missing()
        if self.kind == "change":
            obstacles += self._what_is_impossible() or self._what_the_intake_refuses()
        if obstacles:
            raise UserError(
                self.env._(
                    "%(request)s cannot be submitted yet:\n%(obstacles)s",
                    request=self.display_name,
                    obstacles="\n".join(f"• {obstacle}" for obstacle in obstacles),
                )
            )

    def _check_order_is_confirmed(self):
        if self.order_id.state != "sale":
            raise UserError(
                self.env._(
                    "%s is not a confirmed order any more: there is nothing to change or to cancel by request. "
                    "Withdraw the request.",
                    self.order_id.name,
                )
            )

    def _check_is_fresh(self):
        if self.needs_refresh:
            Aspect = self.env["order.policy.aspect"]
            moved = Aspect._differences_as_text(self.base_snapshot, Aspect._snapshots(self.order_id)[self.order_id])
            raise UserError(
                self.env._(
                    "%(order)s changed since the request was entered. Refresh the request, look at it again, "
                    "and submit it then.\n%(moved)s",
                    order=self.order_id.name,
                    moved=moved,
                )
            )

    def _what_is_missing(self):
        missing = []
        if not self.reason_id or self.reason_id.kind != self.kind:
            missing.append(self.env._("Choose the reason."))
        if self.asked_on > fields.Datetime.add(fields.Datetime.now(), minutes=1):
            missing.append(self.env._("It cannot have been asked for in the future. Enter when it was."))
        if self.application_required and not self.application_ids and self.asked_by != "customer":
            missing.append(
                self.env._("Attach the written application: the policy requires it for changes and cancellations.")
            )
        return missing

    def _what_is_impossible(self):
        problems = [problem for line in self.line_ids for problem in line._problems()]
        if not problems and self._asks_for_nothing():
            return [self.env._("It asks for nothing: change a line, the delivery date, the terms or an address.")]
        return problems

    def _what_the_intake_refuses(self):
        """Tell what the intake of the policy has against the content proposed (articles 1.5, 3.5)."""
        policy, proposed = self.order_id.policy_id, self._proposed_order()
        missing = [item["label"] for item in policy._requirements()._missing(proposed)[proposed]]
        checks = policy._checks_of_step(self.env["order.policy.step"])
        failed = [outcome for outcome in checks._run(proposed) if outcome["state"] == "fail"]
        return missing + [
            self.env["sale.order.check"]._describe(checks.browse(outcome["check_id"]), outcome["texts"])
            for outcome in failed
        ]

    def _submit(self):
        self.flush_recordset()  # what it proposes is computed for the last time
        self.activity_unlink(["mail.mail_activity_data_todo"])
        self._file_application()
        self.write({"state": "submitted", "submitted_on": fields.Datetime.now(), "submitted_by_id": self.env.uid})
        self._message_log(body=self.env._("Submitted for review."))
        self._start_next(self.order_id)

    def _file_application(self):
        """File the written application with the request; what belongs to another record stays there."""
        own = self.application_ids.filtered(
            lambda file: not file.res_id or (file.res_model, file.res_id) == (self._name, self.id)
        )
        for file in self.application_ids - own:
            self.env["order.policy.document"]._check_readable(file.name, file.raw)
        application = self.env.ref("order_policy.document_application")
        own.write({"res_model": self._name, "res_id": self.id, "policy_document_id": application.id})

    def _attach_application(self, files):
        """File what came with a request as its written application.

        :param list files: pairs of name and content, in bytes
        """
        application = self.env.ref("order_policy.document_application")
        self.application_ids = self.application_ids.with_context(image_no_postprocess=True).create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                    "policy_document_id": application.id,
                }
                for name, content in files
            ]
        )

    def _submit_for_customer(self):
        """Submit what a customer asks for; what is in the way is for sales to solve."""
        failed = self._try(self._check_and_submit)
        if failed:
            self._message_log(body=self.env._("It could not be submitted by itself: %s", failed))

    def _check_and_submit(self):
        self._check_can_be_submitted()
        self._submit()

    def action_refresh(self):
        """Let requests start from the present content of their order, with what they ask for.

        They are drafts again: approvals of what they asked for before do not count.
        """
        self.check_access("write")
        for change in self.filtered("needs_refresh"):
            change.order_id.sudo()._lock_or_refuse()
            # The person may write the request; it goes back to where everything is checked again.
            change.sudo()._refresh()
        return True

    def _refresh(self):
        order = self.order_id
        self._close_reviews()
        self._counting_reviews().state = "outdated"
        self.write(
            {"state": "draft", "trouble": False, "amount_before": order.amount_total, **self._base_values(order)}
        )
        self._message_log(body=self.env._("Starts from what the order holds now, and is a draft again."))
        if self.kind == "change":
            present = self._present_values(order)
            for name in ORDER_FIELDS:
                if self[name] != self[f"was_{name}"]:
                    del present[name]
            self.write(present)
        self.line_ids._refresh(self)
        self._start_next(order)

    def action_withdraw(self):
        """Withdraw requests.

        :raise AccessError: for everybody but who asked; what customers ask for is withdrawn by sales
        """
        for change in self:
            change.check_access("read")
            refusal = change._refusal_to_withdraw()
            if refusal:
                raise AccessError(refusal)
            change.order_id.sudo()._lock_or_refuse()
            if change.state not in ("draft", *UNDER_WAY):
                raise UserError(
                    self.env._("%s is settled already. Nothing was done. Reload the page.", change.display_name)
                )
            # Who asked takes it back.
            change.sudo()._settle("withdrawn")
        return True

    def _refusal_to_withdraw(self):
        self.ensure_one()
        if self.asked_by == "customer":
            allowed = self.order_id.sudo(False).has_access("write")
            who = self.salesperson_id.sudo().name or self.env._("Sales")
        else:
            allowed = self.asked_by_id == self.env.user
            who = self.asked_by_id.sudo().name
        return not allowed and self.env._(
            "%(request)s was asked for by %(person)s. Only who asked withdraws a request.",
            request=self.display_name,
            person=who,
        )

    def _settle(self, state):
        """Close a request, and let the next one on its order begin."""
        now = fields.Datetime.now()
        self._close_reviews()
        self.activity_unlink(["mail.mail_activity_data_todo"])  # what was to be done for it
        if state == "withdrawn":
            self._message_log(body=self.env._("Withdrawn."))
        self.write(
            {
                "state": state,
                "trouble": False,
                "settled_on": now,
                "hours_to_settle": max((now - self.asked_on).total_seconds(), 0.0) / 3600,
            }
        )
        self._start_next(self.order_id)

    def _close_reviews(self):
        """Let nobody decide any more; decisions stay as they are."""
        pending = self.review_ids.filtered(lambda review: review.state in OPEN_STATES)
        pending.write({"state": "not_required", "user_id": False, "date_due": False})
