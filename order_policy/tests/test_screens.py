"""What people do in a browser. One file, because the tours of desktop and phone are the same."""

import json
import re
from ast import literal_eval

from lxml import etree, html

from odoo.fields import Command, Datetime
from odoo.tests import Form, HttpCase, freeze_time, new_test_user, tagged

from .common import ArchiveCommon, OrderPolicyCommon

SIGNATURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="


class ScreensCommon(OrderPolicyCommon, HttpCase):
    """What the tours of desktop and phone share."""

    def _open_order(self, order, tour, user):
        self.start_tour(f"/odoo/policy-orders/{order.id}", tour, login=user.login)

    def _open_reviews(self, tour, user):
        self.start_tour("/odoo/order-reviews", tour, login=user.login)


@tagged("post_install", "-at_install")
class TestScreens(ScreensCommon):
    """Everybody does his part on screen, and sees what concerns him."""

    def test_order_from_submission_to_confirmation(self):
        order = self._order((self.desk, 3, 1000.0))
        self._open_order(order, "order_policy_submit", self.salesman)
        self._open_reviews("order_policy_approve_card", self.finance)
        self._open_reviews("order_policy_reject_card", self.production)
        self.assertEqual(order.policy_stage, "rejected")
        self._open_order(order, "order_policy_resubmit", self.salesman)
        self.assertEqual(self._states(order), ["approved", "pending", "waiting", None])
        self._open_reviews("order_policy_approve_card", self.production)
        self._open_order(order, "order_policy_approve_order", self.sales_head)
        self._open_order(order, "order_policy_confirm", self.salesman)
        self.assertEqual(order.state, "sale")

    def test_a_confirmed_order_changes_by_request(self):
        order = self._confirmed((self.desk, 2, 1000.0))
        self._open_order(order, "order_policy_request_change", self.salesman)
        self._open_reviews("order_policy_approve_request", self.production)
        self._open_reviews("order_policy_approve_request", self.sales_head)
        change = order.sudo().change_ids
        self.assertEqual((change.state, order.order_line.product_uom_qty), ("applied", 5), change.trouble)
        self.start_tour(f"/odoo/order-requests/{change.id}", "order_policy_acknowledge", login=self.production.login)
        self.assertEqual(change.notice_ids.acknowledged_by_id, self.production)

    def test_a_quotation_is_cancelled_for_a_reason(self):
        order = self._order()
        self._open_order(order, "order_policy_cancel_quotation", self.salesman)
        self.assertEqual(order.policy_cancel_reason_id, self.env.ref("order_policy.reason_cancel_customer"))

    def test_activity_menu_opens_the_reviews(self):
        self._submitted()
        self.start_tour("/odoo/policy-orders", "order_policy_activity_menu", login=self.finance.login)

    def test_activity_menu_opens_the_orders_that_it_counts(self):
        order = self._submitted()
        self._review(order, self.finance_department).with_user(self.finance).action_reject("No credit")
        order.activity_ids.unlink()
        self.start_tour("/odoo/policy-orders", "order_policy_activity_menu_sent_back", login=self.salesman.login)

    def test_order_without_policy_looks_as_in_odoo(self):
        self.policy.action_retire()
        order = self._order()
        self.start_tour(f"/odoo/sales/{order.id}", "order_policy_no_policy", login=self.salesman.login)

    def test_customer_who_signs_early_reads_that_the_order_is_checked(self):
        order = self._order(require_signature=True, require_payment=False)
        order.action_quotation_sent()
        order.sudo().write({"signed_by": "Lin Wei", "signed_on": Datetime.now(), "signature": SIGNATURE})
        order.sudo()._validate_order()
        page = self.url_open(f"{order.get_portal_url()}&message=sign_ok").text
        self.assertIn("Your signature has arrived.", page)
        self.assertNotIn("has been confirmed", page)


