from odoo import api, models


class SaleOrder(models.Model):
    """Departments read an order while one of its milestones concerns them."""

    _inherit = "sale.order"

    @api.model
    def _reader_dependencies(self):
        return [*super()._reader_dependencies(), "milestone_ids.is_open", "milestone_ids.department_id"]

    def _readers(self):
        if self.state in ("draft", "sent"):  # quotations have none, each time that one is submitted
            return super()._readers()
        still_read = self._is_still_read()
        concerning = self.milestone_ids.filtered(lambda milestone: milestone.is_open or still_read)
        readers = {self._reader_of_department(department.id) for department in concerning.department_id}
        # Where nobody is in a department, the general manager's office acts for it.
        if any(not department._reports_for_itself() for department in concerning.department_id):
            readers.add(self._reader_of_office(self.company_id.id))
        return super()._readers() | readers
