from odoo import models

from .sale_order_review import OPEN_STATES


class SaleOrderReview(models.Model):
    """Who reads an order as its review is asked of them."""

    _inherit = "sale.order.review"

    def _readers(self):
        """Return who reads the order of this review for being asked: the department, and the office that decides."""
        self.ensure_one()
        Order, company = self.env["sale.order"], self.company_id.id
        readers = {Order._reader_of_department(self.department_id.id)}
        if self.way_out == "management":
            readers.add(Order._reader_of_office(company))
        if self.escalation:
            readers.update(Order._reader_of_office(company, person.id) for person in self.escalated_to_ids)
        return readers

    def _is_to_be_decided(self):
        """Tell whether the decision is still to be made, or to be carried out."""
        self.ensure_one()
        return self.state in OPEN_STATES
