from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_list

# What may still change once a dossier is sealed: that it was disposed of.
AFTERWARDS = frozenset({"state"})


class SaleOrderDossier(models.Model):
    """Everything that proves how an order was handled, in one place (articles 2.15, 2.16, 3.16, 3.17).

    While it is open it lists what is there and what lacks. An archivist seals it: from then on it has a number, its
    files are copies of its own, and nothing of it changes any more. What arrives later goes into a supplement.
    """

    _name = "sale.order.dossier"
    _description = "Order Dossier"
    _inherit = [
        "order.policy.evidence.mixin",
        "order.policy.lock.mixin",
        "order.policy.backlog.mixin",
        "order.policy.letter.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "id desc"

    name = fields.Char("Archive Number", required=True, readonly=True, copy=False, index="trigram")
    title = fields.Char(required=True, help="What the dossier is about, as it is called in the archive.")
    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, precompute=True, index=True)
    partner_id = fields.Many2one(
        related="order_id.partner_id", string="Customer", store=True, precompute=True, index=True
    )
    salesperson_id = fields.Many2one(related="order_id.user_id", string="Salesperson")
    main_id = fields.Many2one(
        "sale.order.dossier",
        "Supplement Of",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The sealed dossier that this one adds later papers to.",
    )
    supplement_ids = fields.One2many("sale.order.dossier", "main_id", "Supplements", readonly=True)
    state = fields.Selection(
        [("open", "Being Gathered"), ("sealed", "Sealed"), ("disposed", "Disposed Of")],
        "Status",
        required=True,
        default="open",
        readonly=True,
        index=True,
        tracking=True,
    )
    class_id = fields.Many2one(
        "order.policy.dossier.class",
        domain="[('company_id', 'in', (False, company_id))]",
        index=True,
        ondelete="restrict",
        help="Decides on the number of the dossier, and on how long it is kept.",
    )
    item_ids = fields.One2many("sale.order.dossier.item", "dossier_id", "Papers")
    listing = fields.Integer(
        "Changes of the List",
        readonly=True,
        aggregator=None,
        help="How often papers were listed or left the list.",
        exportable=False,
    )
    item_count = fields.Integer("Number of Papers", compute="_compute_item_count", compute_sudo=True)
    completeness_html = fields.Html(
        "Completeness", compute="_compute_completeness_html", sanitize=False, compute_sudo=True
    )
    is_complete = fields.Boolean(
        "All There",
        compute="_compute_is_complete",
        compute_sudo=True,
        help="All papers that the policy asks for are there, and the order is done.",
    )
    missing_reason = fields.Char(
        "Sealed Incomplete Because",
        help="Why the dossier is sealed although papers lack, or the order is not finished.",
    )
    year = fields.Integer(readonly=True, aggregator=None, help="In which the dossier was sealed.")
    retention_years = fields.Integer(readonly=True, aggregator=None, help="0 when it is kept for ever.")
    retention = fields.Char(compute="_compute_retention", help="How long the dossier is kept after it was sealed.")
    retain_until = fields.Date("Kept Until", readonly=True, index="btree_not_null", help="Empty when kept for ever.")
    content_digest = fields.Char(readonly=True, exportable=False)
    sealed_on = fields.Datetime(readonly=True)
    sealed_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    seal_id = fields.Many2one(
        "sale.order.dossier.seal", "Line of the Register", compute="_compute_seal_id", compute_sudo=True
    )
    seal = fields.Char("Seal Code", compute="_compute_seal_id", compute_sudo=True)
    disposal_ids = fields.Many2many("sale.order.disposal", string="Disposals", readonly=True)
    check_ids = fields.One2many("sale.order.dossier.check", "dossier_id", "Checks", readonly=True)
    check_state = fields.Selection(
        [("pass", "Passed"), ("fail", "Failed")],
        "Last Check",
        compute="_compute_check_state",
        store=True,
        index="btree_not_null",
    )
    checked_on = fields.Datetime("Last Checked", compute="_compute_check_state", store=True)
    reading_ids = fields.One2many(
        "sale.order.dossier.reading",
        "dossier_id",
        "Readings",
        readonly=True,
        groups="order_policy.group_order_policy_archivist,order_policy.group_order_policy_supervisor",
    )
    product_id = fields.Many2one(related="order_id.order_line.product_id", string="Product")
    text = fields.Char(
        "Text of Papers", compute="_compute_text", search="_search_text", help="What Odoo indexed of the files."
    )
    can_archive = fields.Boolean(compute="_compute_can_archive", exportable=False)

    _main_unique = models.UniqueIndex(
        "(order_id) WHERE main_id IS NULL", "This order has a dossier already. Reload the page."
    )
    _supplement_unique = models.UniqueIndex(
        "(main_id) WHERE main_id IS NOT NULL AND state = 'open'",
        "A supplement of this dossier is being gathered already. Reload the page.",
    )
    _to_check = models.Index("(checked_on NULLS FIRST) WHERE state = 'sealed'")

    @api.depends("name", "title")
    def _compute_display_name(self):
        for dossier in self:
            dossier.display_name = f"{dossier.name} {dossier.title}" if dossier.state != "open" else dossier.title

    def _compute_item_count(self):
        of_these = [("dossier_id", "in", self.ids)]
        counts = dict(self.env["sale.order.dossier.item"]._read_group(of_these, ["dossier_id"], ["__count"]))
        for dossier in self:
            dossier.item_count = counts.get(dossier, 0)

    @api.depends("state")
    def _compute_seal_id(self):
        seals = self.env["sale.order.dossier.seal"].search([("dossier_id", "in", self.ids)]).grouped("dossier_id")
        for dossier in self:
            dossier.seal_id = seals.get(dossier)
            dossier.seal = dossier.seal_id.hash

    @api.depends("state", "retention_years")
    @api.depends_context("lang")
    def _compute_retention(self):
        for dossier in self:
            dossier.retention = dossier.state != "open" and dossier._retention_in_words()

    def _retention_in_words(self):
        if not self.retention_years:
            return self.env._("Permanent")
        return self.env._("%s years", self.retention_years)

    @api.depends("check_ids.state")
    def _compute_check_state(self):
        for dossier in self:
            last = dossier.check_ids.sorted("id")[-1:]
            dossier.check_state, dossier.checked_on = last.state, last.checked_on

    @api.depends_context("uid")
    def _compute_can_archive(self):
        archivist = self.env.user.has_group("order_policy.group_order_policy_archivist")
        for dossier in self:
            dossier.can_archive = archivist

    def _compute_text(self):
        self.text = False

    @api.model
    def _search_text(self, operator, value):
        if operator not in ("ilike", "like", "="):
            return NotImplemented
        # Who sees a dossier may look for words in it.
        files = fields.Domain("attachment_id", "any!", [("index_content", operator, value)])
        return fields.Domain("item_ids", "any!", files)

    # ------------------------------------------------------------------
    # Sealing
    # ------------------------------------------------------------------

    def action_seal(self):
        """Seal dossiers: each gets its number, its files, and a seal that covers the one before (articles 3.16, 3.17).

        :raise AccessError: for everybody but archivists
        :raise UserError: with all that is in the way: no class, nothing in it, papers lack and no reason is given
        """
        self.check_access("write")
        # The person is an archivist (access rules): what is sealed is for nobody to choose.
        dossiers = self.sudo().sorted("id")
        dossiers._lock_or_refuse()
        for order in dossiers.order_id.filtered("policy_copies_due"):
            # They would be filed by themselves soon, but too late for this dossier.
            order._lock_or_refuse()
            dossiers.env["order.policy.document"]._file_order_copies(order)
        dossiers._gather()
        dossiers._check_can_be_sealed()
        dossiers.item_ids._take_files()
        for company, of_company in dossiers.grouped("company_id").items():
            chain = self.env["sale.order.dossier.seal"]._lock_chain(company)
            for dossier in of_company:
                dossier._seal(chain)
        return True

    def _check_can_be_sealed(self):
        obstacles = []
        for dossier in self:
            lacking = dossier._what_lacks()
            if dossier.state != "open":
                obstacles.append(self.env._("%s is sealed already. Reload the page.", dossier.display_name))
            elif dossier.order_id.state not in ("sale", "cancel"):
                obstacles.append(
                    self.env._("%s is still a quotation. A dossier is sealed when its order is done.", dossier.title)
                )
            elif dossier.order_id.change_under_way:
                obstacles.append(
                    self.env._("%s: a request of its order is under way. Settle or withdraw it first.", dossier.title)
                )
            elif not dossier.class_id:
                obstacles.append(self.env._("%s: choose the class in which it is filed.", dossier.title))
            elif not dossier.item_ids:
                obstacles.append(self.env._("%s: there is no paper in it.", dossier.title))
            elif lacking and not (dossier.missing_reason or "").strip():
                obstacles.append(
                    self.env._(
                        "%(dossier)s is incomplete: %(lacking)s. Add what lacks, or say why it is sealed without.",
                        dossier=dossier.title,
                        lacking=format_list(self.env, lacking),
                    )
                )
        if obstacles:
            raise UserError("\n".join(obstacles))

    def _seal(self, chain):
        self.ensure_one()
        now = fields.Datetime.now()
        year = fields.Datetime.context_timestamp(self, now).year
        lacking = self.with_context(lang=self._language())._what_lacks()
        self.write(
            {
                "name": self.class_id._next_number(self.company_id, year),
                "year": year,
                "retention_years": self.class_id._years_to_keep(),
                "retain_until": self.class_id._retain_until(year),
                "missing_reason": self.missing_reason if lacking else False,
                "content_digest": self.order_id.content_digest,
                "sealed_on": now,
                "sealed_by_id": self.env.uid,
            }
        )
        self.item_ids._take_numbers()
        self.env["sale.order.dossier.seal"]._add(
            chain, "supplement" if self.main_id else "dossier", self._manifest(lacking), dossier_id=self.id
        )
        self.state = "sealed"
        self.order_id._message_log(body=self.env._("Archived under %s.", self.name))

    def action_check(self):
        """Check sealed dossiers: are they authentic, complete, usable and secure (四性检测, article 3.17).

        :raise AccessError: for everybody but archivists
        """
        self.check_access("write")
        # The person is an archivist (access rules); the outcome is for nobody to choose.
        self.env["sale.order.dossier.check"]._check(self.sudo())
        return True

    def action_export(self):
        """Download sealed dossiers as a ZIP, with what it takes to check them without Odoo.

        :raise AccessError: for people outside archive and supervision
        :raise UserError: when one of the dossiers is not sealed
        """
        self._check_can_be_exported()
        # The person may have them. They may be more than an address can hold.
        export = self.env["sale.order.dossier.export"].sudo().create({"dossier_ids": [Command.set(self.ids)]})
        return {"type": "ir.actions.act_url", "url": f"/order_policy/exports/{export.id}", "target": "download"}

    def _check_can_be_exported(self):
        self.check_access("read")
        if not self.env.user.has_groups(
            "order_policy.group_order_policy_archivist,order_policy.group_order_policy_supervisor"
        ):
            raise AccessError(self.env._("Only archivists and supervisors export dossiers. Ask one of them."))
        for dossier in self.filtered(lambda dossier: dossier.state != "sealed"):
            raise UserError(
                self.env._("%s is not sealed, or was disposed of: there is nothing to export.", dossier.display_name)
            )
        if len(self.company_id) > 1:
            raise UserError(self.env._("Export the dossiers of one company at a time: each has its own register."))

    # ------------------------------------------------------------------
    # Supplements
    # ------------------------------------------------------------------

    def action_supplement(self):
        """Open the supplement of a sealed dossier, for papers that arrived later.

        :return: action that opens it
        :raise UserError: when the dossier is not sealed, or there is nothing new
        """
        self.ensure_one()
        self.check_access("write")
        main = self.main_id or self
        if main.state != "sealed":
            raise UserError(self.env._("%s is not sealed: papers are added to it directly.", main.display_name))
        supplement = main.supplement_ids.filtered(lambda dossier: dossier.state == "open")
        if not supplement:
            # The person is an archivist (access rules).
            supplement = self.sudo()._create_first(
                self.sudo()._prepare_values(main.sudo().order_id, main_id=main.id, class_id=main.class_id.id)
            )
        supplement.sudo()._gather()
        return supplement._get_records_action()

    # ------------------------------------------------------------------
    # Protection
    # ------------------------------------------------------------------

    @api.model
    def _client_fields(self):
        return frozenset({"title", "class_id", "missing_reason", "item_ids"})

    def write(self, vals):
        own = {name for name in vals if (self._fields[name]._module or "").startswith("order_policy")}
        if own - AFTERWARDS or vals.get("state") == "open":
            self._check_are_open()
        if vals.get("state") == "disposed":
            self._check_disposal_is_agreed()
        return super().write(vals)

    def _check_are_open(self):
        """
        :raise UserError: when one of the dossiers is sealed, and so may not change any more
        """
        for dossier in self.filtered(lambda dossier: dossier.state != "open"):
            raise UserError(
                self.env._(
                    "%s is sealed: nothing of it can be changed or deleted, by anybody. "
                    "Papers that arrived later go into a supplement.",
                    dossier.display_name,
                )
            )

    def _check_disposal_is_agreed(self):
        """
        :raise UserError: when nobody agreed to the disposal of one of the dossiers
        """
        for dossier in self.filtered(lambda dossier: "done" not in dossier.disposal_ids.mapped("state")):
            raise UserError(
                self.env._(
                    "%s is disposed of only after its term, on a list to which a second person agreed.",
                    dossier.display_name,
                )
            )

    def _check_can_be_deleted(self):
        raise UserError(self.env._("Dossiers are kept with their order. They are disposed of after their term."))

    def _with_lasting_messages(self):
        return self

    # ------------------------------------------------------------------
    # Opening by itself
    # ------------------------------------------------------------------

    @api.model
    def _cron_open(self):
        """Open the dossiers of the orders that are done, cancelled or refused (articles 2.15, 3.16)."""
        self._work_off()

    @api.model
    def _job(self):
        return self.env.ref("order_policy.ir_cron_open_dossiers")

    @api.model
    def _do_job(self, order, prepared):
        self._open(order)

    @api.model
    def _job_domain(self):
        Domain = fields.Domain
        handled = Domain("review_ids", "!=", False) | Domain("policy_refused_by_id", "!=", False)
        ended = Domain("state", "=", "cancel") & handled
        return (
            Domain("policy_id", "!=", False)
            & Domain("dossier_id", "=", False)
            & (Domain("policy_stage", "=", "completed") | ended)
        )
