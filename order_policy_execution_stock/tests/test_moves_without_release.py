from datetime import timedelta

from odoo import fields
from odoo.addons.order_policy.tests.common_orders import QueriesCase
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import GateCase

LISTED = "stock.move.without.release"


@tagged("post_install", "-at_install")
class TestMovesWithoutRelease(GateCase, QueriesCase):
    """What the gate lets go that is not for a customer is listed for supervision (articles 1.9, 1.16)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.supervisor = cls._user("supervisor", "order_policy.group_order_policy_supervisor")
        cls.shelf = cls.env["stock.location"].create({"name": "Shelf", "location_id": cls.stock.id})
        cls.workshop = cls.env["stock.location"].create({"name": "Workshop", "usage": "production"})
        # What was in stock before anybody had to inspect it is not what the tests look for.
        cls.before = cls.env[LISTED].search([])

    def _listed(self, user=None, product=None):
        """Return kind and quantity of what was moved in a test, as somebody sees it: the supervisor unless named."""
        self.env.flush_all()
        moves = self.env[LISTED].with_user(user or self.supervisor).search([("id", "not in", self.before.ids)])
        return sorted(
            (move.kind, move.quantity)
            for move in moves.filtered(lambda move: move.product_id == (product or self.desk))
        )

    def _moved(self, product, quantity, target, source=None):
        move = (
            self.env["stock.move"]
            .with_user(self.keeper)
            .create(
                {
                    "product_id": product.id,
                    "product_uom_qty": quantity,
                    "product_uom": product.uom_id.id,
                    "location_id": (source or self.stock).id,
                    "location_dest_id": target.id,
                }
            )
        )
        move._action_confirm()
        move.quantity = quantity
        move.picked = True
        move._action_done()
        return move

    def _scrap(self, product, quantity):
        values = {"product_id": product.id, "scrap_qty": quantity, "location_id": self.stock.id}
        self.env["stock.scrap"].with_user(self.keeper).create(values).do_scrap()

    def _count(self, product, quantity):
        quant = self.env["stock.quant"].with_user(self.keeper).with_context(inventory_mode=True)
        quant = quant.create({"product_id": product.id, "location_id": self.stock.id, "inventory_quantity": quantity})
        quant.action_apply_inventory()

    def test_inner_transfers_scrap_and_adjustments_are_listed(self):
        for product in self.desk | self.chair:
            self._moved(product, 3, self.shelf)
            self._scrap(product, 2)
            self._count(product, 150)
            self._moved(product, 4, self.env.ref("stock.stock_location_suppliers"))
            self._moved(product, 5, self.workshop)
        self.assertEqual(
            [move for move in self._listed() if move[0] != "adjustment"],
            [("production", 5), ("scrap", 2), ("transfer", 3), ("vendor", 4)],
        )
        self.assertEqual([kind for kind, _quantity in self._listed()].count("adjustment"), 1)
        self.assertEqual(self._listed(product=self.chair), [], "Chairs are not inspected")

    def test_what_is_delivered_is_not_listed(self):
        self._release(self.order)
        self._validate()
        self.assertEqual(self._at_customers(), (5, 5))
        self.assertEqual(self._listed(), [])

    def test_supervisors_need_no_rights_in_inventory(self):
        self._moved(self.desk, 3, self.shelf)
        self.assertFalse(self.supervisor.has_group("stock.group_stock_user"))
        moves = self.env[LISTED].with_user(self.supervisor)
        arch = moves.get_views([(False, "list"), (False, "search"), (False, "pivot")])
        names = [name for name in arch["models"][LISTED]["fields"] if name in moves._fields]
        many2ones = {name: {"fields": {"display_name": {}}} for name in names if moves._fields[name].type == "many2one"}
        found = moves.web_search_read([("kind", "=", "transfer")], {name: many2ones.get(name, {}) for name in names})
        row = found["records"][0]
        self.assertEqual(row["location_dest_id"]["display_name"], self.shelf.display_name)
        self.assertEqual(row["department_id"]["display_name"], self.quality_department.display_name)
        self.assertEqual(row["user_id"]["display_name"], self.keeper.name)
        groups = moves.formatted_read_group(
            [("kind", "=", "transfer")], ["product_id", "kind", "date:day"], ["__count"]
        )
        self.assertEqual([group["__count"] for group in groups], [1])

    def test_others_do_not_see_it(self):
        self._moved(self.desk, 3, self.shelf)
        self.assertEqual(self._listed(self.quality_head), [("transfer", 3)])
        for person in (self.inspector, self.finance_head):
            self.assertEqual(self._listed(person), [], person.name)
        with self.assertRaises(AccessError):
            self._listed(self.keeper)
        with self.assertRaises(AccessError):
            self.env[LISTED].with_user(self.supervisor).search([], limit=1).write({"reference": "Nothing"})

    def test_supervisors_of_other_companies_do_not_see_it(self):
        self._moved(self.desk, 3, self.shelf)
        branch = self.env["res.company"].create({"name": "Beihai Furniture"})
        self.supervisor.write({"company_id": branch.id, "company_ids": [Command.set(branch.ids)]})
        moves = self.env[LISTED].with_user(self.supervisor).with_context(allowed_company_ids=branch.ids)
        self.assertFalse(moves.search([]))

    def test_the_menu_is_for_those_who_see_some_of_it(self):
        menu = self.env.ref("order_policy_execution_stock.menu_moves_without_release")
        for person, shown in ((self.supervisor, True), (self.quality_head, True), (self.inspector, False)):
            hidden = self.env["ir.ui.menu"].with_user(person)._load_menus_blacklist()
            self.assertEqual(menu.id not in hidden, shown, person.name)

    def test_moves_are_judged_by_the_version_of_their_day(self):
        self._moved(self.desk, 3, self.shelf)
        with freeze_time(fields.Datetime.now() + timedelta(days=1)):
            self._inspect_by(self._plan(product_category_ids=False, product_ids=[Command.set(self.chair.ids)]))
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            self._moved(self.desk, 6, self.shelf)
            self._moved(self.chair, 7, self.shelf)
        self.assertEqual(self._listed(), [("transfer", 3)])
        self.assertEqual(self._listed(product=self.chair), [("transfer", 7)])

    def test_plans_for_all_goods_and_for_single_products_count(self):
        with freeze_time(fields.Datetime.now() + timedelta(days=1)):
            self._inspect_by(self._plan(product_category_ids=False, product_ids=[Command.set(self.chair.ids)]))
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            for product in self.desk | self.chair:
                self._moved(product, 1, self.shelf)
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self._inspect_by(self._plan(product_category_ids=False))
        with freeze_time(fields.Datetime.now() + timedelta(days=4)):
            self._moved(self.desk, 2, self.shelf)
        self.assertEqual(self._listed(), [("transfer", 2)])
        self.assertEqual(self._listed(product=self.chair), [("transfer", 1)])

    def test_whoever_works_with_inventory_opens_what_was_moved(self):
        self._scrap(self.desk, 2)
        self.quality_head.group_ids = [Command.link(self.env.ref("stock.group_stock_user").id)]
        self.env.flush_all()
        move = self.env[LISTED].with_user(self.quality_head).search([("kind", "=", "scrap")], limit=1)
        self.assertEqual(move.action_open()["res_model"], "stock.scrap")
        with self.assertRaisesRegex(UserError, "one at a time"):
            move.browse().action_open()

    def test_the_list_asks_as_much_for_few_as_for_many(self):
        for _number in range(12):
            self._moved(self.desk, 1, self.shelf)
        moves = self.env[LISTED].with_user(self.supervisor)
        spec = {"reference": {}, "quantity": {}, "kind": {}}
        spec |= {
            name: {"fields": {"display_name": {}}}
            for name in ("product_id", "location_id", "location_dest_id", "user_id")
        }

        def read(limit):
            return moves.web_search_read([], spec, limit=limit)

        read(12)
        few, many = (self._queries(lambda limit=limit: read(limit)) for limit in (2, 12))
        self.assertLessEqual(many, few + 1)
