from odoo import api, fields, models
from odoo.exceptions import UserError

# What may still change once a dossier is sealed: the outcome of checks, and that it was disposed of.
AFTERWARDS = frozenset({"check_state", "checked_on", "state", "disposal_id"})


class SaleOrderDossier(models.Model):
    """Everything that proves how an order was handled, in one place (articles 2.15, 2.16, 3.16, 3.17).

    While it is open it lists what is there and what lacks. An archivist seals it: from then on it has a number, its
    files are copies of its own, and nothing of it changes any more. What arrives later goes into a supplement.
    """

    _name = "sale.order.dossier"
    _description = "Order Dossier"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char("Archive Number", required=True, readonly=True, copy=False, index="trigram")
    title = fields.Char(required=True, help="What the dossier is about, as it is called in the archive.")
    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True, index=True, ondelete="restrict")
    salesperson_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
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
    item_count = fields.Integer("Number of Papers", compute="_compute_item_count", compute_sudo=True)
    completeness_html = fields.Html("Completeness", compute="_compute_completeness", sanitize=False, compute_sudo=True)
    is_complete = fields.Boolean(
        "Complete",
        compute="_compute_completeness",
        compute_sudo=True,
        help="All papers that the policy asks for are there.",
    )
    missing_reason = fields.Char(
        "Sealed Incomplete Because",
        help="Why the dossier is sealed although papers lack, or the order is not finished.",
    )
    year = fields.Integer(readonly=True, aggregator=None, help="In which the dossier was sealed.")
    retention = fields.Char(readonly=True)
    retain_until = fields.Date("Kept Until", readonly=True, index="btree_not_null", help="Empty when kept for ever.")
    content_digest = fields.Char(readonly=True)
    sealed_on = fields.Datetime(readonly=True)
    sealed_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    seal_id = fields.Many2one(
        "sale.order.dossier.seal", "Line of the Register", compute="_compute_seal_id", compute_sudo=True
    )
    seal = fields.Char(compute="_compute_seal_id", compute_sudo=True)
    disposal_id = fields.Many2one("sale.order.disposal", readonly=True, index="btree_not_null", ondelete="restrict")
    check_ids = fields.One2many("sale.order.dossier.check", "dossier_id", "Checks", readonly=True)
    check_state = fields.Selection(
        [("pass", "Passed"), ("fail", "Failed")], "Last Check", readonly=True, index="btree_not_null"
    )
    checked_on = fields.Datetime("Last Checked", readonly=True, index="btree_not_null")
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
    can_archive = fields.Boolean(compute="_compute_can_archive")

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

    def _compute_seal_id(self):
        seals = self.env["sale.order.dossier.seal"].search([("dossier_id", "in", self.ids)]).grouped("dossier_id")
        for dossier in self:
            dossier.seal_id = seals.get(dossier)
            dossier.seal = dossier.seal_id.hash

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
    # Opening and gathering
    # ------------------------------------------------------------------

    @api.model
    def _open(self, orders):
        """Open the dossiers of orders that have none, and fill them.

        :param orders: sale.order records in superuser mode
        """
        dossiers = self.sudo().create([self._prepare_values(order) for order in orders])
        dossiers._gather()
        return dossiers

    def _prepare_values(self, order, **values):
        return {
            "name": self.env._("New"),
            "title": self.env._("%(order)s, %(customer)s", order=order.name, customer=order.partner_id.display_name),
            "order_id": order.id,
            "company_id": order.company_id.id,
            "partner_id": order.partner_id.id,
            "salesperson_id": order.user_id.id,
            "class_id": self.env["order.policy.dossier.class"].sudo()._propose(order).id,
            **values,
        }

    def action_gather(self):
        """Bring the list of papers up to what is on the order, its requests, deliveries, invoices and payments."""
        self.check_access("read")
        # It lists what is there: nothing is decided.
        self.sudo()._gather()
        return True

    def _gather(self):
        """List what belongs into open dossiers and is not listed yet; drop what is not there any more."""
        for dossier in self.filtered(lambda dossier: dossier.state == "open"):
            sources = {source["source"]: source for source in dossier._sources()}
            known = dossier._sealed_before().item_ids.filtered("source").mapped("source")
            present = dossier.item_ids.grouped("source")
            gone = [item for source, items in present.items() if source not in sources for item in items]
            self.env["sale.order.dossier.item"].concat(*gone).unlink()
            self.env["sale.order.dossier.item"].create(
                [
                    {"dossier_id": dossier.id, **values}
                    for source, values in sources.items()
                    if source not in present and source not in known
                ]
            )

    def _sealed_before(self):
        """Return the sealed dossiers to which this one is a supplement."""
        self.ensure_one()
        return (self.main_id | self.main_id.supplement_ids) - self

    def _sources(self):
        """Return what belongs into the dossier: files that are there, and papers to print. Other addons add theirs.

        :return: list of values of items
        """
        self.ensure_one()
        order, Item = self.order_id, self.env["sale.order.dossier.item"]
        sources = Item._from_files(order, "other") + Item._from_files(self | self._sealed_before(), "other")
        if order.review_ids:
            sources.append(Item._from_report(order, "order_policy.action_report_review_sheet", "review_sheet"))
        sources += Item._from_files(order.confirmation_ids, "confirmation")
        messages = order.confirmation_ids.message_id
        sources += [Item._from_file(file, "confirmation") for file in messages.attachment_ids]
        requests = order.change_ids.filtered(lambda change: change.state not in ("draft", "withdrawn"))
        for change in requests:
            sources.append(Item._from_report(change, "order_policy.action_report_change_request", "application"))
        sources += Item._from_files(requests, "application")
        sources += [Item._from_file(file, "application") for file in requests.application_ids]
        return sources + self._accounting_sources()

    def _accounting_sources(self):
        Item = self.env["sale.order.dossier.item"]
        invoices = self.order_id.invoice_ids.filtered(lambda move: move.state == "posted").sorted("id")
        sources = []
        for invoice in invoices:
            if invoice.invoice_pdf_report_id:
                sources.append(Item._from_file(invoice.invoice_pdf_report_id, "invoice"))
            else:
                sources.append(Item._from_report(invoice, "account.account_invoices", "invoice"))
        payments = invoices.matched_payment_ids.filtered(lambda payment: payment.state in ("in_process", "paid"))
        sources += [
            Item._from_report(payment, "account.action_report_payment_receipt", "payment") for payment in payments
        ]
        return sources + Item._from_files(invoices, "invoice") + Item._from_files(payments, "payment")

    # ------------------------------------------------------------------
    # What lacks, and who has it
    # ------------------------------------------------------------------

    @api.depends("item_ids.document_id", "state")
    @api.depends_context("lang")
    def _compute_completeness(self):
        for dossier in self:
            if dossier.state != "open" or dossier.main_id:
                dossier.is_complete = not dossier.missing_reason
                dossier.completeness_html = False
                continue
            rows = dossier._completeness()
            dossier.is_complete = not dossier._what_lacks()
            dossier.completeness_html = self.env["ir.qweb"]._render(
                "order_policy.dossier_completeness", {"rows": rows, "unfinished": dossier._unfinished()}
            )

    def _completeness(self):
        """Return the kinds of paper that the dossier has or should have.

        :return: list of dicts with ``kind``, ``count`` of papers, whether it ``lacks``, and ``holder``, who has it
        """
        self.ensure_one()
        required = self._required_documents()
        items = self.item_ids.grouped("document_id")
        kinds = (required | self.item_ids.document_id).sorted(lambda kind: (kind.sequence, kind.id))
        return [
            {
                "kind": kind.name,
                "count": len(items.get(kind, ())),
                "lacks": kind in required and kind not in items,
                "required": kind in required,
                "holder": kind not in items and kind._holder_in_words(self.order_id),
            }
            for kind in kinds
        ]

    def _required_documents(self):
        """Return the kinds of paper that the policy of the order wants in the archive."""
        self.ensure_one()
        order = self.order_id
        return order.policy_id._archive_requirements()._for_archive(order).document_id

    def _unfinished(self):
        """Tell that the order goes on still, or return False when it is done, cancelled or refused."""
        order = self.order_id
        if self.main_id or order.state == "cancel" or order._is_completed():
            return False
        return self.env._("%s is not delivered, invoiced and paid in full", order.name)

    def _what_lacks(self):
        """Return what keeps a dossier from being complete, as a list of words."""
        self.ensure_one()
        if self.main_id:
            return []
        lacking = [row["kind"] for row in self._completeness() if row["lacks"]]
        unfinished = self._unfinished()
        return [unfinished, *lacking] if unfinished else lacking

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
                        lacking=", ".join(lacking),
                    )
                )
        if obstacles:
            raise UserError("\n".join(obstacles))

    def _seal(self, chain):
        self.ensure_one()
        now = fields.Datetime.now()
        year = fields.Datetime.context_timestamp(self, now).year
        self.write(
            {
                "name": self.class_id._next_number(self.company_id, year),
                "year": year,
                "retention": self.class_id._retention_in_words(),
                "retain_until": self.class_id._retain_until(year),
                "missing_reason": self.missing_reason if self._what_lacks() else False,
                "content_digest": self.order_id.content_digest,
                "sealed_on": now,
                "sealed_by_id": self.env.uid,
            }
        )
        self.item_ids._take_numbers()
        kind = "supplement" if self.main_id else "dossier"
        manifest = self._manifest(kind, self._what_lacks())
        self.env["sale.order.dossier.seal"]._add(chain, kind, manifest, dossier_id=self.id)
        self.state = "sealed"
        self.order_id._message_log(body=self.env._("Archived under %s.", self.name))

    def _manifest(self, kind, lacking):
        """Return what the seal covers, as plain data; see the description of the exported files.

        :param str kind: ``dossier`` or ``supplement``
        :param list lacking: what lacked when it was sealed, in words
        """
        self.ensure_one()
        return {
            "format": "order_policy dossier 1",
            "kind": kind,
            "number": self.name,
            "title": self.item_ids._printable(self.title),
            "fonds": self.company_id.name,
            "class": {"code": self.class_id.code, "name": self.class_id.name},
            "year": self.year,
            "retention": self.retention,
            "retain_until": fields.Date.to_string(self.retain_until) or None,
            "supplement_of": self.main_id.name or None,
            "agents": self._agents(),
            "times": self._times(),
            "missing": lacking,
            "missing_reason": self.item_ids._printable(self.missing_reason or ""),
            "items": [item._manifest() for item in self.item_ids.sorted("number")],
            "order": self.env["order.policy.aspect"]._take_snapshots(self.order_id)[self.order_id],
            "records": self._records(),
            "sealed_by": self.sealed_by_id.name,
            "sealed_on": fields.Datetime.to_string(self.sealed_on),
        }

    def _agents(self):
        order = self.order_id
        agents = [("customer", order.partner_id), ("salesperson", order.user_id), ("entered by", order.create_uid)]
        return [{"role": role, "name": record.display_name} for role, record in agents if record]

    def _times(self):
        order = self.order_id
        times = [
            ("received", order.received_on), ("entered", order.create_date), ("ordered", order.date_order),
            ("cancelled or refused", order.policy_refused_on), ("sealed", self.sealed_on),
        ]  # fmt: skip
        return [{"event": event, "time": fields.Datetime.to_string(time)} for event, time in times if time]

    def _records(self):
        """Return the decisions that the dossier proves, as they are stored, so that tampering with them shows."""
        order, Aspect = self.order_id, self.env["order.policy.aspect"]
        decision = ("step_id", "department_id", "decision", "decided_by_id", "decided_on", "comment", "digest")
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

    def action_check(self):
        """Check sealed dossiers: are they authentic, complete, usable and secure (四性检测, article 3.17).

        :raise AccessError: for everybody but archivists
        """
        self.check_access("write")
        # The person is an archivist (access rules); the outcome is for nobody to choose.
        self.env["sale.order.dossier.check"]._check(self.sudo())
        return True

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
            supplement = self.sudo().create(
                self.sudo()._prepare_values(main.sudo().order_id, main_id=main.id, class_id=main.class_id.id)
            )
        supplement.sudo()._gather()
        return supplement._get_records_action()

    # ------------------------------------------------------------------
    # Protection
    # ------------------------------------------------------------------

    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and (field._module or "").startswith("order_policy"):
            return field.name in ("title", "class_id", "missing_reason", "item_ids")
        return super()._has_field_access(field, operation)

    def write(self, vals):
        own = {name for name in vals if (self._fields[name]._module or "").startswith("order_policy")}
        if own - AFTERWARDS or (vals.get("state") == "open"):
            self._check_are_open()
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

    @api.ondelete(at_uninstall=True)
    def _unlink_never(self):
        raise UserError(self.env._("Dossiers are kept with their order. They are disposed of after their term."))

    # ------------------------------------------------------------------
    # Opening by itself
    # ------------------------------------------------------------------

    @api.model
    def _cron_open(self):
        """Open the dossiers of the orders that are done, cancelled or refused (articles 2.15, 3.16)."""
        orders = self.env["sale.order"].search(self._done_domain())
        self.env["ir.cron"]._commit_progress(remaining=len(orders))
        for order in orders:
            order = order[0].try_lock_for_update().filtered_domain(self._done_domain())  # somebody else may have it
            if order:
                self._open(order)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _done_domain(self):
        Domain = fields.Domain
        handled = Domain("review_ids", "!=", False) | Domain("policy_refused_by_id", "!=", False)
        ended = Domain("state", "=", "cancel") & handled
        return (
            Domain("policy_id", "!=", False)
            & Domain("dossier_id", "=", False)
            & (Domain("policy_stage", "=", "completed") | ended)
        )
