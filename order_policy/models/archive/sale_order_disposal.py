from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

# What is asked for: fixed once somebody was asked to agree.
ASKED = frozenset({"reason", "dossier_ids", "company_id"})


class SaleOrderDisposal(models.Model):
    """A list of dossiers to dispose of after their term: asked by an archivist, agreed by somebody else (3.17)."""

    _name = "sale.order.disposal"
    _description = "Disposal of Dossiers"
    _inherit = [
        "order.policy.evidence.mixin",
        "order.policy.lock.mixin",
        "order.policy.letter.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "id desc"

    name = fields.Char("Number", required=True, readonly=True, copy=False, default=lambda self: self.env._("New"))
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="restrict"
    )
    state = fields.Selection(
        [("draft", "Draft"), ("asked", "To Be Agreed"), ("done", "Disposed Of"), ("refused", "Refused")],
        "Status",
        required=True,
        default="draft",
        readonly=True,
        tracking=True,
    )
    reason = fields.Text(help="Why nothing of it is needed any more.")
    dossier_ids = fields.Many2many(
        "sale.order.dossier",
        string="Dossiers",
        domain="[('state', '=', 'sealed'), ('company_id', '=', company_id), ('retain_until', '<', 'today')]",
    )
    asked_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    asked_on = fields.Datetime(readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_on = fields.Datetime(readonly=True)
    can_decide = fields.Boolean(compute="_compute_can_decide", exportable=False)

    @api.depends("state", "asked_by_id")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        for disposal in self:
            disposal.can_decide = disposal.state == "asked" and not disposal._refusal_to_decide()

    # ------------------------------------------------------------------
    # Asking and agreeing
    # ------------------------------------------------------------------

    def action_ask(self):
        """Ask for the disposal of dossiers whose term is over.

        :raise AccessError: for everybody but archivists
        :raise UserError: when the list is empty, or has a dossier that is to be kept longer
        """
        self.check_access("write")
        for disposal in self:
            disposal._check_state("draft")
            disposal._check_terms_are_over()
            # The person is an archivist (access rules).
            disposal.sudo().write({"state": "asked", "asked_by_id": self.env.uid, "asked_on": fields.Datetime.now()})
        return True

    def action_agree(self):
        """Agree to the disposal: the files are deleted, and the register keeps what they were.

        :raise AccessError: for who asked, and for people outside archive and supervision
        :raise UserError: when the list is not waiting, or has a dossier that is to be kept longer
        """
        self._check_may_decide()
        for disposal in self:
            disposal.sudo()._lock_or_refuse()
            disposal._check_state("asked")
            disposal._check_terms_are_over()
            # A second person of archive or supervision agrees.
            disposal.sudo()._dispose()
        return True

    def action_refuse(self):
        """Refuse the disposal: the dossiers stay.

        :raise AccessError: for who asked, and for people outside archive and supervision
        """
        self._check_may_decide()
        for disposal in self:
            disposal._check_state("asked")
            # A second person of archive or supervision refuses.
            disposal.sudo().write(
                {"state": "refused", "decided_by_id": self.env.uid, "decided_on": fields.Datetime.now()}
            )
        return True

    def _check_may_decide(self):
        self.check_access("read")
        for disposal in self:
            refusal = disposal._refusal_to_decide()
            if refusal:
                raise AccessError(refusal)

    def _refusal_to_decide(self):
        self.ensure_one()
        if not self.env.user.has_groups(
            "order_policy.group_order_policy_archivist,order_policy.group_order_policy_supervisor"
        ):
            return self.env._("Only an archivist or a supervisor agrees to a disposal.")
        return self.asked_by_id == self.env.user and self.env._(
            "%s was asked for by you. Somebody else, of archive or supervision, has to agree.", self.name
        )

    def _check_state(self, state):
        if self.state != state:
            raise UserError(
                self.env._("%s is not waiting for this any more. Nothing was done. Reload the page.", self.name)
            )

    def _check_terms_are_over(self):
        dossiers = self.sudo().dossier_ids  # all that is on the list, whoever looks at it
        if not dossiers:
            raise UserError(self.env._("Choose the dossiers to dispose of."))
        today, obstacles = fields.Date.context_today(self), []
        for dossier in dossiers:
            supplements = dossier.supplement_ids - dossiers
            if dossier.state != "sealed" or dossier.company_id != self.company_id:
                obstacles.append(self.env._("%s is not a sealed dossier of this company.", dossier.display_name))
            elif not dossier.retain_until:
                obstacles.append(self.env._("%s is kept for ever.", dossier.name))
            elif dossier.retain_until >= today:
                obstacles.append(
                    self.env._(
                        "%(dossier)s is kept until %(day)s.",
                        dossier=dossier.name,
                        day=self.env["order.policy.words"]._day_in_words(dossier.retain_until),
                    )
                )
            elif supplements.filtered(lambda supplement: supplement.state != "disposed"):
                obstacles.append(self.env._("%s has a supplement, which is not on the list.", dossier.name))
        if obstacles:
            raise UserError("\n".join(obstacles))

    def _dispose(self):
        self.ensure_one()
        Seal = self.env["sale.order.dossier.seal"]
        chain = Seal._lock_chain(self.company_id)
        self.write(
            {
                "name": self.env["ir.sequence"].with_company(self.company_id).next_by_code(self._name),
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
                "state": "done",
            }
        )
        Seal._add(chain, "disposal", self._manifest(), disposal_id=self.id)
        self.dossier_ids.state = "disposed"
        self._delete_files()

    def _manifest(self):
        """Return what the register keeps of a disposal."""
        return {
            "format": "order_policy disposal 1",
            "kind": "disposal",
            "number": self.name,
            "reason": self.reason or "",
            "asked_by": self.asked_by_id.name,
            "asked_on": fields.Datetime.to_string(self.asked_on),
            "agreed_by": self.decided_by_id.name,
            "agreed_on": fields.Datetime.to_string(self.decided_on),
            "dossiers": [
                {"number": dossier.name, "title": dossier.title, "hash": dossier.seal}
                for dossier in self.dossier_ids.sorted("name")
            ],
        }

    def _delete_files(self):
        """Delete the sealed files, and those of the orders that they were copied from; the list of papers stays.

        Invoices, payments and deliveries keep theirs: they have terms of their own. So do papers that are in other
        dossiers too, such as a letter about two orders.
        """
        items = self.dossier_ids.item_ids
        own = items.source_file_id._of_orders()
        (items.attachment_id | (own & own._disposed_of())).unlink()

    # ------------------------------------------------------------------
    # Protection
    # ------------------------------------------------------------------

    @api.model
    def _client_fields(self):
        return ASKED

    @api.model
    def _clients_create(self):
        return True

    def write(self, vals):
        if ASKED & vals.keys():
            for disposal in self:
                disposal._check_state("draft")
        return super().write(vals)

    def _check_can_be_deleted(self):
        for disposal in self:
            disposal._check_state("draft")

    def _with_lasting_messages(self):
        return self.filtered(lambda disposal: disposal.state != "draft")
