import itertools
import threading
import time
from contextlib import ExitStack
from unittest.mock import patch

from psycopg2 import IntegrityError, OperationalError
from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ConcurrencyError, LockError, UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

PEOPLE, EACH = 4, 5


@tagged("post_install", "-at_install")
class TestArchivistsAtOnce(BaseCase):
    """Several archivists seal at the same moment, each in a transaction of his own (article 3.17)."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            self._prepare(api.Environment(cr, SUPERUSER_ID, {}))
        self.addCleanup(self._remove)
        self._wait_briefly()

    def _prepare(self, env):
        """Store dossiers to seal, of orders that were cancelled."""
        company = env.ref("base.main_company")
        archivist = env["res.users"].create(
            {
                "name": "Archivist at once",
                "login": "order_policy_archivist_at_once",
                "company_id": company.id,
                "company_ids": [Command.set(company.ids)],
                "group_ids": [Command.set(env.ref("order_policy.group_order_policy_archivist").ids)],
            }
        )
        dossier_class = env["order.policy.dossier.class"].create({"name": "At once", "code": "AO"})
        values = {"partner_id": company.partner_id.id, "company_id": company.id, "state": "cancel"}
        orders = env["sale.order"].create([values for _ in range(PEOPLE * EACH)])
        env["ir.attachment"].create(
            [
                {"name": "Letter.txt", "raw": b"Letter", "res_model": "sale.order", "res_id": order.id}
                for order in orders
            ]
        )
        dossiers = env["sale.order.dossier"]._open(orders)
        dossiers.class_id = dossier_class
        self.user, self.company, self.dossier_class = archivist.id, company.id, dossier_class.id
        self.orders, self.dossiers = orders.ids, dossiers.ids

    def _remove(self):
        with self.registry.cursor() as cr:
            dossiers, orders = tuple(self.dossiers), tuple(self.orders)
            files = "DELETE FROM ir_attachment WHERE res_model = %s AND res_id IN %s"
            cr.execute("SELECT id FROM sale_order_dossier_item WHERE dossier_id IN %s", [dossiers])
            items = tuple(row[0] for row in cr.fetchall())
            for table in ("seal", "item", "reading", "check"):
                cr.execute(f"DELETE FROM sale_order_dossier_{table} WHERE dossier_id IN %s", [dossiers])
            cr.execute(files, ["sale.order.dossier.item", items])
            cr.execute(files, ["sale.order", orders])
            cr.execute("UPDATE sale_order SET dossier_id = NULL WHERE id IN %s", [orders])
            cr.execute("DELETE FROM sale_order_dossier WHERE main_id IN %s", [dossiers])
            cr.execute("DELETE FROM sale_order_dossier WHERE id IN %s", [dossiers])
            codes = ("sale.order.dossier.seal", f"order.policy.dossier.class.{self.dossier_class}")
            cr.execute("DELETE FROM ir_sequence WHERE code IN %s AND company_id = %s", [codes, self.company])
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["sale.order"].browse(orders).unlink()
            env["order.policy.dossier.class"].browse(self.dossier_class).unlink()
            user = env["res.users"].browse(self.user)
            partner = user.partner_id
            user.unlink()
            partner.unlink()
        self.registry.clear_all_caches()

    def _archive(self, cr, ids):
        return api.Environment(cr, self.user, {})["sale.order.dossier"].browse(ids)

    def _register(self):
        """Return the lines of the register, as the database holds them."""
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT position, number, previous_hash, hash FROM sale_order_dossier_seal"
                " WHERE company_id = %s ORDER BY position",
                [self.company],
            )
            return cr.fetchall()

    def _assert_one_chain(self, count):
        register = self._register()
        self.assertEqual([line[0] for line in register], list(range(1, count + 1)))
        self.assertEqual(sorted(int(line[1].rpartition("-")[2]) for line in register), list(range(1, count + 1)))
        for before, line in itertools.pairwise(register):
            self.assertEqual(line[2], before[3])

    def _seal_until_done(self, ids, failures):
        """Seal dossiers one by one, as an archivist does who tries again when somebody else is sealing."""
        try:
            for dossier_id in ids:
                while not self._try_to_seal(dossier_id):
                    time.sleep(0.02)
        except Exception as error:  # in a thread, where nobody would see it
            failures.append(error)

    def _try_to_seal(self, dossier_id):
        try:
            with self.registry.cursor() as cr:
                self._archive(cr, dossier_id).action_seal()
        except (OperationalError, ConcurrencyError, LockError):
            return False  # Odoo replays the request, or tells that somebody else is sealing
        return True

    def _wait_briefly(self):
        patience = patch("odoo.addons.order_policy.models.policy.order_policy_lock_mixin.PATIENCE", "100ms")
        patience.start()
        self.addCleanup(patience.stop)

    def _two_transactions(self, stack):
        quick, slow = (stack.enter_context(self.registry.cursor()) for _person in range(2))
        stack.callback(slow.rollback)
        return quick, slow

    @mute_logger("odoo.sql_db")
    def test_first_seals_of_a_company(self):
        """Whoever is second begins anew, as Odoo does for him, and goes on with the numbers of the first."""
        with ExitStack() as stack:
            quick, slow = self._two_transactions(stack)
            late = self._archive(slow, self.dossiers[1])
            self.assertEqual(late.state, "open")
            self._archive(quick, self.dossiers[0]).action_seal()
            quick.commit()
            with self.assertRaises(ConcurrencyError):
                late.action_seal()
            slow.rollback()
            late.env.invalidate_all()
            late.action_seal()
            slow.commit()
        self._assert_one_chain(2)

    @mute_logger("odoo.sql_db")
    def test_supplement_opened_twice_is_one(self):
        self._try_to_seal(self.dossiers[0])
        self._drop_letter(self.orders[0])
        with ExitStack() as stack:
            quick, slow = self._two_transactions(stack)
            late = self._archive(slow, self.dossiers[0])
            self.assertFalse(late.supplement_ids)
            opened = self._archive(quick, self.dossiers[0]).action_supplement()["res_id"]
            self.dossiers.append(opened)
            quick.commit()
            with self.assertRaises(ConcurrencyError):  # Odoo replays the request then
                late.action_supplement()
            slow.rollback()
            late.env.invalidate_all()
            self.assertEqual(late.action_supplement()["res_id"], opened)

    @mute_logger("odoo.sql_db")
    def test_second_archivist_is_told(self):
        self._try_to_seal(self.dossiers[0])
        with ExitStack() as stack:
            quick, slow = self._two_transactions(stack)
            late = self._archive(slow, self.dossiers[2])
            self.assertEqual(late.state, "open")  # the transaction goes on seeing what is there by now
            self._archive(quick, self.dossiers[1]).action_seal()
            with self.assertRaisesRegex(
                UserError,
                "Somebody else is working on Seals of the order archive at this very",
            ):
                late.action_seal()
            slow.rollback()
            self.assertEqual(late.state, "open")
            quick.commit()
            with self.assertRaises(SerializationFailure):  # Odoo replays the request then
                late.action_seal()
            slow.rollback()
            late.env.invalidate_all()
            late.action_seal()
            slow.commit()
        self._assert_one_chain(3)

    @mute_logger("odoo.sql_db")
    def test_same_dossier_is_sealed_once(self):
        self._try_to_seal(self.dossiers[0])
        with ExitStack() as stack:
            quick, slow = self._two_transactions(stack)
            late = self._archive(slow, self.dossiers[1])
            self.assertEqual(late.state, "open")
            self._archive(quick, self.dossiers[1]).action_seal()
            quick.commit()
            with self.assertRaises(SerializationFailure):
                late.action_seal()
            slow.rollback()
            late.env.invalidate_all()
            with self.assertRaisesRegex(UserError, "is sealed already. Reload the page"):
                late.action_seal()
        self._assert_one_chain(2)

    def _drop_letter(self, order_id):
        """Attach a file below Odoo, which lists it only when somebody opens the dossier."""
        with self.registry.cursor() as cr:
            cr.execute(
                "INSERT INTO ir_attachment (name, type, res_model, res_id, db_datas, file_size, create_uid)"
                " VALUES ('Late.txt', 'binary', 'sale.order', %s, 'Late', 4, 1)",
                [order_id],
            )

    def _listed(self, dossier_id):
        with self.registry.cursor() as cr:
            dossier = api.Environment(cr, SUPERUSER_ID, {})["sale.order.dossier"].browse(dossier_id)
            return sorted(dossier.item_ids.mapped("name"))

    @mute_logger("odoo.sql_db")
    def test_dossier_that_two_open_at_once_lists_a_paper_once(self):
        self._drop_letter(self.orders[0])
        with ExitStack() as stack:
            quick, slow = self._two_transactions(stack)
            late = self._archive(slow, self.dossiers[0])
            self.assertEqual(len(late.item_ids), 1)
            self._archive(quick, self.dossiers[0]).action_gather()
            quick.flush()
            late.action_gather()  # the other one lists it
            self.assertEqual(len(late.item_ids), 1)
            with self.assertRaisesRegex(UserError, "Somebody else is working on S.* at this very moment"):
                late.action_seal()
            slow.rollback()
            self.assertEqual(len(late.item_ids), 1)
            quick.commit()
            with self.assertRaises(SerializationFailure):  # Odoo replays the request then
                late.action_gather()
            slow.rollback()
            late.env.invalidate_all()
            late.action_gather()
            slow.commit()
        self.assertEqual(self._listed(self.dossiers[0]), ["Late.txt", "Letter.txt"])

    def test_reading_on_a_page_that_cannot_write_is_noted(self):
        self._try_to_seal(self.dossiers[0])
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            groups = env.ref("order_policy.group_order_policy_archivist"), env.ref("sales_team.group_sale_manager")
            env["res.users"].browse(self.user).group_ids = [Command.unlink(groups[0].id), Command.link(groups[1].id)]
        with db_connect(get_db_name(), readonly=True).cursor() as cr:
            self.assertTrue(cr.readonly)
            names = self._archive(cr, self.dossiers[0]).item_ids.mapped("name")
        self.assertEqual(names, ["Letter.txt"])
        with self.registry.cursor() as cr:
            cr.execute("SELECT user_id FROM sale_order_dossier_reading WHERE dossier_id = %s", [self.dossiers[0]])
            self.assertEqual(cr.fetchall(), [(self.user,)])

    @mute_logger("odoo.sql_db")
    def test_no_way_to_list_a_paper_twice(self):
        with self.registry.cursor() as cr:
            item = api.Environment(cr, SUPERUSER_ID, {})["sale.order.dossier"].browse(self.dossiers[0]).item_ids[:1]
            with self.assertRaises(IntegrityError):
                item.create(item.copy_data()[0] | {"source_file_id": item.source_file_id.id})
            cr.rollback()

    @mute_logger("odoo.sql_db")
    def test_four_archivists_make_one_chain(self):
        """The first of them starts the chain, which another may do at the same moment."""
        failures = []
        people = [
            threading.Thread(target=self._seal_until_done, args=(self.dossiers[number::PEOPLE], failures))
            for number in range(PEOPLE)
        ]
        for person in people:
            person.start()
        for person in people:
            person.join()
        self.assertEqual(failures, [])
        self._assert_one_chain(PEOPLE * EACH)
