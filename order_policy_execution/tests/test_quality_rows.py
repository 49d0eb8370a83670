from odoo.addons.order_policy.tests.common_orders import FEW, MANY, QueriesCase
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_quality import QualityCase


@tagged("post_install", "-at_install")
class TestRows(QualityCase, QueriesCase):
    """Each piece of a sample has a row of each characteristic (article 1.9)."""

    CHARACTERISTICS = (
        {"name": "Length", "has_lower": True, "lower": 1595, "has_upper": True, "upper": 1605},
        {"name": "Surface", "kind": "look"},
    )

    def _asked(self, quantity, uom=None, **plan):
        """Return the inspection of an order, as who inspects sees it."""
        self._inspect_by(self._plan(characteristic_ids=[*map(Command.create, self.CHARACTERISTICS)], **plan))
        product = self.desk
        if uom:
            product = self._product(f"Sold in {uom.name}", 10.0, uom_id=uom.id, categ_id=self.desk.categ_id.id)
        return self._to_do(self._confirmed((product, quantity, 10.0)))

    def _rows(self, inspection):
        """Return which pieces have rows, by characteristic."""
        return {
            characteristic.name: sorted(lines.mapped("sample"))
            for characteristic, lines in inspection.line_ids.grouped("characteristic_id").items()
        }

    def _find_good(self, lines):
        lines.filtered(lambda line: line.kind == "measure").value = 1600
        lines.filtered(lambda line: line.kind == "look").result = "good"

    def _pieces(self, count):
        return {"Length": [*range(1, count + 1)], "Surface": [*range(1, count + 1)]}

    def test_every_piece_has_its_rows(self):
        inspection = self._asked(5)
        self.assertEqual(self._rows(inspection), self._pieces(5))
        self.assertFalse(inspection.has_more_pieces)
        self.assertEqual(inspection.line_ids[:3].mapped("sample"), [1, 1, 2], "Piece by piece")

    def test_samples_of_each_kind_have_rows_for_their_pieces(self):
        table = [Command.create({"lot_from": lot, "sample_size": size}) for lot, size in ((1, 2), (26, 8))]
        for plan, pieces in (
            ({"sample": "quantity", "sample_quantity": 3}, 3),
            ({"sample": "percent", "sample_percent": 15}, 6),
            ({"sample": "table", "size_ids": table}, 8),
        ):
            with self.subTest(plan["sample"]):
                self.assertEqual(self._rows(self._asked(40, **plan)), self._pieces(pieces))

    def test_too_many_are_added_by_who_inspects(self):
        for quantity, pieces, more in ((50, 50, False), (51, 1, True), (5000, 1, True)):
            inspection = self._asked(quantity)
            self.assertEqual(self._rows(inspection), self._pieces(pieces))
            self.assertEqual(inspection.has_more_pieces, more)
        length = inspection.plan_id.characteristic_ids[0]
        inspection.line_ids = [Command.create({"sample": 2, "characteristic_id": length.id, "value": 1600})]
        self.assertIn("has_more_pieces", inspection.get_view(False, "form")["arch"])
        self.assertEqual(self._rows(inspection)["Length"], [1, 2])

    def test_pieces_are_counted_in_units(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        dozen.active = True
        self.assertEqual(self._rows(self._asked(2, dozen)), self._pieces(24))
        self.assertEqual(self._rows(self._asked(0.25, dozen)), self._pieces(3))

    def test_parts_of_a_piece_count_as_one(self):
        self.assertEqual(self._rows(self._asked(2.5)), self._pieces(3))
        self.assertEqual(self._rows(self._asked(0.2)), self._pieces(1))

    def test_what_is_weighed_has_one_row_each(self):
        inspection = self._asked(12.5, self.env.ref("uom.product_uom_kgm"))
        self.assertEqual(self._rows(inspection), self._pieces(1))
        self.assertFalse(inspection.has_more_pieces)

    def test_units_of_their_own_have_one_row_each(self):
        self.assertEqual(self._rows(self._asked(12, self.env["uom.uom"].create({"name": "Set"}))), self._pieces(1))

    def test_rows_follow_what_is_presented(self):
        inspection = self._asked(5)
        inspection.line_ids.filtered(lambda line: line.sample == 5)[0].value = 1600
        inspection.quantity = 2
        self.assertEqual(self._rows(inspection), {"Length": [1, 2, 5], "Surface": [1, 2]}, "What was measured stays")
        inspection.quantity = 4
        self.assertEqual(self._rows(inspection), {"Length": [1, 2, 3, 4, 5], "Surface": [1, 2, 3, 4]})
        inspection.quantity = 4
        self.assertEqual(len(inspection.line_ids), 9)

    def test_rows_follow_what_is_ordered(self):
        inspection = self._asked(5)
        self._change_quantity(inspection.sudo().order_id, 3)
        self.assertEqual(self._rows(inspection), self._pieces(3))

    def _change_quantity(self, order, quantity):
        change = self._requested(order.with_user(self.salesman))
        change.line_ids.product_uom_qty = quantity
        change.action_submit()
        self._approve_all(change)

    def test_all_rows_are_filled_in_before_release(self):
        inspection = self._asked(2)
        self._find_good(inspection.line_ids[:3])
        with self.assertRaisesRegex(UserError, "not inspected yet are Surface"):
            inspection.action_release()
        self._find_good(inspection.line_ids[3])
        inspection.action_release()
        self.assertEqual(inspection.released_qty, 2)

    def _row(self, inspection, name, piece):
        return inspection.line_ids.filtered(lambda line: (line.characteristic_id.name, line.sample) == (name, piece))

    def test_rows_that_were_taken_off_are_asked_for(self):
        inspection = self._asked(3)
        self._find_good(inspection.line_ids)
        surface = self._row(inspection, "Surface", 2).characteristic_id
        self._row(inspection, "Surface", 2).unlink()
        with self.assertRaisesRegex(UserError, r"not inspected yet are Surface \(pieces: 2\)\. .* add the rows"):
            inspection.action_release()
        inspection.line_ids.filtered(lambda line: line.sample == 3).sample = 4
        with self.assertRaisesRegex(UserError, r"are Length \(pieces: 3\) and Surface \(pieces: 2 and 3\)"):
            inspection.action_release()
        inspection.line_ids.filtered(lambda line: line.sample == 4).sample = 3
        inspection.line_ids = [Command.create({"sample": 2, "characteristic_id": surface.id, "result": "good"})]
        inspection.action_release()
        self.assertEqual(inspection.released_qty, 3)

    def test_many_rows_that_were_taken_off_are_counted(self):
        inspection = self._asked(9)
        self._find_good(inspection.line_ids)
        inspection.line_ids.filtered(lambda line: line.sample > 1 or line.kind == "look").unlink()
        with self.assertRaisesRegex(UserError, r"are Length \(8 pieces\) and Surface\. "):
            inspection.action_release()
        inspection.line_ids.unlink()
        with self.assertRaisesRegex(UserError, "are Length and Surface"):
            inspection.action_release()

    def test_of_too_many_one_piece_is_enough(self):
        for quantity, uom in ((51, None), (12.5, self.env.ref("uom.product_uom_kgm"))):
            inspection = self._asked(quantity, uom)
            self._find_good(inspection.line_ids)
            inspection.line_ids.sample = 7
            inspection.action_release()
            self.assertEqual(inspection.state, "released")

    def test_what_is_left_is_asked_for_with_its_own_rows(self):
        inspection = self._asked(5)
        inspection.quantity = 3
        self._find_good(inspection.line_ids)
        inspection.action_release()
        rest = self._to_do(inspection.sudo().order_id)
        self.assertEqual((rest.quantity, self._rows(rest)), (2, self._pieces(2)))
        with self.assertRaises(UserError):
            inspection.quantity = 1
        self.assertEqual(self._rows(inspection), self._pieces(3), "What was decided stays")

    def test_opening_rows_does_not_grow_with_lines(self):
        self._inspect_by(self._plan(characteristic_ids=[*map(Command.create, self.CHARACTERISTICS)]))
        lines = self._confirmed(*[(self.desk, 20, 10.0)] * MANY).sudo().order_line
        Inspection = self.env["sale.order.inspection"].sudo()

        def ask(some):
            some.inspection_ids.state = "dropped"
            self.env.flush_all()
            return self._queries(lambda: (Inspection._follow(some), self.env.flush_all()))

        ask(lines[:FEW])
        few, many = ask(lines[:FEW]), ask(lines)
        # Each line costs what it did without rows; 40 rows of each go in by the hundred.
        self.assertLessEqual((many - few) / (MANY - FEW), 5.5)
