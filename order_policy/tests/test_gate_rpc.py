"""Every way to confirm an order from a browser or a script. One file, because each is tried through both doors."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common_orders import GateCase

PEREMPTORY = {
    "_force_unlink": True,
    "skip_procurement": True,
    "tracking_disable": True,
    "mail_notrack": True,
    "install_mode": True,
    "import_file": True,
    "active_test": False,
    "skip_policy": True,
    "bypass": True,
    "su": True,
    "default_state": "sale",
}


@tagged("post_install", "-at_install")
class TestGateRpc(GateCase, HttpCase):
    """What a salesman's browser or script can send, through both doors that Odoo has for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = (
            cls.env["res.users.apikeys"]
            .with_user(cls.salesman)
            ._generate("rpc", "script", fields.Datetime.now() + timedelta(days=1))
        )
        cls.order = cls._submitted()
        check = {"name": "Credit", "policy_id": cls.policy._copy_as_next_version().id, "kind": "credit"}
        cls.check = cls.env["order.policy.check"].create(check)
        cls.env["sale.order.check"].create({"order_id": cls.order.id, "check_id": cls.check.id, "state": "fail"})
        cls.confirmed = cls._confirmed()
        cls.locked = cls._confirmed()
        cls.locked.with_user(cls.sales_head).action_lock()
        cls.cancelled = cls._submitted()
        cls._cancel(cls.cancelled)
        cls._open_requests()
        cls.env.flush_all()

    @classmethod
    def _open_requests(cls):
        """Let a change of one confirmed order be under review, another be written, and an order be ended by request."""
        cls.change = cls._requested(cls.confirmed)
        cls.change.line_ids.product_uom_qty = 3
        cls.change.action_submit()
        cls.draft = cls._requested(cls.locked)
        cls.draft.line_ids.product_uom_qty = 3
        cls.ended = cls._confirmed()
        cancellation = cls._cancellation(cls.ended)
        cancellation.action_submit()
        cls._approve_all(cancellation)
        cls.notice = cancellation.sudo().notice_ids[:1]

    def _call_kw(self, model, method, ids, context, values):
        """Send a call as the web client does.

        :return: the message of the error, or False
        """
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            json={
                "id": 0,
                "jsonrpc": "2.0",
                "method": "call",
                "params": {
                    "model": model,
                    "method": method,
                    "args": list(values.values()) if ids is None else [ids],
                    "kwargs": {"context": context} if ids is None else {**values, "context": context},
                },
            },
        ).json()
        self.result = response.get("result")
        return response["error"]["data"]["message"] if "error" in response else False

    def _json_2(self, model, method, ids, context, values):
        """Send a call as scripts do, with an API key."""
        body = {**values, "context": context} if ids is None else {**values, "ids": ids, "context": context}
        response = self.opener.post(
            f"{self.base_url()}/json/2/{model}/{method}",
            json=body,
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=30,
        )
        self.result = response.json()
        return False if response.ok else self.result["message"]

    def _stored(self):
        """Return all that an attack could want to change, as the database holds it."""
        self.env.flush_all()
        self.env.invalidate_all()
        orders = self.order | self.confirmed | self.locked | self.cancelled | self.ended
        changes = orders.sudo().change_ids
        return {
            "requests": [
                (change.id, change.state, change.proposed_digest, change.base_digest, change.amount_after, change.note)
                for change in changes
            ],
            "asked for": [
                (line.id, line.product_uom_qty, line.price_unit, line.was_price_unit) for line in changes.line_ids
            ],
            "notices": changes.notice_ids.mapped("acknowledged_on"),
            "orders": [
                (
                    order.state,
                    order.locked,
                    order.policy_id,
                    order.policy_submitted_on,
                    order.policy_exempt_reason,
                    order.amount_total,
                )
                for order in orders.sudo()
            ],
            "lines": [
                (line.order_id, line.product_id, line.price_unit, line.product_uom_qty, line.discount)
                for line in orders.sudo().order_line
            ],
            "reviews": [
                (review.order_id, review.state, review.decision, review.digest, review.is_current)
                for review in orders.sudo().review_ids
            ],
            "confirmed": self.env["sale.order"].search_count(
                [("state", "=", "sale"), ("company_id", "=", self.company.id)]
            ),
            "confirmations": orders.sudo().confirmation_ids.ids,
            "checks": orders.sudo().check_ids.ids,
            "facts": [
                (order.policy_intake_digest, order.policy_ask_customer, order.policy_refused_by_id, order.signature)
                for order in orders.sudo()
            ],
            "policy": [(policy.state, policy.allow_self_approval, policy.step_ids.ids) for policy in self.policy],
            "people": self.finance_department.member_ids.ids,
        }

    def _attacks(self):
        """Yield what is tried: model, method, ids, and named values."""
        order, confirmed, locked = self.order.ids, self.confirmed.ids, self.locked.ids
        line, review = self.confirmed.order_line.ids, self.order.sudo().review_ids.ids
        step = self.policy.step_ids[0]
        new_line = {"product_id": self.chair.id, "price_unit": 1.0}
        entered = {"partner_id": self.customer.id, "order_line": [Command.create({"product_id": self.desk.id})]}
        yield "sale.order", "action_confirm", order, {}
        yield "sale.order", "write", order, {"vals": {"state": "sale"}}
        yield (
            "sale.order",
            "write",
            order,
            {"vals": {"state": "sale", "order_line": [Command.update(self.order.order_line.id, {"price_unit": 1.0})]}},
        )
        yield "sale.order", "web_save", order, {"vals": {"state": "sale"}, "specification": {}}
        yield "sale.order", "write", self.cancelled.ids, {"vals": {"state": "sale"}}
        yield "sale.order", "create", None, {"vals_list": [{**entered, "state": "sale"}]}
        yield "sale.order", "web_save", [], {"vals": {**entered, "state": "sale"}, "specification": {}}
        yield "sale.order", "copy", order, {"default": {"state": "sale"}}
        for name, value in (
            ("policy_id", False),
            ("policy_stage", "confirmation"),
            ("policy_submitted_on", False),
            ("policy_cleared_digest", self.order.content_digest),
            ("content_digest", "x"),
            ("amount_company", 1.0),
            ("amount_total", 1.0),
            ("policy_exempt_reason", "Urgent"),
            ("policy_exempt_by_id", self.policy_admin.id),
            ("policy_intake_digest", self.order.content_digest),
            ("policy_copies_due", False),
            ("policy_failed_tries", {"order.policy.document": 4}),
            ("policy_ask_customer", True),
            ("policy_refused_by_id", self.salesman.id),
            ("entry_hours", 0.0),
            ("signature", self._signature().decode()),
            ("check_ids", [Command.clear()]),
            ("check_ids", [Command.create({"check_id": self.check.id, "state": "pass"})]),
            ("review_ids", [Command.clear()]),
            ("review_ids", [Command.update(review[0], {"decision": "approved", "state": "approved"})]),
            (
                "confirmation_ids",
                [Command.create({"method": "signature", "confirmed_on": "2026-01-01", "digest": "x"})],
            ),
        ):
            yield "sale.order", "write", order, {"vals": {name: value}}
        yield "sale.order", "create", None, {"vals_list": [{**entered, "policy_id": False}]}
        yield "sale.order", "create", None, {"vals_list": [{**entered, "policy_exempt_reason": "Urgent"}]}
        yield "sale.order", "action_policy_exempt", order, {"reason": "Urgent"}
        yield (
            "order.policy.exempt",
            "create",
            None,
            {"vals_list": [{"order_ids": [Command.set(order)], "reason": "Urgent"}]},
        )
        yield "sale.order", "unlink", self.cancelled.ids, {}
        yield "sale.order", "write", confirmed, {"vals": {"note": "Returned goods are always taken back."}}
        yield "sale.order", "write", confirmed, {"vals": {"order_line": [Command.create(new_line)]}}
        yield "sale.order", "write", confirmed, {"vals": {"order_line": [Command.clear()]}}
        yield "sale.order.line", "write", line, {"vals": {"price_unit": 1.0}}
        yield "sale.order.line", "write", line, {"vals": {"price_total": 1.0}}
        yield "sale.order.line", "write", line, {"vals": {"order_id": self.order.id}}
        yield "sale.order.line", "unlink", line, {}
        yield "sale.order.line", "create", None, {"vals_list": [{**new_line, "order_id": self.confirmed.id}]}
        yield (
            "sale.order.line",
            "create",
            None,
            {"vals_list": [{**new_line, "order_id": self.confirmed.id, "is_expense": True}]},
        )
        yield (
            "sale.order.line",
            "create",
            None,
            {"vals_list": [{**new_line, "order_id": self.confirmed.id, "is_downpayment": True}]},
        )
        yield "sale.order", "action_cancel", locked, {}
        yield "sale.order", "action_unlock", locked, {}
        for state in ("cancel", "draft", "sent"):
            for ids in (locked, confirmed):
                yield "sale.order", "write", ids, {"vals": {"state": state}}
                yield "sale.order", "write", ids, {"vals": {"state": state, "locked": False}}
        yield from self._attacks_by_request()
        yield "sale.order.review", "write", review, {"vals": {"state": "approved", "decision": "approved"}}
        yield "sale.order.review", "unlink", review, {}
        yield "sale.order.review", "copy", review, {"default": {"state": "approved"}}
        yield (
            "sale.order.review",
            "create",
            None,
            {"vals_list": [{"order_id": order[0], "step_id": step.id, "department_id": self.finance_department.id}]},
        )
        yield "sale.order.review", "action_approve", review[:1], {}
        yield "sale.order.review", "action_approve", review, {"digests": {str(review[0]): self.order.content_digest}}
        yield "sale.order.review", "action_reject", review[:1], {"comment": "No"}
        yield (
            "sale.order.confirmation",
            "create",
            None,
            {"vals_list": [{"order_id": order[0], "method": "online", "confirmed_on": "2026-01-01", "digest": "x"}]},
        )
        yield "sale.order", "create", None, {"vals_list": [{**entered, "signature": self._signature().decode()}]}
        result = {"order_id": order[0], "check_id": self.check.id, "state": "pass"}
        yield "sale.order.check", "create", None, {"vals_list": [result]}
        yield "sale.order.check", "write", self.order.sudo().check_ids.ids, {"vals": {"state": "pass"}}
        yield "sale.order.check", "unlink", self.order.sudo().check_ids.ids, {}
        for model in ("order.policy.check", "order.policy.requirement"):
            yield model, "create", None, {"vals_list": [{"name": "x", "policy_id": self.policy.id}]}
        yield "order.policy.channel", "create", None, {"vals_list": [{"name": "Back door"}]}
        yield "order.policy", "write", self.policy.ids, {"vals": {"confirmation_required": False}}
        yield "order.policy", "write", self.policy.ids, {"vals": {"state": "retired"}}
        yield "order.policy", "write", self.policy.ids, {"vals": {"allow_self_approval": True}}
        yield "order.policy", "unlink", self.policy.ids, {}
        yield "order.policy", "action_retire", self.policy.ids, {}
        yield "order.policy", "action_activate", self.policy.ids, {}
        yield "order.policy", "action_new_version", self.policy.ids, {}
        yield "order.policy.step", "write", step.ids, {"vals": {"applies": "special"}}
        yield "order.policy.step", "unlink", step.ids, {}
        yield (
            "order.policy.step",
            "create",
            None,
            {"vals_list": [{"name": "x", "policy_id": self.policy.id, "department_id": self.finance_department.id}]},
        )
        yield "order.policy.department", "write", self.finance_department.ids, {"vals": {"active": False}}
        yield (
            "order.policy.department",
            "write",
            self.finance_department.ids,
            {"vals": {"member_ids": [Command.link(self.salesman.id)]}},
        )
        yield (
            "res.users",
            "write",
            self.salesman.ids,
            {"vals": {"policy_department_ids": [Command.link(self.finance_department.id)]}},
        )
        for method in ("_action_confirm", "_validate_order", "_submit_for_review", "_action_cancel"):
            yield "sale.order", method, order, {}
        yield "sale.order.review", "_record_decision", review, {"decision": "approved", "comment": ""}
        yield "sale.order.review", "_approve_automatically", review, {}
        yield "sale.order.check", "_take_in", order, {}
        yield "order.policy.document", "_file_order_copies", order, {}

    def _attacks_by_request(self):
        """Yield what is tried with a change request open, and at requests themselves."""
        change, draft = self.change.ids, self.draft.ids
        line, draft_line = self.change.line_ids.ids, self.draft.line_ids.ids
        review, reason = self.change.sudo().review_ids.ids, self.env.ref("order_policy.reason_cancel_customer").id
        reason_to_change = self.env.ref("order_policy.reason_change_wrong").id
        yield "sale.order", "action_cancel", self.confirmed.ids, {}
        yield "sale.order", "action_cancel", self.order.ids, {}
        yield "sale.order", "action_policy_cancel", self.confirmed.ids, {"reason": reason}
        yield (
            "sale.order",
            "action_policy_cancel",
            self.order.ids,
            {"reason": reason_to_change},
        )
        for ids, vals in (
            (self.order.ids, {"state": "cancel", "policy_cancel_reason_id": reason}),
            (self.order.ids, {"policy_cancel_reason_id": reason}),
            (self.ended.ids, {"state": "draft"}),
            (self.ended.ids, {"state": "sale"}),
            (self.confirmed.ids, {"change_ids": [Command.clear()]}),
            (self.confirmed.ids, {"change_ids": [Command.update(change[0], {"state": "approved"})]}),
        ):
            yield "sale.order", "write", ids, {"vals": vals}
        # The content proposed is not approved yet.
        yield "sale.order.line", "write", self.confirmed.order_line.ids, {"vals": {"product_uom_qty": 3}}
        for name, value in (
            ("state", "approved"),
            ("state", "applied"),
            ("proposed_digest", self.confirmed.content_digest),
            ("base_digest", "x"),
            ("order_id", self.order.id),
            ("asked_by", "customer"),
            ("amount_after", 1.0),
            ("submitted_by_id", self.finance.id),
            ("policy_id", False),
        ):
            for ids in (change, draft):
                yield "sale.order.change", "write", ids, {"vals": {name: value}}
        for vals in ({"note": "x"}, {"line_ids": [Command.clear()]}, {"commitment_date": "2030-01-01"}):
            yield "sale.order.change", "write", change, {"vals": vals}
        yield "sale.order.change", "unlink", draft, {}
        yield "sale.order.change", "copy", draft, {}
        yield "sale.order.change", "action_apply", change, {}
        yield "sale.order.change", "action_apply", draft, {}
        yield "sale.order.change", "action_submit", change, {}
        yield (
            "sale.order.change",
            "create",
            None,
            {"vals_list": [{"order_id": self.confirmed.id, "name": "x", "kind": "change", "asked_by": "salesman"}]},
        )
        for method in ("_apply", "_approve", "_settle", "_start_next", "_finish", "_open"):
            yield "sale.order.change", method, change, {}
        yield "sale.order.change.line", "write", line, {"vals": {"product_uom_qty": 1}}
        yield "sale.order.change.line", "write", draft_line, {"vals": {"was_price_unit": 1.0}}
        yield "sale.order.change.line", "write", draft_line, {"vals": {"order_line_id": self.confirmed.order_line.id}}
        yield "sale.order.change.line", "write", draft_line, {"vals": {"change_id": change[0]}}
        yield "sale.order.change.line", "unlink", line, {}
        yield (
            "sale.order.change.line",
            "create",
            None,
            {"vals_list": [{"change_id": change[0], "product_id": self.chair.id}]},
        )
        yield "sale.order.change.notice", "write", self.notice.ids, {"vals": {"acknowledged_by_id": self.sales_head.id}}
        yield "sale.order.change.notice", "unlink", self.notice.ids, {}
        yield "sale.order.review", "write", review, {"vals": {"change_id": False, "is_current": True}}
        yield "sale.order.review", "action_approve", review[:1], {}

    def _try_all(self, send):
        before = self._stored()
        for context in ({}, PEREMPTORY):
            for model, method, ids, values in self._attacks():
                with self.subTest(f"{model}.{method}", values=values, context=bool(context)):
                    message = send(model, method, ids, context, values)
                    self.assertTrue(message, "An attack must be refused")
                    self.assertNotIn("Traceback", message)
                    self.assertNotRegex(message, r"psycopg2|odoo\.exceptions|\.py\b|[a-z]Error|out of range|argument")
                    self.assertRegex(message, r"\w+ \w+ \w+")
                    self.assertEqual(self._stored(), before)

    def test_web_client(self):
        self.authenticate("salesman", "salesman")
        self._try_all(self._call_kw)

    def test_json_2(self):
        self._try_all(self._json_2)

    def test_mass_cancellation_of_locked_orders(self):
        self.authenticate("salesman", "salesman")
        before, reason = self._stored(), self.env.ref("order_policy.reason_cancel_customer").id
        for send in (self._call_kw, self._json_2):
            self.assertFalse(
                send(
                    "sale.mass.cancel.orders",
                    "create",
                    None,
                    {},
                    {"vals_list": [{"sale_order_ids": [Command.set(self.locked.ids)], "policy_reason_id": reason}]},
                )
            )
            message = send("sale.mass.cancel.orders", "action_mass_cancel", self.result, {}, {})
            self.assertIn("Use Request Cancellation", message)
            self.assertEqual(self._stored(), before)

    def test_import(self):
        self.authenticate("salesman", "salesman")
        before = self._stored()
        for send in (self._call_kw, self._json_2):
            send(
                "sale.order",
                "load",
                None,
                PEREMPTORY,
                {"fields": [".id", "state"], "data": [[str(self.order.id), "sale"]]},
            )
            self.assertIn("cannot be confirmed yet", self.result["messages"][0]["message"])
            self.assertEqual(self._stored(), before)

    def test_decisions_in_the_context_of_submitting(self):
        self.authenticate("salesman", "salesman")
        smuggled = {
            "default_decision": "approved",
            "default_state": "approved",
            "default_decided_by_id": self.finance.id,
            "default_decided_on": "2026-01-01 00:00:00",
            "default_is_current": True,
        }
        for send in (self._call_kw, self._json_2):
            order = self._order()
            self.env.flush_all()
            self.assertFalse(send("sale.order", "action_policy_submit", order.ids, smuggled, {}))
            self.assertIn("cannot be confirmed yet", send("sale.order", "action_confirm", order.ids, smuggled, {}))
            self.assertHeld(order)
            self.assertEqual(self._states(order), ["pending", "pending", "waiting", None])
            self.assertFalse(order.sudo().review_ids.decided_by_id)

    def test_evidence_deleted_through_the_chatter(self):
        self.order.sudo().write(
            {
                "signed_by": "Wang",
                "signed_on": fields.Datetime.now(),
                "signature": self._signature(),
            }
        )
        attachment = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "sale.order.confirmation"),
                ("res_id", "=", self.order.sudo().confirmation_ids.id),
                ("res_field", "=", "signature"),
            ]
        )
        self.assertTrue(attachment)
        self.env.flush_all()
        self.authenticate("salesman", "salesman")
        response = self.url_open("/mail/attachment/delete", json={"params": {"attachment_id": attachment.id}})
        self.assertIn("error", response.json())
        for send in (self._call_kw, self._json_2):
            self.assertTrue(send("ir.attachment", "unlink", attachment.ids, PEREMPTORY, {}))
            self.assertTrue(send("ir.attachment", "write", attachment.ids, PEREMPTORY, {"vals": {"raw": "x"}}))
        self.env.invalidate_all()
        self.assertTrue(attachment.exists())
        self.assertTrue(self.order.sudo().confirmation_ids.signature)

    def test_what_is_approved_goes_through(self):
        self.authenticate("salesman", "salesman")
        for send in (self._call_kw, self._json_2):
            order = self._approved()
            self.env.flush_all()
            self.assertFalse(send("sale.order", "action_confirm", order.ids, {}, {}))
            self.assertConfirmed(order)
