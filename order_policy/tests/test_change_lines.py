from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_change import ChangeCase


@tagged("post_install", "-at_install")
class TestPricedAsOnAnOrder(ChangeCase):
    """What a request proposes for a line is what Odoo makes of it, so that carrying it out brings nothing else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids |= cls.env.ref("product.group_product_pricelist")
        cls.salesman.group_ids |= cls.env.ref("uom.group_uom")
        cls.dozen = cls.env.ref("uom.product_uom_dozen")
        cls.pencil = cls._product("Pencil", 10.0)
        cls.pencil.uom_ids = [Command.link(cls.dozen.id)]
        cls.price_list = cls.env["product.pricelist"].create(
            {
                "name": "By quantity",
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "1_product",
                            "product_tmpl_id": cls.desk.product_tmpl_id.id,
                            "compute_price": "fixed",
                            "fixed_price": price,
                            "min_quantity": least,
                        }
                    )
                    for least, price in ((1, 1000.0), (10, 900.0))
                ],
            }
        )

    def _one(self, product, quantity, **values):
        """Return a confirmed order of one line, priced by Odoo, and a request for its change."""
        line = Command.create({"product_id": product.id, "product_uom_qty": quantity, "tax_ids": False})
        order = self._order(order_line=[line], pricelist_id=self.price_list.id, **values)
        order.action_policy_submit()
        self._approve_all(order)
        order.action_confirm()
        return order, self._requested(order)

    def _by_hand(self, product, quantity, **values):
        """Return the price and discount after the same edit of a quotation."""
        line = Command.create({"product_id": product.id, "product_uom_qty": quantity, "tax_ids": False})
        order = self._order(order_line=[line], pricelist_id=self.price_list.id)
        order.order_line.write(values)
        return order.order_line.price_unit, order.order_line.discount

    def test_another_unit(self):
        order, change = self._one(self.pencil, 12)
        self.assertEqual(order.order_line.price_unit, 10.0)
        with Form(change) as form, form.line_ids.edit(0) as line:
            line.product_uom_id = self.dozen
            self.assertEqual(line.price_unit, 120.0)
        self.assertEqual(change.amount_after, 1440.0)
        self._carried_out(change)
        self.assertEqual(
            (order.order_line.product_uom_id, order.order_line.product_uom_qty, order.order_line.price_unit),
            (self.dozen, 12, 120.0),
        )
        self.assertEqual(order.amount_total, 1440.0)

    def test_a_unit_that_cannot_be_converted(self):
        _order, change = self._one(self.pencil, 12)
        change.line_ids.product_uom_id = self.env.ref("uom.product_uom_kgm")
        with self.assertRefused("kg cannot be converted to Units"):
            change.action_submit()

    def test_quantity_breaks_of_the_price_list(self):
        order, change = self._one(self.desk, 2)
        change.line_ids.product_uom_qty = 12
        self.assertEqual(
            (change.line_ids.price_unit, change.line_ids.discount),
            self._by_hand(self.desk, 2, product_uom_qty=12),
        )
        self.assertEqual(change.line_ids.price_unit, 900.0)
        change.line_ids.product_uom_qty = 3
        self.assertEqual(change.line_ids.price_unit, 1000.0)
        change.line_ids.product_uom_qty = 20
        self._carried_out(change)
        self.assertEqual(order.order_line.price_unit, 900.0)
        again = self._requested(order)
        again.line_ids.product_uom_qty = 5
        self._carried_out(again)
        self.assertEqual(order.order_line.price_unit, 1000.0, "The price is still the price list's")

    def test_a_price_that_a_person_set_stays(self):
        order, change = self._one(self.desk, 2)
        change.line_ids.price_unit = 950.0
        change.line_ids.product_uom_qty = 12
        self.assertEqual(change.line_ids.price_unit, 950.0)
        self._carried_out(change)
        again = self._requested(order)
        again.line_ids.product_uom_qty = 20
        self._carried_out(again)
        self.assertEqual(order.order_line.price_unit, 950.0)
        other = self._requested(order)
        other.line_ids.product_id = self.chair
        self.assertEqual(other.line_ids.price_unit, 200.0, "It was the price of a desk")

    def test_price_and_quantity_at_once(self):
        order, change = self._one(self.desk, 2)
        change.line_ids.write({"product_uom_qty": 12, "price_unit": 870.0})
        self._carried_out(change)
        self.assertEqual((order.order_line.product_uom_qty, order.order_line.price_unit), (12, 870.0))

    def test_discounts_of_the_price_list(self):
        self.env["res.config.settings"].create({"group_discount_per_so_line": True}).execute()
        self.price_list.item_ids = [
            Command.clear(),
            Command.create({"compute_price": "percentage", "percent_price": 7.5, "min_quantity": 10}),
        ]
        order, change = self._one(self.desk, 2)
        change.line_ids.product_uom_qty = 12
        self.assertEqual((change.line_ids.price_unit, change.line_ids.discount), (1000.0, 7.5))
        self._carried_out(change)
        self.assertEqual(order.order_line.discount, 7.5)

    def test_discount_that_was_agreed_comes_back_with_the_quantity(self):
        self.env["res.config.settings"].create({"group_discount_per_so_line": True}).execute()
        line = {"product_id": self.desk.id, "product_uom_qty": 2, "discount": 3.0, "tax_ids": False}
        order = self._confirmed(order_line=[Command.create(line)], pricelist_id=self.price_list.id)
        change = self._requested(order)
        change.line_ids.product_uom_qty = 12
        self.assertEqual(change.line_ids.discount, 0.0)
        change.line_ids.product_uom_qty = 2
        self.assertEqual(change.line_ids.discount, 3.0)

    def test_new_lines_come_last(self):
        line = {"product_id": self.desk.id, "product_uom_qty": 2, "tax_ids": False, "sequence": 40}
        order = self._confirmed(order_line=[Command.create(line)])
        change = self._requested(order)
        change.line_ids = [Command.create({"product_id": self.chair.id, "product_uom_qty": 1})]
        self._carried_out(change)
        self.assertEqual(order.order_line.mapped("product_id"), self.desk | self.chair)
        self.assertEqual(order.order_line.mapped("sequence"), [40, 40])

    def test_heading_gets_another_name(self):
        order = self._confirmed(
            order_line=[
                Command.create({"display_type": "line_section", "name": "Office", "sequence": 1}),
                Command.create({"product_id": self.desk.id, "product_uom_qty": 2, "tax_ids": False, "sequence": 2}),
            ]
        )
        change = self._requested(order)
        heading = change.line_ids.filtered("display_type")
        heading.name = "Workshop"
        change.line_ids.filtered("product_id").product_uom_qty = 3
        self._carried_out(change)
        self.assertEqual(order.order_line.mapped("name")[0], "Workshop")
        again = self._requested(order)
        again.line_ids.filtered("display_type").is_removed = True
        again.line_ids.filtered("product_id").product_uom_qty = 4
        self._carried_out(again)
        self.assertFalse(order.order_line.filtered("display_type"))

    def test_a_fine_price_is_not_rounded(self):
        screw = self._product("Screw", 0.0125)
        order, change = self._one(screw, 100)
        change.line_ids.product_uom_qty = 300
        self._carried_out(change)
        self.assertEqual(order.order_line.price_unit, 0.0125)

    def test_numbers_as_people_write_them(self):
        number = self.env["order.policy.words"]._number_in_words
        written = [number(value) for value in (1234567, 2.5, 0, 1.204, -3)]
        self.assertEqual(written, ["1,234,567", "2.5", "0", "1.2", "-3"])
        self.assertEqual(number(12.75, "Discount"), "12.75")

    def test_large_quantities(self):
        screw = self._product("Screw", 0.01)
        order = self._confirmed((screw, 2000000, 0.01))
        order.order_line.sudo().qty_delivered = 1234567
        change = self._requested(order)
        change.line_ids.product_uom_qty = 10
        self.assertIn("1,234,567 delivered", change.line_ids.progress)
        with self.assertRefused(r"delivered \(1,234,567\)"):
            change.action_submit()
        cancelled = self._carried_out(self._cancellation(order))
        tasks = [notice.tasks or "" for notice in cancelled.sudo().notice_ids]
        self.assertIn("return of 1,234,567 Units Screw", "".join(tasks))


@tagged("post_install", "-at_install")
class TestKindsOfLines(ChangeCase):
    """Requests over orders as companies write them: doubled products, sections, notes, options, free parts."""

    def _of_lines(self, *lines):
        order = self._order(order_line=[Command.create(values) for values in lines])
        order.action_policy_submit()
        self._approve_all(order)
        order.action_confirm()
        return order

    def _goods(self, product, quantity, price=None, **values):
        price = product.list_price if price is None else price
        return {
            "product_id": product.id, "product_uom_qty": quantity, "price_unit": price, "tax_ids": False, **values
        }  # fmt: skip

    def test_two_lines_of_one_product(self):
        order = self._of_lines(self._goods(self.desk, 1), self._goods(self.desk, 2), self._goods(self.chair, 1))
        first, second, chair = order.order_line
        change = self._requested(order)
        change.line_ids[1].product_uom_qty = 5
        self._carried_out(change)
        self.assertEqual([first.product_uom_qty, second.product_uom_qty, chair.product_uom_qty], [1, 5, 1])
        change = self._requested(order)
        change.line_ids[0].is_removed = True
        self._carried_out(change)
        self.assertEqual([first.product_uom_qty, second.product_uom_qty, chair.product_uom_qty], [0, 5, 1])
        change = self._requested(order)
        change.line_ids[2].product_id = self.desk
        self._carried_out(change)
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [0, 5, 0, 1])

    def test_a_line_of_the_order_leaves_by_remove_alone(self):
        order = self._of_lines(self._goods(self.desk, 1), self._goods(self.chair, 1))
        change = self._requested(order)
        with self.assertRaisesRegex(UserError, "Chair is on S.*, switch on Remove"):
            change.line_ids = [Command.delete(change.line_ids[1].id)]
        change.line_ids = [Command.create({"product_id": self.chair.id})]
        change.line_ids[2].unlink()
        self.assertEqual(change.line_ids.product_id, self.desk + self.chair)

    def test_quantities_exchanged_between_lines(self):
        order = self._of_lines(self._goods(self.desk, 1, 1000.0), self._goods(self.desk, 2, 900.0))
        change = self._requested(order)
        change.line_ids[0].write({"product_uom_qty": 2, "price_unit": 1000.0})
        change.line_ids[1].write({"product_uom_qty": 1, "price_unit": 900.0})
        self._carried_out(change)
        self.assertEqual(order.amount_total, 2900)

    def test_sections_notes_and_lines_at_zero(self):
        order = self._of_lines(
            {"display_type": "line_section", "name": "Office"},
            self._goods(self.desk, 1),
            {"display_type": "line_note", "name": "Mind the stairs"},
            {"display_type": "line_section", "name": "Options"},
            self._goods(self.chair, 0),
            self._goods(self.desk, 1, 0.0, name="Sample"),
        )
        change = self._requested(order)
        change.line_ids[4].product_uom_qty = 6
        change.line_ids[1].is_removed = True
        change.line_ids[2].name = "Mind the dog"
        self._carried_out(change)
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [0, 0, 0, 0, 6, 1])
        self.assertEqual(order.order_line[2].name, "Mind the dog")
        self.assertEqual(order.amount_total, 1200)

    def test_refreshed_with_two_lines_of_one_product(self):
        order = self._of_lines(self._goods(self.desk, 1), self._goods(self.desk, 2))
        first = self._requested(order)
        first.line_ids[0].product_uom_qty = 4
        first.action_submit()
        second = self._requested(order)
        second.line_ids[1].product_uom_qty = 7
        second.action_submit()
        self._approve_all(first)
        self.assertTrue(second.needs_refresh)
        second.action_refresh()
        self.assertEqual(second.line_ids.mapped("product_uom_qty"), [4, 7])
        self._carried_out(second)
        self.assertEqual(order.order_line.mapped("product_uom_qty"), [4, 7])


@tagged("post_install", "-at_install")
class TestCombos(ChangeCase):
    """A menu of two choices is changed and removed as a whole."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.soup, cls.fish = cls._product("Soup", 40.0), cls._product("Fish", 60.0)
        combos = cls.env["product.combo"].create(
            [
                {"name": product.name, "combo_item_ids": [Command.create({"product_id": product.id})]}
                for product in cls.soup | cls.fish
            ]
        )
        cls.menu = cls._product("Menu", 90.0, type="combo", combo_ids=[Command.set(combos.ids)])
        price_list = cls.env["product.pricelist"].create(
            {
                "name": "Menus for ten",
                "company_id": cls.company.id,
                "currency_id": cls.company.currency_id.id,
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "1_product",
                            "product_tmpl_id": cls.menu.product_tmpl_id.id,
                            "compute_price": "fixed",
                            "fixed_price": 60.0,
                            "min_quantity": 10,
                        }
                    )
                ],
            }
        )
        cls.order = cls._order(
            order_line=[Command.create({"product_id": cls.menu.id, "product_uom_qty": 2, "tax_ids": False})],
            pricelist_id=price_list.id,
        )
        header = cls.order.order_line
        cls.order.order_line = [
            Command.create(
                {
                    "product_id": combo.combo_item_ids.product_id.id,
                    "combo_item_id": combo.combo_item_ids.id,
                    "linked_line_id": header.id,
                    "product_uom_qty": 2,
                    "tax_ids": False,
                }
            )
            for combo in combos
        ]
        cls.order.action_policy_submit()
        cls._approve_all(cls.order)
        cls.order.action_confirm()

    def _quantities(self):
        return self.order.order_line.mapped("product_uom_qty")

    def test_as_entered(self):
        self.assertEqual(self.order.amount_total, 180)
        self.assertEqual(self._requested(self.order).amount_after, 180)

    def test_parts_are_as_many_as_the_combo(self):
        change = self._requested(self.order)
        with Form(change) as form:
            with form.line_ids.edit(0) as line:
                line.product_uom_qty = 5
            self.assertEqual(form.amount_after, 450)
        self.assertEqual(change.line_ids.mapped("product_uom_qty"), [5, 5, 5])
        self._carried_out(change)
        self.assertEqual(self._quantities(), [5, 5, 5])
        self.assertEqual(self.order.amount_total, 450)

    def test_parts_cost_what_the_combo_costs_at_its_quantity(self):
        change = self._requested(self.order)
        with Form(change) as form:
            with form.line_ids.edit(0) as line:
                line.product_uom_qty = 10
            self.assertEqual(form.amount_after, 600)
        self._carried_out(change)
        self.assertEqual(self.order.amount_total, 600)

    def test_parts_do_not_go_their_own_way(self):
        change = self._requested(self.order)
        menu, soup, fish = change.line_ids
        soup.product_uom_qty = 9
        fish.is_removed = True
        self.assertEqual((soup.product_uom_qty, fish.is_removed), (2, False))
        fish.product_id = self.desk
        with self.assertRefused("Fish: it is a choice of Menu"):
            change.action_submit()
        fish.product_id = self.fish
        menu.product_uom_qty = 3
        self._carried_out(change)
        self.assertEqual(self._quantities(), [3, 3, 3])

    def test_removed_as_a_whole(self):
        change = self._requested(self.order)
        change.line_ids[0].is_removed = True
        self.assertEqual(change.line_ids.mapped("is_removed"), [True] * 3)
        change.line_ids = [Command.create({"product_id": self.chair.id})]
        self._carried_out(change)
        self.assertEqual(self._quantities(), [0, 0, 0, 1])
        self.assertEqual(self.order.amount_total, 200)

    def test_exchanged_for_something_else(self):
        change = self._requested(self.order)
        change.line_ids[0].product_id = self.chair
        self._carried_out(change)
        self.assertEqual(self._quantities(), [0, 0, 0, 2])

    def test_discount_of_the_whole(self):
        change = self._requested(self.order)
        change.line_ids[0].discount = 10.0
        self._carried_out(change)
        self.assertEqual(self.order.order_line.mapped("discount"), [10, 10, 10])
        self.assertEqual(self.order.amount_total, 162)

    def test_none_comes_by_request(self):
        change = self._requested(self.order)
        change.line_ids = [Command.create({"product_id": self.menu.id})]
        with self.assertRefused("Menu is a combo, whose choices are made on a quotation"):
            change.action_submit()
