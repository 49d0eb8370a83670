from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list


class SaleOrderInspection(models.Model):
    """What is decided on inspected goods, by whom and on what grounds (articles 1.9, 3.10)."""

    _inherit = "sale.order.inspection"

    def action_release(self):
        """Let leave what was found good. What was rejected is presented again.

        :raise AccessError: for whoever may not inspect, and for who produced it
        :raise UserError: when something was not measured yet, or too much was found faulty
        """
        self._check_may_inspect()
        self._lock_undecided()
        for inspection in self:
            inspection._check_can_be_released()
        self._decide("released")
        return True

    def action_rework(self, reason=None):
        """Have all of it reworked and presented again.

        :param str reason: what is wrong with it
        :raise AccessError: for whoever may not inspect, and for who produced it
        """
        return self._reject("rework", reason)

    def action_scrap(self, reason=None):
        """Have all of it scrapped; what replaces it is presented again.

        :param str reason: what is wrong with it
        :raise AccessError: for whoever may not inspect, and for who produced it
        """
        return self._reject("scrap", reason)

    def action_concede(self, reason=None, agreement=None, attachment_ids=None):
        """Let all of it leave as it is: the customer takes it though it is not as ordered.

        :param str reason: why it may leave
        :param str agreement: what the customer said or wrote to it
        :param list attachment_ids: ids of files that prove the customer's agreement; copies of them are kept
        :raise AccessError: for everybody but the head of the department and the general manager's office
        :raise UserError: without a reason, or without the customer's agreement
        """
        self._check_may_concede()
        self._lock_undecided()
        reason, agreement = self._given_reason(reason), self._entered_text(agreement)
        files = self._given_files(attachment_ids)
        if not agreement and not files:
            raise UserError(
                self.env._(
                    "What is not as ordered leaves only when the customer agrees. Enter what the customer said, or "
                    "attach what the customer wrote."
                )
            )
        self._decide("concession", reason=reason, agreement=agreement)
        for inspection in self:
            inspection._keep_agreement(files)
        return True

    def action_release_later(self, reason=None):
        """Let all of it leave before it is inspected. The inspection stays due, and then counts instead.

        :param str reason: why it cannot wait
        :raise AccessError: for everybody but the head of the department
        :raise UserError: without a reason, and for what left before its inspection already
        """
        self.check_access("read")
        self._check_heads()
        self._lock_undecided()
        if twice := self.filtered("due_for_id")[:1]:
            raise UserError(
                self.env._("%s may leave already. Now it has to be inspected: decide on it.", twice.display_name)
            )
        reason = self._given_reason(reason)
        self._decide("later", reason=reason)
        # Superuser: the head may decide, and what is still due follows from that.
        inspections = self.sudo()
        inspections.create(
            [
                self._prepare_values(
                    inspection.order_line_id,
                    inspection.plan_id,
                    inspection.quantity,
                    due_for_id=inspection.id,
                    lot_name=inspection.lot_name,
                )
                for inspection in inspections
            ]
        )
        return True

    # ------------------------------------------------------------------
    # Who decides, on what grounds
    # ------------------------------------------------------------------

    def _check_may_concede(self):
        for inspection in self:
            if refusal := inspection._refusal_to_concede(self.env.user):
                raise AccessError(refusal)

    def _check_heads(self):
        """
        :raise AccessError: for everybody but the head of the department that inspects
        """
        for inspection in self:
            department = inspection.department_id
            if department.id not in self.env.user._policy_headed_department_ids():
                raise AccessError(
                    self.env._(
                        "%(inspection)s: only the head of %(department)s lets something leave before it is inspected. "
                        "Ask %(head)s, or have it inspected.",
                        inspection=inspection.display_name,
                        department=department.name,
                        # Superuser: who heads a department is no secret.
                        head=department.sudo().head_id.name or self.env._("the administrator to name one"),
                    )
                )

    def _lock_undecided(self):
        """
        :raise UserError: when one of the inspections is decided already
        """
        self.check_access("read")
        self._let_one_decide()
        for inspection in self.filtered(lambda inspection: inspection.state != "todo"):
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(inspection)s is settled already: %(state)s. Reload the page.",
                    inspection=inspection.display_name,
                    state=states[inspection.state],
                )
            )

    def _given_reason(self, reason):
        reason = self._entered_text(reason)
        if not reason:
            raise UserError(self.env._("Say why: what was decided has to be understood later."))
        return reason

    def _given_files(self, attachment_ids):
        """Return the files that prove the customer's agreement, as pairs of name and content."""
        is_list = isinstance(attachment_ids, list | tuple)
        if attachment_ids and not (is_list and all(map(self._is_id, attachment_ids))):
            raise UserError(self.env._("These are no files. Attach them once more."))
        files = self.env["ir.attachment"].browse(attachment_ids or ())
        files.check_access("read")
        return [(file.name, file.raw) for file in files if file.type == "binary"]

    def _keep_agreement(self, files):
        # Superuser: copies, so that nobody who may write the first ones alters what was decided by.
        inspection = self.sudo()
        kind = self.env.ref("order_policy.document_inspection")
        inspection.agreement_ids += inspection.agreement_ids.with_context(image_no_postprocess=True).create(
            [
                {
                    "name": name,
                    "raw": content,
                    "res_model": self._name,
                    "res_id": self.id,
                    "policy_document_id": kind.id,
                }
                for name, content in files
            ]
        )

    def _check_can_be_released(self):
        self.ensure_one()
        if lacking := self._not_inspected_in_words():
            raise UserError(
                self.env._(
                    "%(inspection)s cannot be released: not inspected yet are %(what)s. Enter what you find; add the "
                    "rows that are not there.",
                    inspection=self.display_name,
                    what=format_list(self.env, lacking),
                )
            )
        if self.product_uom_id.compare(self.accepted_qty, 0) <= 0:
            raise UserError(
                self.env._(
                    "%s cannot be released: all of it is rejected. Have it reworked or scrapped instead.",
                    self.display_name,
                )
            )
        self._check_faulty_pieces()

    def _check_faulty_pieces(self):
        """Where every piece is inspected the faulty ones are rejected; a sample is accepted with so many or refused."""
        outside = self.line_ids.filtered(lambda line: line.verdict == "faulty")
        faulty = max(self.faulty_qty, len(set(outside.mapped("sample"))))
        takes_all = self.product_uom_id.compare(self.sample_size, self.quantity) >= 0
        allowed = max(self.accept_most, self.rejected_qty) if takes_all else self.accept_most
        if faulty > allowed:
            raise UserError(
                self.env._(
                    "%(inspection)s cannot be released: %(faulty)s faulty in a sample of %(sample)s, allowed are "
                    "%(allowed)s (%(what)s). Have it reworked or scrapped, or ask the head of %(department)s for a "
                    "concession.",
                    inspection=self.display_name,
                    faulty=faulty,
                    sample=self.env["order.policy.words"]._number_in_words(self.sample_size),
                    allowed=self.env["order.policy.words"]._number_in_words(allowed),
                    what=format_list(self.env, outside.characteristic_id.mapped("name"))
                    or self.env._("faulty pieces counted"),
                    department=self.department_id.name,
                )
            )

    # ------------------------------------------------------------------
    # What follows
    # ------------------------------------------------------------------

    def _reject(self, decision, reason):
        self._check_may_inspect()
        self._lock_undecided()
        reason = self._given_reason(reason)
        # Superuser: the person may inspect; that all of it is rejected follows from the decision.
        for inspection in self.sudo():
            inspection.rejected_qty = inspection.quantity
        self._decide(decision, reason=reason)
        return True

    def _decide(self, decision, **values):
        """Store a decision, ask for what is to be presented again, and note it on the orders."""
        # Superuser: the person's authority was checked, and what follows from it is nobody's to write.
        inspections = self.sudo()
        for inspection in inspections:
            inspection.name = self.env["ir.sequence"].sudo().next_by_code("sale.order.inspection")
        inspections.write(
            {"state": decision, "decided_by_id": self.env.uid, "decided_on": fields.Datetime.now(), **values}
        )
        inspections._follow(inspections.order_line_id)
        inspections._log_on_orders()

    def _log_on_orders(self):
        states = dict(self._fields["state"]._description_selection(self.env))
        number = self.env["order.policy.words"]._number_in_words
        self.order_id._message_log_batch(
            {
                order.id: "\n".join(
                    self.env._(
                        "%(inspection)s: %(decision)s, %(released)s of %(quantity)s may leave.",
                        inspection=inspection.display_name,
                        decision=states[inspection.state],
                        released=number(inspection.released_qty),
                        quantity=number(inspection.quantity),
                    )
                    for inspection in of_order
                )
                for order, of_order in self.grouped("order_id").items()
            }
        )