@tagged("post_install", "-at_install")
class TestArchiveScreens(ArchiveCommon, ScreensCommon):
    """Sales files papers, and the archivist seals them."""

    def test_a_file_dropped_on_the_order_is_filed(self):
        order = self._submitted()
        self._open_order(order, "order_policy_drop_paper", self.salesman)
        self.assertEqual(order.policy_paper_ids.policy_document_id.code, "original")

    def test_what_is_to_be_sealed_can_be(self):
        ended = self._dossier(self._ended())
        going_on = self._dossier(self._confirmed())
        listed = self._to_be_sealed()
        self.assertIn(ended, listed)
        self.assertNotIn(going_on, listed, "Its order is not delivered, invoiced and paid")
        ended.with_user(self.archivist).action_seal()
        self.assertNotIn(ended, self._to_be_sealed())

    def _to_be_sealed(self):
        Dossier = self.env["sale.order.dossier"].with_user(self.archivist)
        action = self.env.ref("order_policy.sale_order_dossier_action_open")
        [name] = literal_eval(action.context)
        arch = etree.fromstring(Dossier.get_view(view_type="search")["arch"])
        [chosen] = arch.xpath(f"//filter[@name='{name.removeprefix('search_default_')}']")
        return Dossier.search(literal_eval(chosen.get("domain").strip()))

    def test_a_dossier_is_sealed_and_checked(self):
        version = self.policy._copy_as_next_version()
        contract = {"name": "Contract", "kind": "document", "due": "archive"}
        contract["document_id"] = self.env.ref("order_policy.document_contract").id
        version.archive_requirement_ids = [Command.create(contract)]
        version.action_activate()
        dossier = self._dossier(self._ended())
        self.start_tour("/odoo/dossiers-to-seal", "order_policy_seal", login=self.archivist.login)
        self.assertEqual((dossier.state, dossier.check_state), ("sealed", "pass"))
        self.assertIn("With stamp", dossier.item_ids.mapped("description"))


@tagged("post_install", "-at_install")
class TestScreensOnPhone(ScreensCommon):
    """Reviewers decide with a thumb."""

    browser_size = "375x667"
    touch_enabled = True

    def test_approve_on_the_card(self):
        order = self._submitted()
        self._open_reviews("order_policy_approve_card", self.finance)
        self.assertEqual(self._states(order)[0], "approved")


