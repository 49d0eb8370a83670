import logging
import re

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Domain
from odoo.tools import format_list

_logger = logging.getLogger(__name__)

# How often a dossier is looked at by itself, and how many a night.
DAYS_BETWEEN_CHECKS = 90
BATCH = 100

# How an archive number ends: prefixes are for administrators to choose, and may change.
NUMBER = re.compile(r"(.*?)(\d*)", re.DOTALL)

# What the seal calls otherwise than the field of a paper.
ITEM_FIELDS = {"kind_id": "document_id", "title": "name", "file": "file_name", "created_on": "made_on"}


class SaleOrderDossierCheck(models.Model):
    """That a sealed dossier was looked at: is it authentic, complete, usable and secure (四性检测, article 3.17)."""

    _name = "sale.order.dossier.check"
    _description = "Check of a Dossier"
    _inherit = "order.policy.evidence.mixin"
    _order = "id desc"
    _rec_name = "dossier_id"

    dossier_id = fields.Many2one("sale.order.dossier", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="dossier_id.company_id", store=True, precompute=True, index=True)
    checked_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    checked_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    state = fields.Selection([("pass", "Passed"), ("fail", "Failed")], "Outcome", required=True, readonly=True)
    authentic = fields.Text(readonly=True, help="What speaks against the dossier being what was sealed.")
    complete = fields.Text(readonly=True, help="What lacks.")
    usable = fields.Text(readonly=True, help="Which files cannot be opened.")
    secure = fields.Text(readonly=True, help="What is open to people who are not entitled, or not kept long enough.")

    # ------------------------------------------------------------------
    # Checking
    # ------------------------------------------------------------------

    @api.model
    def _check(self, dossiers):
        """Look at sealed dossiers, record the outcome, and tell the archivists what failed.

        :param dossiers: sale.order.dossier records in superuser mode
        :return: the outcomes
        """
        checks = self.browse()
        for dossier in dossiers.filtered(lambda dossier: dossier.state == "sealed"):
            problems, failed_before = self._problems_or_why_not(dossier), dossier.check_state == "fail"
            state = "fail" if any(problems.values()) else "pass"
            problems["usable"] = problems.get("usable", []) + self._remarks(dossier)
            problems["authentic"] = problems.get("authentic", []) + self._merges(dossier)
            check = self.sudo().create(
                {
                    "dossier_id": dossier.id,
                    "checked_by_id": self.env.uid,
                    "state": state,
                    **{name: "\n".join(sentences) or False for name, sentences in problems.items()},
                }
            )
            if check.state == "fail" and not failed_before:
                check._tell_archivists()
            checks += check
        return checks

    @api.model
    def _problems_or_why_not(self, dossier):
        """Return what is wrong with a sealed dossier, or why that cannot be told: it keeps no other from its check."""
        try:
            with self.env.cr.savepoint():
                return self._problems(dossier)
        except (OperationalError, ConcurrencyError):
            raise  # the database is in need, not the dossier
        except Exception as error:
            _logger.exception("The check of dossier %s could not be made", dossier.id)
            words = self.env._(
                "The check could not be made: “%s”. Ask the administrator of Odoo to look into the log, and check it "
                "again then.",
                self.env["order.policy.words"]._within_sentence(error),
            )
            return {"usable": [words]}

    @api.model
    def _problems(self, dossier):
        """Return what is wrong with a sealed dossier, as lists of sentences by the name of the check."""
        seals = dossier.env["sale.order.dossier.seal"].search([("dossier_id", "=", dossier.id)])
        if not seals:
            return {"authentic": [self.env._("Its seal was removed from the register.")]}
        manifest = seals[0]._sealed_values()
        return {
            "authentic": seals[0]._problems() + self._differences(dossier, manifest) + self._altered_files(dossier),
            "complete": self._what_lacks(dossier),
            "usable": self._unusable_files(dossier),
            "secure": self._insecure(dossier),
        }

    def _differences(self, dossier, manifest):
        """Compare what is stored with what was sealed, and name each difference."""
        now = dossier._manifest(manifest.get("missing"))
        try:
            return (
                self._value_differences(self._compared(now), self._compared(manifest))
                + self._item_differences(now, manifest)
                + self._order_differences(dossier.order_id, now, manifest)
                + self._record_differences(now, manifest)
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            return [
                self.env._("What the register holds of it cannot be read any more: it was altered in the database.")
            ]

    def _compared(self, manifest):
        """Return what has to stay of a dossier, by the names of its fields; a class may get another name."""
        dossier_class = manifest["class"]
        return {
            "name": manifest["number"],
            "title": manifest["title"],
            "class_id": [dossier_class["code"], dossier_class["name"]],
            "year": manifest["year"],
            "retention_years": manifest["retention_years"],
            "retain_until": manifest["retain_until"],
            "main_id": manifest["supplement_of"],
            "missing_reason": manifest["missing_reason"],
            "sealed_on": manifest["sealed_on"],
            "sealed_by_id": manifest["sealed_by"],
        }

    def _value_differences(self, now, sealed):
        Aspect, model = self.env["order.policy.aspect"], "sale.order.dossier"
        return [
            self.env._(
                "%(what)s is now “%(now)s”, and was sealed as “%(was)s”.",
                what=self._label(model, name),
                now=Aspect._in_words(model, name, now[name]),
                was=Aspect._in_words(model, name, was),
            )
            for name, was in sealed.items()
            if Aspect._comparable(now[name]) != Aspect._comparable(was)
        ]

    def _label(self, model, name):
        return self.env["ir.model.fields"]._get(model, name).field_description

    def _item_differences(self, now, manifest):
        present = {item["number"]: item for item in now["items"]}
        sealed = {item["number"]: item for item in manifest["items"]}
        problems = [
            self.env._("“%s” was sealed, and is not in the dossier any more.", sealed[number]["file"])
            for number in sealed.keys() - present.keys()
        ]
        problems += [
            self.env._("“%s” was not sealed, and is in the dossier.", present[number]["file"])
            for number in present.keys() - sealed.keys()
        ]
        for number in sealed.keys() & present.keys():
            altered = [
                self._label("sale.order.dossier.item", ITEM_FIELDS.get(key, key))
                for key, value in sealed[number].items()
                if key != "kind" and present[number][key] != value  # a kind may get another name
            ]
            if altered:
                problems.append(
                    self.env._(
                        "“%(file)s”: what is stored of it was altered (%(names)s).",
                        file=sealed[number]["file"],
                        names=format_list(self.env, altered),
                    )
                )
        return problems

    def _order_differences(self, order, now, manifest):
        """Name what of the order is not what was sealed, in the words of the order.

        What addons look at that came after sealing, or left since, is no difference.
        """
        differences = self.env["order.policy.aspect"]._differences(manifest["order"], now["order"])
        return [
            self.env._(
                "%(order)s was altered in the database after it was sealed: %(what)s was “%(was)s”, and is “%(now)s”.",
                order=order.name,
                what=f"{subject}, {label}" if subject else label,
                was=was,
                now=is_now,
            )
            for subject, label, was, is_now in differences
        ]

    def _record_differences(self, now, manifest):
        comparable = self.env["order.policy.aspect"]._comparable
        present = {record["record"]: record["values"] for record in now["records"]}
        problems = []
        for record in manifest["records"]:
            values = present.get(record["record"])
            was = record["values"]
            if values is None or any(comparable(values.get(key)) != comparable(was[key]) for key in was):
                model = record["record"].split(",")[0]
                problems.append(
                    self.env._(
                        "%(kind)s no. %(id)s was altered or removed in the database after it was sealed.",
                        kind=self.env["ir.model"]._get(model).name,
                        id=record["record"].split(",")[1],
                    )
                )
        return problems

    def _altered_files(self, dossier):
        problems = []
        for item in dossier.item_ids:
            try:
                if item._hash() != item.sha256:
                    problems.append(self.env._("“%s” was altered: it is not the file that was sealed.", item.file_name))
            except OSError:
                continue  # that it is missing is told once, with what lacks
        return problems

    def _what_lacks(self, dossier):
        problems = []
        for item in dossier.item_ids:
            try:
                item._open_file().close()
            except OSError:
                problems.append(self.env._("“%s” is missing from the file store.", item.file_name))
        if not dossier.main_id and not dossier.missing_reason:
            lacking = dossier._lacking_documents()
            problems += [self.env._("The policy asks for %s, and there is none.", kind.name) for kind in lacking]
        return problems + self._gaps(dossier)

    def _gaps(self, dossier):
        """Numbers of a class and year run without gaps: the one before has to be there, also with another prefix."""
        stem, digits = NUMBER.fullmatch(dossier.name or "").groups()
        if not digits or int(digits) <= 1:
            return []
        before = int(digits) - 1
        alike = self.env["sale.order.dossier.seal"].search_fetch(
            [
                ("dossier_id.class_id", "=", dossier.class_id.id),
                ("company_id", "=", dossier.company_id.id),
                ("dossier_id.year", "=", dossier.year),
                ("number", "=like", f"%{before}"),
            ],
            ["number"],
        )
        if any(int(NUMBER.fullmatch(number)[2]) == before for number in alike.mapped("number")):
            return []
        missing = f"{stem}{before:0{len(digits)}d}"
        return [self.env._("The number before, %s, is missing from the register.", missing)]

    def _unusable_files(self, dossier):
        problems = []
        for item in dossier.item_ids.filtered(lambda item: not item.remark):
            try:
                problem = item._why_not_readable()
            except OSError:
                continue
            if problem:
                problems.append(f"“{item.file_name}”: {problem}.")
        return problems

    def _remarks(self, dossier):
        """Repeat what was known when the dossier was sealed: it is no new failure, and stays to be seen."""
        return [
            self.env._(
                "“%(file)s” was sealed with the remark: %(remark)s.",
                file=item.file_name,
                remark=self.env["order.policy.words"]._within_sentence(item.remark),
            )
            for item in dossier.item_ids
            if item.remark
        ]

    def _merges(self, dossier):
        """Name the contacts that were merged since the dossier was sealed: it proves what was decided on the former."""
        sealed = dossier.seal_id._sealed_content()
        return self.env["order.policy.merge"]._concerning(sealed)._in_words() if sealed else []

    def _insecure(self, dossier):
        problems = []
        if dossier.retention_years and not dossier.retain_until:
            problems.append(self.env._("It is not set how long the dossier is kept."))
        for item in dossier.item_ids:
            file = item.attachment_id
            if not file:
                continue
            if file.public or file.access_token:
                problems.append(self.env._("“%s” can be opened by people who are not entitled.", item.file_name))
            if (file.res_model, file.res_id) != (item._name, item.id):
                problems.append(self.env._("“%s” does not belong to the dossier any more.", item.file_name))
        return problems

    def _in_words(self):
        self.ensure_one()
        return "\n".join(filter(None, (self.authentic, self.complete, self.usable, self.secure)))

    def _tell_archivists(self):
        """Give an archivist of the company the task to look into what failed."""
        self.ensure_one()
        archivists = (
            self.env.ref("order_policy.group_order_policy_archivist")
            .sudo()
            .all_user_ids.filtered(
                lambda user: user.active and not user._is_superuser() and self.company_id in user.company_ids
            )
        )
        person = self.dossier_id.sealed_by_id & archivists or archivists[:1]
        self.dossier_id._message_log(body=self._in_words())
        if person:
            self.dossier_id.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("The dossier failed its check"),
                note=self._in_words(),
                user_id=person.id,
            )

    # ------------------------------------------------------------------
    # By itself
    # ------------------------------------------------------------------

    @api.model
    def _cron_check(self):
        """Look at the dossiers whose last check is longest ago, some every night (article 3.17)."""
        due = Domain("state", "=", "sealed") & (
            Domain("checked_on", "=", False) | Domain("checked_on", "<", f"today -{DAYS_BETWEEN_CHECKS}d")
        )
        Dossier = self.env["sale.order.dossier"]
        self.env["ir.cron"]._commit_progress(remaining=Dossier.search_count(due))
        while dossiers := Dossier.search(due, order="checked_on, id", limit=BATCH):
            for dossier in dossiers:
                self._check(dossier.with_prefetch())
            left = self.env["ir.cron"]._commit_progress(len(dossiers))
            self.env.invalidate_all()  # or the memory would grow with the archive
            if not left:
                break
