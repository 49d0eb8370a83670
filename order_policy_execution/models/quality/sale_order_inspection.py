from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_list

# What whoever inspects enters until it is decided.
ENTERED = frozenset({"quantity", "rejected_qty", "faulty_qty", "lot_name", "note", "photo_ids", "line_ids"})
# Decisions by which goods may leave.
RELEASING = ("released", "concession", "later")


class SaleOrderInspection(models.Model):
    """Quality's decision that lets goods of an order leave (articles 1.8, 1.9, 3.10).

    Asked for as soon as an order is confirmed, for what of it is not released yet; whoever inspects enters what was
    found and decides. What is rejected is asked for again: a line has as many rounds as it takes, and all of them stay.
    Quantities are in the unit of the order line.
    """

    _name = "sale.order.inspection"
    _description = "Inspection"
    _inherit = ["order.policy.believable.mixin", "order.policy.evidence.mixin"]
    _order = "id desc"

    name = fields.Char("Number", readonly=True, copy=False, help="Given when it is decided; the certificate bears it.")
    order_line_id = fields.Many2one("sale.order.line", required=True, readonly=True, index=True, ondelete="restrict")
    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="order_id.company_id", store=True, precompute=True, index=True)
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    commitment_date = fields.Datetime(related="order_id.commitment_date", string="Promised")
    product_id = fields.Many2one("product.product", required=True, readonly=True, index=True, ondelete="restrict")
    product_uom_id = fields.Many2one("uom.uom", "Unit", required=True, readonly=True, ondelete="restrict")
    plan_id = fields.Many2one("order.policy.inspection", required=True, readonly=True, ondelete="restrict")
    department_id = fields.Many2one(
        "order.policy.department", required=True, readonly=True, index=True, ondelete="restrict"
    )
    instruction = fields.Text(related="plan_id.instruction")
    state = fields.Selection(
        [
            ("todo", "To Inspect"),
            ("released", "Released"),
            ("later", "Released Before Inspection"),
            ("concession", "Concession"),
            ("rework", "Rework"),
            ("scrap", "Scrap"),
            ("dropped", "Not Needed Any More"),
        ],
        "Decision",
        required=True,
        default="todo",
        readonly=True,
        index=True,
    )
    round = fields.Integer(readonly=True, default=1, help="How often this order line was presented for inspection.")
    due_for_id = fields.Many2one(
        "sale.order.inspection",
        "Left Already By",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The decision by which these goods may leave before they are inspected.",
    )
    due_ids = fields.One2many("sale.order.inspection", "due_for_id", "Inspected Later", readonly=True)

    # What is inspected, and what was found
    quantity = fields.Float(
        digits="Product Unit", required=True, help="How much is presented. The rest is asked for by itself."
    )
    lot_name = fields.Char("Lot or Serial Number", help="Only this lot is released, where products are tracked.")
    sample_size = fields.Float("Sample", compute="_compute_sample", store=True, digits="Product Unit")
    accept_most = fields.Integer(
        "Accepted With", compute="_compute_sample", store=True, help="Most faulty pieces in the sample."
    )
    faulty_qty = fields.Integer("Faulty in the Sample", help="As far as the measured values below do not say it.")
    rejected_qty = fields.Float("Rejected", digits="Product Unit", help="Does not leave: reworked or replaced.")
    accepted_qty = fields.Float("Accepted", compute="_compute_accepted_qty", store=True, digits="Product Unit")
    released_qty = fields.Float("Released", compute="_compute_released_qty", store=True, digits="Product Unit")
    line_ids = fields.One2many("sale.order.inspection.line", "inspection_id", "Measured Values")
    photo_ids = fields.Many2many("ir.attachment", "sale_order_inspection_photo_rel", string="Photographs")
    note = fields.Text("Findings")

    # What was decided
    decided_by_id = fields.Many2one("res.users", "Inspector", readonly=True, index=True, ondelete="restrict")
    decided_on = fields.Datetime(readonly=True)
    reason = fields.Text(readonly=True)
    agreement = fields.Text("Customer's Agreement", readonly=True, help="What the customer said or wrote to it.")
    agreement_ids = fields.Many2many(
        "ir.attachment", "sale_order_inspection_agreement_rel", string="Customer's Papers", readonly=True
    )
    can_inspect = fields.Boolean(compute="_compute_can_decide", exportable=False)
    can_concede = fields.Boolean(compute="_compute_can_decide", exportable=False)

    _to_do = models.Index("(department_id, id) WHERE state = 'todo'")
    _quantity_positive = models.Constraint(
        "CHECK(quantity > 0)", "At least something is inspected. Enter a quantity above zero."
    )

    @api.depends("name", "order_id.name", "product_id.display_name")
    def _compute_display_name(self):
        for inspection in self:
            parts = (inspection.name, inspection.order_id.sudo().name, inspection.product_id.display_name)
            inspection.display_name = " · ".join(part for part in parts if part)

    @api.depends("quantity", "plan_id")
    def _compute_sample(self):
        for inspection in self:
            sample = inspection.plan_id and inspection.plan_id._sample_of(inspection.quantity)
            inspection.sample_size, inspection.accept_most = sample or (0.0, 0)

    @api.depends("quantity", "rejected_qty")
    def _compute_accepted_qty(self):
        for inspection in self:
            inspection.accepted_qty = inspection.quantity - inspection.rejected_qty

    @api.depends("state", "quantity", "accepted_qty", "due_ids.state")
    def _compute_released_qty(self):
        """What left before its inspection counts by that once it is decided."""
        for inspection in self:
            inspection.released_qty = {
                "released": inspection.accepted_qty,
                "concession": inspection.quantity,
                "later": 0.0 if inspection.due_ids._decided() else inspection.quantity,
            }.get(inspection.state, 0.0)

    @api.depends("state", "department_id")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        user = self.env.user
        for inspection in self:
            to_do = inspection.state == "todo"
            inspection.can_inspect = to_do and not inspection._refusal_to_inspect(user)
            inspection.can_concede = to_do and not inspection._refusal_to_concede(user)

    def _is_decided(self):
        self.ensure_one()
        return self.state not in ("todo", "dropped")

    def _decided(self):
        return self.filtered(lambda inspection: inspection._is_decided())

    @api.constrains("quantity", "rejected_qty", "faulty_qty")
    def _check_quantities(self):
        self._check_is_believable(["quantity", "rejected_qty"])
        for inspection in self:
            if not 0 <= inspection.rejected_qty <= inspection.quantity or inspection.faulty_qty < 0:
                raise ValidationError(
                    self.env._(
                        "%(inspection)s: between none and all of the %(quantity)s that are inspected can be rejected. "
                        "Enter the quantity that does not leave.",
                        inspection=inspection.display_name,
                        quantity=self.env["order.policy.words"]._number_in_words(inspection.quantity),
                    )
                )

    @api.constrains("note", "lot_name", "reason", "agreement")
    def _check_can_be_meant(self):
        self._check_is_believable(["note", "lot_name", "reason", "agreement"])

    # ------------------------------------------------------------------
    # What clients cannot write
    # ------------------------------------------------------------------

    @api.model
    def _client_fields(self):
        return ENTERED

    @api.model
    def _takes_defaults(self, field):
        return False

    def write(self, vals):
        if ENTERED & vals.keys():
            self._check_can_be_entered()
        if "quantity" not in vals or self.env.su:
            return super().write(vals)
        self._let_one_decide()
        result = super().write(vals)
        self._check_is_ordered()
        return result

    def _let_one_decide(self):
        """Let one person at a time say what of an order is presented, released or rejected.

        Whoever waited finds what the other one said: together they present no more than is ordered.

        :raise LockError: when somebody else goes on with one of the orders
        """
        # Superuser: who inspects may have the order wait for that.
        self.sudo().order_id._lock_for_one()

    def _check_is_ordered(self):
        """
        :raise UserError: when more is presented than the order still lacks: as much more could leave
        """
        # Superuser: who inspects may not read the order line.
        for inspection in self.sudo():
            line = inspection.order_line_id
            others = line.inspection_ids.filtered(
                lambda other, own=inspection: other.state == "todo" and not other.due_for_id and other != own
            )
            lacking = line.product_uom_qty - line.policy_released_qty - sum(others.mapped("quantity"))
            most = inspection.due_for_id.quantity if inspection.due_for_id else lacking
            if inspection.product_uom_id.compare(inspection.quantity, most) > 0:
                raise UserError(
                    self.env._(
                        "%(inspection)s: at most %(most)s can be presented, as no more of it is ordered and not "
                        "released yet.",
                        inspection=inspection.display_name,
                        most=self.env["order.policy.words"]._number_in_words(most),
                    )
                )

    def _check_can_be_entered(self):
        """
        :raise UserError: when one of the inspections is decided, and so stays as it is
        :raise AccessError: for whoever may not inspect
        """
        if self.env.su:
            return
        for inspection in self:
            if inspection.state != "todo":
                raise UserError(
                    self.env._(
                        "%s is decided: what was found stays as it is. What is presented again is inspected anew.",
                        inspection.display_name,
                    )
                )
        self._check_may_inspect()

    # ------------------------------------------------------------------
    # Who inspects, and who decides on exceptions
    # ------------------------------------------------------------------

    def _producers(self):
        """Return who produced what is inspected, and so does not release it. Other addons tell."""
        self.ensure_one()
        return self.env["res.users"]

    def _refusal_to_inspect(self, user):
        """Tell why a person may not inspect, or return False when he may."""
        self.ensure_one()
        department = self.department_id
        if department.id not in (*user._policy_department_ids(), *user._policy_stood_in_department_ids()):
            return self.env._(
                "%(inspection)s is inspected by %(department)s: %(people)s. Ask one of them.",
                inspection=self.display_name,
                department=department.name,
                people=format_list(self.env, department._people("member").mapped("name")[:5]) or self.env._("nobody"),
            )
        # Superuser: who produced it may be told by records that an inspector does not read.
        if user in self.sudo()._producers():
            return self.env._(
                "%(inspection)s: %(person)s produced it, and nobody releases what is his own. Ask somebody else of "
                "%(department)s.",
                inspection=self.display_name,
                person=user.name,
                department=department.name,
            )
        return False

    def _refusal_to_concede(self, user):
        """Tell why a person may not let goods leave that are faulty or not inspected, or return False when he may."""
        self.ensure_one()
        department = self.department_id
        stands_in = any(
            mandate.user == department.sudo().head_id.id and department.id in mandate.departments
            for mandate in user._policy_mandates()
        )
        if department.id in user._policy_headed_department_ids() or stands_in:
            return False
        if self.company_id.id in user._policy_office_company_ids():
            return False
        return self.env._(
            "%(inspection)s: only the head of %(department)s (%(head)s) and the general manager's office let something "
            "leave by concession. Ask one of them.",
            inspection=self.display_name,
            department=department.name,
            head=department.sudo().head_id.name or self.env._("nobody"),
        )

    def _check_may_inspect(self):
        for inspection in self:
            if refusal := inspection._refusal_to_inspect(self.env.user):
                raise AccessError(refusal)

    # ------------------------------------------------------------------
    # What is asked for
    # ------------------------------------------------------------------

    @api.model
    def _follow(self, lines):
        """Bring the inspections to do in line with what is ordered and not released yet.

        :param lines: sale.order.line records in superuser mode
        """
        missing = {}
        for line in lines:
            to_do = line.inspection_ids.filtered(lambda inspection: inspection.state == "todo")
            if line.order_id.state != "sale" or not line.policy_to_inspect:
                to_do.state = "dropped"
                continue
            to_do = to_do.filtered(lambda inspection: not inspection.due_for_id)
            # What is ordered now, in another unit or instead of it, is asked for anew.
            present = to_do.filtered(
                lambda inspection, line=line: (
                    (inspection.product_id, inspection.product_uom_id) == (line.product_id, line.product_uom_id)
                )
            )
            (to_do - present).state = "dropped"
            to_do = present
            lacking = line.product_uom_qty - line.policy_released_qty - sum(to_do.mapped("quantity"))
            if line.product_uom_id.compare(lacking, 0) > 0:
                missing[line] = lacking
            else:
                to_do._ask_for_less(-lacking)
        plans = self._plans_to_ask_by(lines.filtered(lambda line: line in missing))
        self.create([self._prepare_values(line, plan, missing[line]) for line, plan in plans.items()])

    @api.model
    def _plans_to_ask_by(self, lines):
        """Return by which plan each of some lines is inspected that are to be.

        Of which category goods are or which tags a customer has may have changed since an order was confirmed: its
        lines go on by the plan that they had. What has none and never had any could be released by nobody: it is not
        to be inspected any more.

        :param lines: sale.order.line records in superuser mode
        :return: dict of plans by line
        """
        plans = {}
        for policy, of_policy in lines.grouped(lambda line: line.order_id.policy_id).items():
            plans |= policy._plans_of_lines(of_policy)
        had = {line: line.inspection_ids[:1].plan_id for line in lines if line not in plans}
        lines.filtered(lambda line: line in had and not had[line]).policy_to_inspect = False
        found = {**had, **plans}
        return {line: found[line] for line in lines if found[line]}

    def _ask_for_less(self, quantity):
        """Take a quantity off what is still to be inspected, from the last one on."""
        for inspection in self.sorted("id", reverse=True):
            if inspection.product_uom_id.compare(quantity, inspection.quantity) >= 0:
                quantity -= inspection.quantity
                inspection.state = "dropped"
            elif inspection.product_uom_id.compare(quantity, 0) > 0:
                inspection.quantity -= quantity
                return

    def _prepare_values(self, line, plan, quantity, **values):
        return {
            "order_line_id": line.id,
            "order_id": line.order_id.id,
            "product_id": line.product_id.id,
            "product_uom_id": line.product_uom_id.id,
            "plan_id": plan.id,
            "department_id": plan.department_id.id,
            "quantity": quantity,
            "round": len(line.inspection_ids) + 1,
            "line_ids": self._prepare_rows(plan, line.product_uom_id, quantity),
            **values,
        }