@tagged("post_install", "-at_install")
class TestIntakeScreens(ScreensCommon):
    """Sales completes orders, refuses them, and records what customers say."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        version = cls.policy._copy_as_next_version()
        version.write(
            {
                "confirmation_required": True,
                "requirement_ids": [
                    Command.create(cls._requirement("Channel", "order", "sale.order", "channel_id")),
                    Command.create(cls._requirement("Delivery time", "order", "sale.order", "commitment_date")),
                    Command.create(cls._requirement("Their number", "order", "sale.order", "client_order_ref")),
                    Command.create(cls._requirement("Phone", "customer", "res.partner", "phone")),
                ],
            }
        )
        version.action_activate()

    @classmethod
    def _requirement(cls, name, kind, model, field):
        return {
            "name": name,
            "kind": kind,
            "field_ids": [Command.set(cls.env["ir.model.fields"]._get(model, field).ids)],
        }

    def _complete_order(self, **values):
        self.customer.phone = "+86 574 5550 1234"
        return self._order(
            channel_id=self.env.ref("order_policy.channel_phone").id,
            client_order_ref="PO 17",
            commitment_date="2030-05-01",
            **values,
        )

    def test_incomplete_order(self):
        order = self._order()
        self._open_order(order, "order_policy_submit_incomplete", self.salesman)
        self.assertFalse(order.policy_submitted_on)

    def test_incomplete_new_order(self):
        self.start_tour("/odoo/sales/new", "order_policy_submit_new", login=self.salesman.login)

    def test_confirmation_by_phone(self):
        order = self._complete_order()
        order.action_policy_submit()
        self._approve_all(order)
        self._open_order(order, "order_policy_record_confirmation", self.salesman)
        self.assertEqual((order.state, order.sudo().confirmation_ids.contact), ("sale", "Ms. Wang"))

    def test_refusal(self):
        order = self._order()
        self._open_order(order, "order_policy_refuse", self.salesman)
        self.assertEqual((order.state, order.policy_refused_by_id), ("cancel", self.salesman))


@tagged("post_install", "-at_install")
class TestPortal(ScreensCommon):
    """Customers sign in a real browser, before and after approval, and see where their orders stand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        version = cls.policy._copy_as_next_version()
        version.confirmation_required = True
        version.action_activate()
        cls.buyer = new_test_user(
            cls.env,
            "buyer",
            "base.group_portal",
            partner_id=cls.customer.id,
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _quotation(self):
        order = self._order(require_signature=True, require_payment=False)
        order.action_quotation_sent()
        return order

    def _visit(self, order, tour):
        self.start_tour(order.get_portal_url(), tour, login=self.buyer.login)

    def test_signing_before_approval(self):
        order = self._quotation()
        self._visit(order, "order_policy_portal_sign_early")
        self.assertEqual((order.state, order.policy_stage), ("sent", "review"))
        self.assertTrue(order.sudo().confirmation_ids.is_valid)
        self._approve_all(order)
        self.assertEqual(order.state, "sale", "The last approval confirms what the customer signed")

    def test_signing_after_approval(self):
        order = self._quotation()
        order.action_policy_submit()
        self._approve_all(order)
        self.assertEqual(order.state, "sent")
        self._visit(order, "order_policy_portal_sign_approved")
        self.assertEqual(order.state, "sale")

    def test_signing_what_has_changed_since(self):
        order = self._quotation()
        page = self._opened_page(order)
        order.order_line.price_unit = 900.0
        self.env.flush_all()
        answer = self.make_jsonrpc_request(page, {"name": "Lin Wei", "signature": SIGNATURE})
        self.assertTrue(answer["force_refresh"])
        self.assertIn("was changed after you opened this page", self.url_open(answer["redirect_url"]).text)
        self.assertFalse(order.signature or order.sudo().confirmation_ids)
        answer = self.make_jsonrpc_request(self._opened_page(order), {"name": "Lin Wei", "signature": SIGNATURE})
        self.assertIn("sign_ok", answer["redirect_url"])
        self.assertTrue(order.signature)

    def _opened_page(self, order):
        """Return where the page of an order sends the signature to."""
        page = html.fromstring(self.url_open(order.get_portal_url()).text)
        [props] = page.xpath("//owl-component[@name='portal.signature_form']/@props")
        return json.loads(props)["callUrl"]

    def test_list_says_where_orders_stand(self):
        self._quotation()
        order = self._quotation()
        order.action_policy_submit()
        self.start_tour("/my/quotes", "order_policy_portal_list", login=self.buyer.login)


@tagged("post_install", "-at_install")
class TestViews(OrderPolicyCommon):
    """What the views ask for can be read by those who open them."""

    @freeze_time("2026-03-02 10:00:00")
    def test_filters_of_the_activity_menu_show_what_it_counts(self):
        overdue, today, later, escalated = (self._submitted() for _ in range(4))
        self._submitted()
        now = Datetime.now()
        for order, due in (
            (overdue, Datetime.subtract(now, days=2)),
            (today, Datetime.add(now, hours=2)),
            (later, Datetime.add(now, days=2)),
            (escalated, Datetime.subtract(now, days=3)),
        ):
            self._review(order, self.finance_department).date_due = due
        # Another one of the department has it, and left it lying.
        late = self._review(escalated, self.finance_department)
        late.write({"user_id": self.finance_head.id, "escalated_to_ids": [Command.set(self.finance.ids)]})
        reviews = self.env["sale.order.review"].with_user(self.finance)
        filters = self._filters_of_reviews()
        mine = filters["filter_activities_my"]
        shown = tuple(
            reviews.search_count(mine + filters[name])
            for name in ("activities_overdue", "activities_today", "activities_upcoming_all")
        )
        self.assertEqual(shown, (2, 1, 2))
        self.assertEqual(shown, reviews._count_to_decide())
        self.assertEqual(sum(shown), reviews.search_count(mine))

    def _filters_of_reviews(self):
        arch = etree.fromstring(self.env["sale.order.review"].get_view(view_type="search")["arch"])
        return {
            node.get("name"): literal_eval(node.get("domain").replace("uid", str(self.finance.id)))
            for node in arch.iter("filter")
            if node.get("domain")
        }

    def test_one_alert_tells_by_its_tone_how_urgent_it_is(self):
        order = self._order()
        self.assertEqual(order.policy_tone, "info")
        order.action_policy_submit()
        self.assertEqual(order.policy_tone, "info")
        review = self._review(order, self.finance_department)
        review.date_due = Datetime.subtract(Datetime.now(), days=1)
        self.assertEqual(order.policy_tone, "danger")
        self.assertIn("It is overdue: ", order.policy_explanation)
        review.with_user(self.finance).action_reject("No credit")
        self.assertEqual(order.policy_tone, "danger")
        order.action_policy_submit("Paid in advance")
        self._approve_all(order)
        self.assertEqual(order.policy_tone, "success")
        order.action_confirm()
        self.assertFalse(order.policy_tone, "It waits for nothing")
        change = self._cancellation(order)
        order.invalidate_recordset(["policy_tone"])
        self.assertEqual((order.policy_tone, change.tone), ("info", "info"))
        form = self._form()
        self.assertEqual(len(form.xpath("//field[@name='policy_explanation'][@widget='order_policy_alert']")), 1)
        self.assertFalse(form.xpath("//form/div[contains(@class, 'alert')]/field[@name='policy_explanation']"))

    def test_at_most_six_stages_are_in_view(self):
        [bar] = self._form().xpath("//header/field[@name='policy_stage']")
        always = set(bar.get("statusbar_visible").split(","))
        for stage in self.env["sale.order"]._fields["policy_stage"].get_values(self.env):
            self.assertLessEqual(len(always | {stage}), 6)
        self.assertFalse(always & {"rejected", "cancelled"}, "They show only when they are true")

    def test_the_delivery_date_is_on_the_first_page(self):
        [date] = self._form().xpath("//group[@name='order_details']/field[@name='commitment_date']")
        self.assertFalse(literal_eval(date.get("options"))["show_time"])

    def test_the_app_opens_where_there_is_something_to_do(self):
        archivist = self._user("archivist", "order_policy.group_order_policy_archivist")
        for user, path in (
            (self.finance, "order-reviews"),
            (self._user("seller", "sales_team.group_sale_salesman"), "policy-orders"),
            (archivist, "dossiers-to-seal"),
            (self.policy_admin, "order-policies"),
        ):
            self.assertEqual(self._opened_by_the_app(user), path, user.login)
        self.policy_admin.write({"group_ids": [Command.link(self.env.ref("sales_team.group_sale_manager").id)]})
        self.finance_department.member_ids |= self.policy_admin
        self.assertEqual(self._opened_by_the_app(self.policy_admin), "order-reviews")
        self.policy.action_retire()
        self.assertEqual(self._opened_by_the_app(self.policy_admin), "order-policies", "It says what to do")

    def _opened_by_the_app(self, user):
        menu = self.env.ref("order_policy.menu_order_policy_root").with_user(user)
        app = menu.load_web_menus(False)[menu.id]
        self.assertEqual(app["actionModel"], "ir.actions.server")
        return self.env["ir.actions.server"].with_user(user).browse(app["actionID"]).sudo().run()["path"]

    def test_each_empty_list_says_what_to_do(self):
        """Nobody is left before an empty page that says nothing."""
        ours = self.env["ir.model.data"].search(
            [("model", "=", "ir.actions.act_window"), ("module", "=like", "order_policy%")]
        )
        for action in self.env["ir.actions.act_window"].browse(ours.mapped("res_id")):
            if action.target != "new":
                with self.subTest(action=action.name):
                    said = html.fromstring(action.help or "<p/>")
                    self.assertTrue(said.xpath("//p[contains(@class, 'o_view_nocontent_smiling_face')]"))
                    self.assertGreater(len(said.xpath("//p")), 1, "What is empty, and what to do")

    def test_people_are_offered_no_technical_field(self):
        """Grouping, filtering and exporting offer what a salesperson has a word for."""
        technical = re.compile(
            r"^(Policy (?!Status)|Can |Is |Was |Needs |Has (?!to )|Technical|Id$)|Digest|Snapshot|Fingerprint|SHA|JSON"
        )
        offered = {
            f"{model_name}.{name}": described["string"]
            for model_name, model in self.env.items()
            if not model._abstract and not model._transient
            for name, described in model.fields_get().items()
            if (model._fields[name]._module or "").startswith("order_policy")
            if described["groupable"] or described["searchable"] or described["exportable"]
            if technical.search(described["string"]) or described["type"] == "json"
        }
        self.assertFalse(offered, "Give these a label that people understand, or exportable=False")
        fields = self.env["sale.order"].fields_get(["content_digest", "policy_stage"])
        self.assertFalse(fields["content_digest"]["groupable"] or fields["content_digest"]["searchable"])
        self.assertTrue(fields["policy_stage"]["groupable"] and fields["policy_stage"]["searchable"])

    def test_only_who_may_invoice_is_offered_to(self):
        for user, offered in ((self.salesman, True), (self.finance, False)):
            self.assertEqual(bool(self._form(user).xpath("//button[starts-with(@id, 'create_invoice')]")), offered)

    def _form(self, user=None):
        orders = self.env["sale.order"].with_user(user or self.salesman)
        return etree.fromstring(orders.get_view(view_type="form")["arch"])

    def test_every_role_opens_orders_and_reviews(self):
        order = self._submitted((self.desk, 100, 1000.0))
        reviewers = self.finance | self.production | self.general_manager
        for user in self.salesman | self.sales_head | reviewers | self.policy_admin:
            with self.subTest(user=user.login):
                self.assertEqual(Form(order.with_user(user)).policy_stage, "review")
                for review in order.with_user(user).review_ids:
                    Form(review)
                self._open_list(order.with_user(user), "sale.sale_order_tree")
                self._open_list(order.with_user(user).review_ids, "order_policy.sale_order_review_view_list")

    def test_accountant_opens_orders(self):
        accountant = self._user("accountant", "account.group_account_invoice")
        order = self._submitted().with_user(accountant)
        self.assertEqual(Form(order).policy_stage, "review")
        self._open_list(order, "sale.sale_order_tree")

    def _open_list(self, records, view):
        arch = etree.fromstring(records.get_view(self.env.ref(view).id, "list")["arch"])
        columns = {node.get("name"): {} for node in arch.iter("field")}
        records.web_search_read([("id", "in", records.ids)], columns)


@tagged("post_install", "-at_install")
class TestWindows(ArchiveCommon):
    """What the web client gets from each button: which window, on which records, in which way."""

    def assertOpens(self, action, **expected):
        self.assertEqual({name: action.get(name) for name in expected}, expected)

    def test_the_app_opens_where_there_is_something_to_do(self):
        def page(user):
            return (
                self.env["order.policy"]
                .with_user(user)
                .with_context(allowed_company_ids=self.company.ids)
                ._start_page()
            )

        for user, expected in (
            (self.finance, "sale_order_review_action"),
            (self.policy_admin, "order_policy_action"),
            (self.archivist, "sale_order_dossier_action_open"),
            (self.supervisor, "sale_order_action"),
            (self.other_salesman, "sale_order_action"),
        ):
            self.assertOpens(page(user), id=self.env.ref(f"order_policy.{expected}").id)
        self.finance_department.member_ids += self.policy_admin
        self.assertOpens(page(self.policy_admin), id=self.env.ref("order_policy.sale_order_review_action").id)
        self.policy.action_retire()  # first of all there has to be one
        self.assertOpens(page(self.policy_admin), id=self.env.ref("order_policy.order_policy_action").id)
        self.assertOpens(page(self.finance), id=self.env.ref("order_policy.sale_order_review_action").id)

    def test_forms(self):
        order = self._confirmed()
        change = order.action_request_change()
        self.assertOpens(
            change,
            type="ir.actions.act_window",
            res_model="sale.order.change",
            res_id=order.sudo().change_ids.id,
            views=[(False, "form")],
        )
        version = self.policy.with_user(self.policy_admin).action_new_version()
        self.assertOpens(
            version,
            type="ir.actions.act_window",
            res_model="order.policy",
            res_id=self.policy.search([("previous_id", "=", self.policy.id)]).id,
            views=[(False, "form")],
        )

    def test_lists(self):
        order = self._submitted()
        self.assertOpens(
            order.action_view_changes(),
            res_model="sale.order.change",
            domain=[("order_id", "=", order.id)],
            context={"create": False},
        )
        self.assertOpens(
            order.action_view_reviews(),
            res_model="sale.order.review",
            domain=[("order_id", "=", order.id)],
            context={"search_default_all": 1},
        )
        channel = self.env.ref("order_policy.channel_email")
        for records, domain in ((self.policy, "policy_id"), (channel, "channel_id")):
            action = records.action_view_orders()
            self.assertOpens(action, res_model="sale.order", domain=[(domain, "=", records.id)])
        self.assertOpens(
            self.finance_department.action_view_pending_reviews(),
            res_model="sale.order.review",
            context={"search_default_pending": 1, "search_default_department_id": self.finance_department.id},
        )

    def test_files(self):
        dossier = self._sealed()
        item = self._letter(dossier.sudo()).with_user(self.archivist)
        url = f"/web/content/{item.file_id.id}"
        self.assertOpens(item.action_open_file(), type="ir.actions.act_url", url=url, target="new")
        export = dossier.action_export()
        self.assertOpens(export, type="ir.actions.act_url", target="download")
        self.assertRegex(export["url"], r"^/order_policy/exports/\d+$")

    def test_message_by_sms(self):
        self.customer.phone = "+86 574 5550 1234"
        order = self._approved()
        self.assertOpens(
            order.action_policy_ask_by_sms(),
            type="ir.actions.act_window",
            res_model="sms.composer",
            view_mode="form",
            target="new",
            context={
                "default_res_model": "sale.order",
                "default_res_id": order.id,
                "default_composition_mode": "comment",
                "default_template_id": self.env.ref("order_policy.sms_template_confirmation").id,
            },
        )

    def test_why_it_is_not_confirmed(self):
        order = self._submitted()
        told = order._tell_asked_again()
        self.assertOpens(told, type="ir.actions.client", tag="display_notification")
        self.assertIn(order.name, told["params"].pop("title"))
        self.assertEqual(
            told["params"],
            {
                "type": "warning",
                "message": order.policy_explanation,
                "sticky": True,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        )

    def test_dialogs_close(self):
        order, exempt = self._submitted(), self._order()
        close = {"type": "ir.actions.act_window_close"}
        reviews = self._review(order, self.finance_department).with_user(self.finance)
        decide = reviews.env["sale.order.review.decide"]
        dialog = decide.create({"review_ids": [Command.set(reviews.ids)], "decision": "approved"})
        self.assertEqual(dialog.action_decide(), close)
        exemption = self.env["order.policy.exempt"].with_user(self.policy_admin)
        dialog = exemption.create({"order_ids": [Command.set(exempt.ids)], "reason": "Import"})
        self.assertEqual(dialog.action_exempt(), close)
        self.assertEqual(dialog.action_end_exemption(), close)
