from odoo.addons.order_policy.tests.common import pdf
from odoo.addons.order_policy.tests.common_orders import FEW, MANY, QueriesCase
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common_quality import QualityCase

LIMITS = {"has_lower": True, "lower": 1595, "has_upper": True, "upper": 1605}
LENGTH = {"name": "Length", "kind": "measure", "unit": "mm", **LIMITS}
SURFACE = {"name": "Surface", "kind": "look"}


@tagged("post_install", "-at_install")
class TestInspections(QualityCase):
    """Quality inspects what the policy says, and decides what may leave (articles 1.8, 1.9, 3.10)."""

    def _states(self, order):
        return order.sudo().inspection_ids.sorted("id").mapped("state")

    # What is inspected

    def test_confirmed_orders_are_asked_to_be_inspected(self):
        order = self._approved((self.desk, 5, 1000.0), (self.chair, 4, 200.0))
        self.assertFalse(order.sudo().inspection_ids)
        order.action_confirm()
        inspection = self._to_do(order)
        self.assertEqual((inspection.product_id, inspection.quantity, inspection.round), (self.desk, 5, 1))
        self.assertEqual(order.order_line.mapped("policy_to_inspect"), [True, False])
        self.assertEqual(inspection.department_id, self.quality_department)

    def test_inspectors_read_the_orders_that_they_inspect(self):
        order = self._confirmed((self.desk, 5, 1000.0))
        self.assertEqual(order.with_user(self.inspector).amount_total, 5000)
        other = self._confirmed((self.chair, 5, 200.0))
        with self.assertRaises(AccessError):
            other.with_user(self.inspector).check_access("read")

    def test_without_plans_nothing_is_inspected(self):
        self._inspect_by()
        order = self._confirmed()
        self.assertFalse(order.order_line.policy_to_inspect)
        self.assertFalse(order.sudo().inspection_ids)

    def test_exempt_orders_are_not_inspected(self):
        order = self._confirmed()
        order.sudo().policy_exempt_reason = "Sample for a fair"
        self.assertFalse(order.order_line.policy_to_inspect)
        self.assertEqual(self._states(order), ["dropped"])

    def test_plans_are_for_some_customers(self):
        self._inspect_by(self._plan(partner_ids=[Command.set(self.company.partner_id.ids)]))
        self.assertFalse(self._confirmed().order_line.policy_to_inspect)
        tag = self.env["res.partner.category"].create({"name": "Export"})
        self._inspect_by(self._plan(partner_category_ids=[Command.set(tag.ids)]))
        self.customer.category_id = tag
        self.assertTrue(self._confirmed().order_line.policy_to_inspect)

    def test_plans_are_for_some_orders(self):
        self._inspect_by(self._plan(domain="[('amount_total', '>', 5000)]"))
        self.assertFalse(self._confirmed((self.desk, 1, 1000.0)).order_line.policy_to_inspect)
        self.assertTrue(self._confirmed((self.desk, 9, 1000.0)).order_line.policy_to_inspect)

    def test_services_are_not_inspected(self):
        self._inspect_by(self._plan(product_category_ids=[Command.clear()]))
        service = self._product("Assembly", 50.0, type="service")
        order = self._confirmed((service, 1, 50.0), (self.chair, 1, 200.0))
        self.assertEqual(order.order_line.mapped("policy_to_inspect"), [False, True])

    def test_a_change_of_quantity_is_followed(self):
        order = self._confirmed((self.desk, 5, 1000.0))
        line = order.sudo().order_line
        for quantity, expected in ((8, [5, 3]), (6, [5, 1]), (4, [4])):
            change = self._requested(order)
            change.line_ids.product_uom_qty = quantity
            change.action_submit()
            self._approve_all(change)
            self.assertEqual(line.product_uom_qty, quantity)
            self.assertEqual(self._to_do(order).mapped("quantity"), expected)

    def test_cancelled_orders_are_not_inspected_any_more(self):
        order = self._confirmed()
        cancellation = self._cancellation(order)
        cancellation.action_submit()
        self._approve_all(cancellation)
        self.assertEqual(order.state, "cancel")
        self.assertEqual(self._states(order), ["dropped"])

    # Decisions

    def test_released_goods_count(self):
        order = self._confirmed((self.desk, 5, 1000.0))
        self._to_do(order).action_release()
        self.assertEqual(order.order_line.policy_released_qty, 5)
        inspection = order.sudo().inspection_ids
        self.assertEqual((inspection.state, inspection.decided_by_id), ("released", self.inspector))
        self.assertFalse(self._to_do(order))

    def test_some_are_released_and_the_rest_stays_to_do(self):
        order = self._confirmed((self.desk, 5, 1000.0))
        self._release(order, 2)
        self.assertEqual(order.order_line.policy_released_qty, 2)
        self.assertEqual(self._to_do(order).quantity, 3)
        self.assertEqual(self._to_do(order).round, 2)

    def test_what_is_rejected_is_presented_again(self):
        order = self._confirmed((self.desk, 5, 1000.0))
        inspection = self._to_do(order)
        inspection.rejected_qty = 2
        inspection.action_release()
        self.assertEqual(order.order_line.policy_released_qty, 3)
        self._to_do(order).action_rework("Scratches")
        self.assertEqual(self._to_do(order).quantity, 2)
        self._to_do(order).action_scrap("Broken")
        self._to_do(order).action_release()
        self.assertEqual(order.order_line.policy_released_qty, 5)
        self.assertEqual(self._states(order), ["released", "rework", "scrap", "released"])

    def test_more_cannot_be_rejected_than_is_inspected(self):
        inspection = self._to_do(self._confirmed((self.desk, 5, 1000.0)))
        with self.assertRaisesRegex(ValidationError, "can be rejected"):
            inspection.rejected_qty = 6
        inspection.rejected_qty = 5
        with self.assertRaisesRegex(UserError, "all of it is rejected"):
            inspection.action_release()

    def test_nothing_is_decided_twice(self):
        inspection = self._to_do(self._confirmed())
        inspection.action_release()
        with self.assertRaisesRegex(UserError, "settled already: Released"):
            inspection.action_rework("Scratches")
        with self.assertRaisesRegex(UserError, "stays as it is"):
            inspection.note = "All is well"

    def test_rejections_say_why(self):
        with self.assertRaisesRegex(UserError, "Say why"):
            self._to_do(self._confirmed()).action_rework(" ")

    def test_decisions_are_noted_on_the_order(self):
        order = self._confirmed((self.desk, 5, 1000.0))
        self._to_do(order).action_release()
        self.assertIn("Released, 5 of 5 may leave", order.message_ids[0].body)

    # Who decides

    def test_only_quality_inspects(self):
        order = self._confirmed()
        for person in (self.salesman, self.sales_head, self.general_manager, self.policy_admin):
            inspection = self._to_do(order).with_user(person)
            with self.assertRaises(AccessError):
                inspection.action_release()
            with self.assertRaises(AccessError):
                inspection.action_scrap("Broken")

    def test_deputies_inspect(self):
        self.env["order.policy.deputy"].create(
            {
                "user_id": self.inspector.id,
                "deputy_id": self.production.id,
                "company_id": self.company.id,
                "date_until": "2099-01-01",
            }
        )
        order = self._confirmed()
        self._to_do(order, self.production).action_release()
        self.assertEqual(order.order_line.policy_released_qty, 1)

    def test_who_produced_it_does_not_release_it(self):
        order = self._confirmed()
        inspection, inspector = self._to_do(order), self.inspector
        self.patch(self.registry["sale.order.inspection"], "_producers", lambda self: inspector)
        with self.assertRaisesRegex(AccessError, "nobody releases what is his own"):
            inspection.action_release()
        self.assertFalse(inspection.can_inspect)
        inspection.with_user(self.quality_head).action_release()

    def test_concessions_are_for_heads_and_need_the_customer(self):
        order = self._confirmed()
        for person in (self.inspector, self.salesman, self.general_manager):
            with self.assertRaises(AccessError):
                self._to_do(order).with_user(person).action_concede("Lighter colour", "Ms. Wang agrees, on the phone")
        inspection = self._to_do(order, self.quality_head)
        with self.assertRaisesRegex(UserError, "only when the customer agrees"):
            inspection.action_concede("Lighter colour")
        with self.assertRaisesRegex(UserError, "Say why"):
            inspection.action_concede("", "Ms. Wang agrees")
        inspection.action_concede("Lighter colour", "Ms. Wang agrees, on the phone")
        self.assertEqual((inspection.state, order.order_line.policy_released_qty), ("concession", 1))

    def test_the_general_managers_office_concedes(self):
        self.management.is_management = True
        order = self._confirmed()
        self._to_do(order).with_user(self.general_manager).action_concede("Urgent", "Ms. Wang agrees")
        self.assertEqual(order.order_line.policy_released_qty, 1)

    def test_what_the_customer_agreed_to_is_kept(self):
        order = self._confirmed()
        inspection = self._to_do(order, self.quality_head)
        letter = self.env["ir.attachment"].with_user(self.quality_head)
        letter = letter.create(
            {"name": "Letter.pdf", "raw": pdf(), "res_model": inspection._name, "res_id": inspection.id}
        )
        inspection.action_concede("Lighter colour", attachment_ids=letter.ids)
        kept = inspection.sudo().agreement_ids
        self.assertEqual(kept.raw, letter.raw)
        for act in (lambda: kept.write({"raw": b"Other"}), kept.unlink):
            with self.assertRaisesRegex(UserError, "kept as it is"):
                act()

    def test_photographs_are_kept(self):
        inspection = self._to_do(self._confirmed())
        inspection.photo_ids = [Command.create({"name": "Desk.txt", "raw": b"A picture"})]
        inspection.action_release()
        with self.assertRaisesRegex(UserError, "kept as it is"):
            inspection.sudo().photo_ids.unlink()

    def test_heads_release_before_inspection(self):
        order = self._confirmed((self.desk, 5, 1000.0))
        for person in (self.inspector, self.general_manager):
            with self.assertRaises(AccessError):
                self._to_do(order).with_user(person).action_release_later("The ship leaves today")
        self._to_do(order, self.quality_head).action_release_later("The ship leaves today")
        self.assertEqual(order.order_line.policy_released_qty, 5)
        due = self._to_do(order)
        self.assertEqual((due.quantity, due.due_for_id.state), (5, "later"))
        with self.assertRaisesRegex(UserError, "may leave already"):
            due.with_user(self.quality_head).action_release_later("Again")
        due.rejected_qty = 2
        due.action_release()
        self.assertEqual(order.order_line.policy_released_qty, 3)
        self.assertEqual(self._to_do(order).quantity, 2)

    # What is measured

    def _measured(self, *values, quantity=5, **plan):
        """Return an inspection, of which the first piece was measured as given, and the others are good."""
        self._inspect_by(self._plan(characteristic_ids=[Command.create(LENGTH), Command.create(SURFACE)], **plan))
        inspection = self._to_do(self._confirmed((self.desk, quantity, 1000.0)))
        if values:
            inspection.line_ids[0].value, inspection.line_ids[1].result = values
            inspection.line_ids[2::2].value, inspection.line_ids[3::2].result = 1600, "good"
        return inspection

    def test_everything_is_measured_before_it_is_released(self):
        inspection = self._measured(quantity=1)
        self.assertEqual(inspection.line_ids.mapped("limits_in_words"), ["1,595 to 1,605 mm", False])
        with self.assertRaisesRegex(UserError, "not inspected yet are Length and Surface"):
            inspection.action_release()
        inspection.line_ids[0].value = 1600
        with self.assertRaisesRegex(UserError, "not inspected yet are Surface"):
            inspection.action_release()
        inspection.line_ids[1].result = "good"
        inspection.action_release()
        self.assertEqual(inspection.line_ids.measured_by_id, self.inspector)

    def test_what_is_outside_its_limits_is_not_released(self):
        inspection = self._measured(1610, "good")
        self.assertEqual(inspection.line_ids.mapped("verdict"), ["faulty", *["good"] * 9])
        with self.assertRaisesRegex(UserError, r"1 faulty in a sample of 5, allowed are 0 \(Length\)"):
            inspection.action_release()
        inspection.rejected_qty = 1
        inspection.action_release()
        self.assertEqual(inspection.released_qty, 4)

    def test_samples_follow_a_table(self):
        table = [(2, 2, 0), (9, 3, 0), (26, 8, 1), (91, 20, 2)]
        sizes = [
            Command.create({"lot_from": lot, "sample_size": sample, "accept_most": accept})
            for lot, sample, accept in table
        ]
        plan = {"sample": "table", "size_ids": sizes}
        inspection = self._measured(1600, "good", quantity=40, **plan)
        self.assertEqual((inspection.sample_size, inspection.accept_most), (8, 1))
        inspection.faulty_qty = 2
        with self.assertRaisesRegex(UserError, "2 faulty in a sample of 8, allowed are 1"):
            inspection.action_release()
        inspection.faulty_qty = 1
        inspection.action_release()
        self.assertEqual(inspection.released_qty, 40)

    def test_samples_of_a_percentage(self):
        inspection = self._measured(sample="percent", sample_percent=15, quantity=10)
        self.assertEqual(inspection.sample_size, 2)
        inspection.quantity = 4
        self.assertEqual(inspection.sample_size, 1)

    def test_more_pieces_are_measured(self):
        inspection = self._measured(1600, "good", sample="quantity")
        length = inspection.line_ids[0].characteristic_id
        inspection.line_ids = [Command.create({"characteristic_id": length.id, "sample": 2, "value": 1612})]
        with self.assertRaisesRegex(UserError, "1 faulty"):
            inspection.action_release()

    def test_only_quality_measures(self):
        inspection = self._measured(quantity=1)
        for person in (self.salesman, self.sales_head):
            with self.assertRaises(AccessError):
                inspection.line_ids[0].with_user(person).value = 1600
        inspection.line_ids[0].value = 1600
        inspection.line_ids[1].result = "good"
        inspection.action_release()
        with self.assertRaisesRegex(UserError, "stays as it is"):
            inspection.line_ids[0].value = 1601
        with self.assertRaisesRegex(UserError, "stays as it is"):
            inspection.line_ids[0].unlink()

    # Plans

    def test_plans_are_frozen_with_their_policy(self):
        plan = self.env["order.policy"]._in_force(self.company).inspection_ids.with_user(self.policy_admin)
        with self.assertRaisesRegex(UserError, "in force or was"):
            plan.sample = "percent"
        with self.assertRaisesRegex(UserError, "in force or was"):
            plan.characteristic_ids = [Command.create(SURFACE)]

    def test_a_new_version_has_the_same_plans(self):
        policy = self._measured().plan_id.policy_id.with_user(self.policy_admin)
        policy.action_new_version()
        copied = self.env["order.policy"].search([("previous_id", "=", policy.id)]).inspection_ids
        self.assertEqual(copied.characteristic_ids.mapped("name"), ["Length", "Surface"])
        self.assertEqual(copied.product_category_ids, self.inspected)

    def test_plans_need_people_and_sizes(self):
        nobody = self.env["order.policy.department"].create({"name": "Nobody", "company_id": self.company.id})
        with self.assertRaisesRegex(ValidationError, "nobody is in Nobody"):
            self._inspect_by(self._plan(department_id=nobody.id))
        with self.assertRaisesRegex(ValidationError, "which is empty"):
            self._inspect_by(self._plan(sample="table"))

    # Doors

    def test_what_is_released_is_not_written_by_hand(self):
        order = self._confirmed()
        for name, value in (("policy_released_qty", 9), ("policy_to_inspect", False)):
            for person in (self.salesman, self.policy_admin):
                with self.assertRaises(AccessError):
                    order.order_line.with_user(person)[name] = value
        self.env["ir.default"].with_user(self.salesman).set("sale.order.line", "policy_released_qty", 9, user_id=True)
        self.assertFalse(self._confirmed().order_line.policy_released_qty)

    # Papers

    def test_certificates_are_filed(self):
        order = self._confirmed()
        self._to_do(order).action_release()
        archivist = self._user("archivist", "order_policy.group_order_policy_archivist")
        order.with_user(archivist).action_view_dossier()
        item = order.sudo().dossier_id.item_ids.filtered(lambda item: item.document_id.code == "inspection")
        self.assertEqual(item.record_id, order.sudo().inspection_ids.id)
        html = self.env["ir.actions.report"]._render_qweb_html(item.report, [item.record_id])[0].decode()
        self.assertIn(order.sudo().inspection_ids.name, html)

    def test_screens_open(self):
        order = self._confirmed()
        action = order.with_user(self.inspector).action_view_inspections()
        self.assertEqual(self.env["sale.order.inspection"].search(action["domain"]), order.sudo().inspection_ids)

    def test_milestones_lead_to_their_inspections(self):
        version = self.env["order.policy"]._in_force(self.company).sudo()._copy_as_next_version()
        milestone = {"name": "Inspection", "kind": "inspection", "source": "inspection"}
        version.milestone_ids = [Command.create({**milestone, "department_id": self.quality_department.id})]
        version.with_user(self.policy_admin).action_activate()
        order = self._confirmed()
        action = order.with_user(self.inspector).milestone_ids.action_view_inspections()
        self.assertEqual(self.env["sale.order.inspection"].search(action["domain"]), order.sudo().inspection_ids)


@tagged("post_install", "-at_install")
class TestInspectionQueries(QueriesCase, QualityCase):
    """What inspecting costs does not grow with the lines of an order."""

    def test_confirming_asks_for_inspections_at_once(self):
        def confirmed(count):
            order = self._approved(*[(self.desk, 1, 10.0)] * count)
            return self._queries(lambda: order.action_confirm())

        confirmed(FEW)
        self.assertLessEqual(confirmed(MANY) - confirmed(FEW), 70 * 3)

    def test_following_does_not_grow_with_orders(self):
        milestone = {"name": "Inspection", "kind": "inspection", "source": "inspection"}
        department = {"department_id": self.quality_department.id}
        self._inspect_by(self._plan(), milestone_ids=[Command.create({**milestone, **department})])
        orders = self.env["sale.order"].browse([self._confirmed((self.desk, 1, 10.0)).id for _n in range(MANY)])
        for order in orders:
            self._release(order)
        orders.sudo()._follow_documents()
        few, many = (self._queries(some.sudo()._follow_documents) for some in (orders[:FEW], orders))
        self.assertLessEqual(many, few + 2)
