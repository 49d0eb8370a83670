import io
import json
import runpy
import zipfile
from pathlib import Path

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Datetime
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import file_path, mute_logger

from .common import ArchiveCommon, pdf


@tagged("post_install", "-at_install")
class TestArchiveExport(ArchiveCommon, HttpCase):
    """Sealed dossiers leave as a ZIP that is checked without Odoo (article 3.17)."""

    def _download(self, dossiers, login="archivist"):
        self.authenticate(login, login)
        response = self.url_open(dossiers.action_export()["url"])
        response.raise_for_status()
        return response.content

    def _verify(self, content):
        verifier = runpy.run_path(file_path("order_policy/static/archive/verify.py"))
        return verifier["verify"](io.BytesIO(content))

    def test_exported_dossiers_pass_the_verifier(self):
        dossiers = (
            self._sealed()
            | self._sealed(name="../订单 1.txt", content="四十张桌子".encode())
            | self._sealed(name="Locked.pdf", content=pdf(password="secret"), document=False)
        )
        content = self._download(dossiers)
        self.assertEqual(self._verify(content), [])
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            self.assertIn(f"{dossiers[1].name}/files/001 订单 1.txt", names)
            schema = etree.XMLSchema(etree.fromstring(archive.read("dossier.xsd")))
            for dossier in dossiers:
                schema.assertValid(etree.fromstring(archive.read(f"{dossier.name}/manifest.xml")))

    def test_register_of_what_is_handed_over(self):
        dossiers = self._sealed() | self._sealed()
        with zipfile.ZipFile(io.BytesIO(self._download(dossiers))) as archive:
            seals = json.loads(archive.read("register.json"))["seals"]
        self.assertEqual(
            seals,
            [
                {
                    "position": dossier.seal_id.position,
                    "kind": "dossier",
                    "number": dossier.name,
                    "folder": dossier.name,
                    "previous_hash": dossier.seal_id.previous_hash or "",
                    "hash": dossier.seal,
                }
                for dossier in dossiers.sudo()
            ],
        )

    def test_metadata_says_all_that_was_sealed(self):
        order = self._ended(name="Locked.pdf", content=pdf(password="secret"), document=False)
        order.sudo().policy_file_ids.description = "By courier"
        dossier = self._dossier(order)
        dossier.action_seal()
        sealed = dossier.sudo().seal_id
        root = etree.fromstring(sealed._as_xml())

        def said(node, tag):
            return [element.text for element in node.iter("{*}" + tag)]

        self.assertEqual(said(root, "RetainUntil"), [dossier.retain_until.isoformat()])
        known = sealed._sealed_values()
        self.assertTrue(known["agents"] and known["times"])
        self.assertEqual(said(root.find("{*}Agents"), "Agent"), [agent["name"] for agent in known["agents"]])
        self.assertEqual(said(root, "Time"), [time["time"] for time in known["times"]])
        [document] = [node for node in root.iter("{*}Document") if "Locked.pdf" in said(node, "Title")]
        item = dossier.sudo().item_ids.filtered(lambda item: item.name == "Locked.pdf")
        self.assertTrue(item.remark and item.made_by and item.made_on)
        self.assertEqual(
            [said(document, tag) for tag in ("Description", "Agent", "CreatedOn", "Remark")],
            [["By courier"], [item.made_by], [Datetime.to_string(item.made_on)], [item.remark]],
        )

    def test_names_that_every_disk_takes(self):
        safe = self.env["sale.order.dossier.item"]._safe_name
        for name, expected in (
            ('a<b>c:d"e|f?g*h.txt', "abcdefgh.txt"),
            ("bell\a\u200b.txt", "bell.txt"),
            ("..\\..\\etc/passwd", "passwd"),
            (" .. ", "file"),
            ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
            ("Order.pdf", "Order.pdf"),
        ):
            with self.subTest(name=name):
                self.assertEqual(safe(name), expected)

    def test_what_lacked_and_what_came_later_is_told_in_the_metadata(self):
        policy = self.policy._copy_as_next_version()
        contract = self.env.ref("order_policy.document_contract")
        policy.archive_requirement_ids = [
            Command.create({"name": "Contract", "kind": "document", "due": "archive", "document_id": contract.id})
        ]
        policy.action_activate()
        main = self._dossier(self._ended())
        main.missing_reason = "Lost in the flood"
        main.action_seal()
        self._paper(main.order_id, name="Later.txt")
        supplement = main.browse(main.action_supplement()["res_id"])
        supplement.action_seal()
        content = self._download(main | supplement)
        self.assertEqual(self._verify(content), [])
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            schema = etree.XMLSchema(etree.fromstring(archive.read("dossier.xsd")))
            of_main, of_supplement = (
                etree.fromstring(archive.read(f"{dossier.name}/manifest.xml")) for dossier in (main, supplement)
            )
        for metadata in (of_main, of_supplement):
            schema.assertValid(metadata)
        self.assertEqual(of_main.xpath("//*[local-name() = 'Missing']/@reason"), ["Lost in the flood"])
        self.assertEqual(of_main.xpath("//*[local-name() = 'Missing']/*/text()"), [contract.name])
        self.assertEqual(of_supplement.xpath("//*[local-name() = 'SupplementOf']/text()"), [main.name])
        self.assertFalse(of_supplement.xpath("//*[local-name() = 'Missing']"))

    def test_from_entry_to_the_verifier(self):
        self._load_chart()
        accountant = self._user("accountant", "account.group_account_invoice")
        order = self._order((self.desk, 2, 1000.0))
        self._paper(order, name="Order.txt")
        order.action_policy_submit()
        self._approve_all(order)
        order.action_confirm()
        order.sudo().order_line.qty_delivered = 2
        self.assertEqual(order.policy_stage, "execution")
        invoice = order.sudo()._create_invoices()
        invoice.with_user(accountant).action_post()
        self.assertEqual(order.policy_stage, "execution")
        payment = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        payment.create({})._create_payments()
        self.assertEqual(order.policy_stage, "completed")
        dossier = self._dossier(order)
        kinds = {"original", "review_sheet", "invoice", "payment"}
        self.assertLessEqual(kinds, set(dossier.item_ids.document_id.mapped("code")))
        dossier.action_seal()
        self.assertEqual(order.policy_stage, "archived")
        self.assertFalse(self._problems(dossier))
        self.assertEqual(self._verify(self._download(dossier)), [])

    def test_altered_export_is_found(self):
        dossier = self._sealed()
        content = self._download(dossier)
        altered = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(altered, "w") as other:
            for name in archive.namelist():
                text = archive.read(name)
                other.writestr(name, b"We order chairs." if name.endswith("Letter.txt") else text)
        self.assertRegex("\n".join(self._verify(altered.getvalue())), "Letter.txt was altered")

    def test_lost_files_and_altered_registers_leave_all_the_same(self):
        lost, altered, removed = self._sealed(), self._sealed(), self._sealed()
        self._sql(
            "UPDATE ir_attachment SET store_fname = '00/gone' WHERE id = %s",
            self._letter(lost.sudo()).attachment_id.id,
        )
        self._sql("UPDATE sale_order_dossier_seal SET content = '[]' WHERE dossier_id = %s", altered.id)
        self._sql("DELETE FROM sale_order_dossier_seal WHERE dossier_id = %s", removed.id)
        problems = "\n".join(self._verify(self._download(lost | altered | removed)))
        self.assertRegex(problems, f"{lost.name}: .*Letter.txt is missing")
        self.assertRegex(problems, f"{altered.name}: manifest.json was altered")
        self.assertRegex(problems, "register.json: line . of the register cannot be read")

    def test_only_archive_and_supervision_export_what_is_sealed(self):
        dossier = self._sealed()
        with self.assertRaisesRegex(AccessError, "Only archivists and supervisors"):
            dossier.with_user(self.salesman).action_export()
        with self.assertRaisesRegex(UserError, "is not sealed"):
            self._dossier(self._ended()).action_export()
        self.authenticate("salesman", "salesman")
        url = dossier.with_user(self.supervisor).action_export()["url"]
        self.assertEqual(self.url_open(url).status_code, 403)
        self.assertEqual(self.url_open("/order_policy/exports/999999").status_code, 404)
        self.authenticate("other_archivist", "other_archivist")
        self.assertEqual(self.url_open(url).status_code, 403, "It is somebody else's")
        self.authenticate("supervisor", "supervisor")
        self.assertEqual(self.url_open(url).status_code, 200)

    def test_lists_are_printed(self):
        dossiers = self._sealed() | self._sealed()
        disposal = self._disposal(dossiers)
        disposal.reason = "The term is over"
        Report = self.env["ir.actions.report"].with_user(self.archivist)
        lists = {"dossier_handover": dossiers, "disposal": disposal}
        for name, records in lists.items():
            with self.subTest(name):
                report = f"order_policy.action_report_{name}"
                html = Report._render_qweb_html(report, records.ids)[0].decode()
                for dossier in dossiers:
                    self.assertIn(dossier.name, html)
                    self.assertIn(dossier.seal, html)
                content, kind = Report.with_context(force_report_rendering=True)._render_qweb_pdf(report, records.ids)
                self.assertEqual((kind, content[:4]), ("pdf", b"%PDF"))

    def test_verifier_needs_no_odoo(self):
        source = Path(file_path("order_policy/static/archive/verify.py")).read_text()
        self.assertNotIn("odoo.", source)

    def test_attacks_over_rpc(self):
        """Neither archivists nor administrators alter what is sealed, whatever context they send."""
        dossier = self._sealed()
        admin = self._user("both", "order_policy.group_order_policy_manager", "sales_team.group_sale_manager")
        item, seal = dossier.item_ids[0], dossier.sudo().seal_id
        files = [item.attachment_id, self._letter(dossier).source_file_id]
        attacks = [
            (dossier, "write", [{"title": "Other"}]),
            (dossier, "write", [{"state": "open"}]),
            (dossier, "write", [{"retain_until": "2020-01-01"}]),
            (dossier, "write", [{"item_ids": [Command.update(item.id, {"description": "Other"})]}]),
            (dossier, "write", [{"item_ids": [Command.delete(item.id)]}]),
            (dossier, "unlink", []),
            (item, "write", [{"description": "Other"}]),
            (item, "unlink", []),
            (seal, "write", [{"content": "{}"}]),
            (seal, "unlink", []),
            (dossier.order_id, "write", [{"dossier_id": False}]),
            (dossier.order_id, "write", [{"state": "draft"}]),
            (dossier.order_id, "action_draft", []),
            (dossier.order_id, "unlink", []),
            (dossier.order_id.order_line, "write", [{"price_unit": 1.0}]),
            *((file, "write", [{"datas": "AAAA"}]) for file in files),
            *((file, "unlink", []) for file in files),
            (item.attachment_id, "generate_access_token", []),
        ]
        self.env.flush_all()
        before = self._stored(dossier)
        for user in (self.archivist, admin):
            self.authenticate(user.login, user.login)
            for context in ({}, {"_force_unlink": True, "tracking_disable": True, "active_test": False}):
                for records, method, arguments in attacks:
                    with (
                        self.subTest(user=user.login, model=records._name, method=method, arguments=arguments),
                        self.assertRaises(JsonRpcException),
                        mute_logger("odoo.http"),
                    ):
                        self._call(records, method, arguments, context)
        self.env.invalidate_all()
        self.assertEqual(self._stored(dossier), before)
        self.assertFalse(self._problems(dossier))

    def _call(self, records, method, arguments, context):
        call = {"model": records._name, "method": method, "args": [records.ids, *arguments]}
        self.make_jsonrpc_request("/web/dataset/call_kw", {**call, "kwargs": {"context": context}})

    def _stored(self, dossier):
        dossier = dossier.sudo()
        return (
            dossier.read(["name", "title", "state", "retain_until", "content_digest"]),
            dossier.item_ids.read(["name", "description", "sha256", "attachment_id", "source_file_id"]),
            dossier.seal_id.read(["content", "hash"]),
            dossier.order_id.read(["state", "dossier_id", "amount_total"]),
        )
