from odoo import fields, models


class SaleOrderDossier(models.Model):
    """What the seal of a dossier covers (article 3.17)."""

    _inherit = "sale.order.dossier"

    def _manifest(self, lacking):
        """Return what the seal covers, as plain data in the language of the archive.

        :param list lacking: what lacked when it was sealed, in words
        """
        self.ensure_one()
        self = self.with_context(lang=self._language())
        printable = self.item_ids._printable
        return {
            "format": "order_policy dossier 1",
            "kind": "supplement" if self.main_id else "dossier",
            "number": self.name,
            "title": printable(self.title),
            "fonds": self.company_id.name,
            "class": {"code": self.class_id.code, "name": self.class_id.name},
            "year": self.year,
            "retention": self._retention_in_words(),
            "retention_years": self.retention_years,
            "retain_until": fields.Date.to_string(self.retain_until) or None,
            "supplement_of": self.main_id.name or None,
            "agents": self._agents(),
            "times": self._times(),
            "missing": lacking,
            "missing_reason": printable(self.missing_reason or ""),
            "items": [item._manifest() for item in self.item_ids.sorted("number")],
            "order": self.env["order.policy.aspect"]._take_snapshots(self.order_id)[self.order_id],
            "records": self._records(),
            "sealed_by": self.env["order.policy.aspect"]._plain_value(self, "sealed_by_id"),
            "sealed_on": fields.Datetime.to_string(self.sealed_on),
        }

    def _agents(self):
        order = self.order_id
        agents = [
            (self.env._("Customer"), order.partner_id),
            (self.env._("Salesperson"), order.user_id),
            (self.env._("Entered By"), order.create_uid),
        ]
        return [{"role": role, "name": record.display_name} for role, record in agents if record]

    def _times(self):
        order = self.order_id
        times = [
            (self.env._("Received On"), order.received_on),
            (self.env._("Entered On"), order.create_date),
            (self.env._("Order Date"), order.date_order),
            (self.env._("Refused On"), order.policy_refused_by_id and order.policy_refused_on),
            (self.env._("Sealed On"), self.sealed_on),
        ]
        return [{"event": event, "time": fields.Datetime.to_string(time)} for event, time in times if time]

    def _records(self):
        """Return the decisions that the dossier proves, as they are stored, so that tampering with them shows."""
        order, Aspect = self.order_id, self.env["order.policy.aspect"]
        who_and_when = ("decided_by_id", "decided_for_id", "decided_on")
        decision = ("step_id", "department_id", "decision", *who_and_when, "comment", "digest")
        covered = [
            (order.review_ids, decision),
            (order.confirmation_ids, ("method", "confirmed_on", "contact", "note", "digest")),
            (order.change_ids, ("kind", "state", "reason_id", "note", "asked_on", "proposed_digest")),
        ]
        return [
            {
                "record": f"{record._name},{record.id}",
                "values": {name: Aspect._plain_value(record, name) for name in names},
            }
            for records, names in covered
            for record in records.sorted("id")
        ]
