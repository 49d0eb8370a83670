from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# While departments decide, and may be asked again.
STAGES_OF_DECISION = ("intake", "rejected", "review", "approval", "confirmation")


class SaleOrder(models.Model):
    """Who reads an order for a department, or for the general manager's office.

    It is stored with the order, so that record rules are a condition on the order alone, and one index finds the orders
    of a department. Departments are stored, not people: who joins one reads at once, and who leaves it no longer does.
    """

    _inherit = "sale.order"

    policy_readers = fields.Json(
        "Read By",
        compute="_compute_policy_readers",
        store=True,
        copy=False,
        help="The departments and offices that read the order as it concerns them, as long as their policy lets them.",
        exportable=False,
    )

    _policy_read_by = models.Index("USING gin (policy_readers) WHERE policy_readers IS NOT NULL")

    @api.depends(lambda self: self._reader_dependencies())
    def _compute_policy_readers(self):
        for order in self:
            order.policy_readers = sorted(order._readers())

    @api.model
    def _reader_dependencies(self):
        """Return on what it depends who reads an order. Other matters and addons add theirs."""
        return [
            "policy_id.departments_read",
            "policy_stage",
            "review_ids.company_id",
            "review_ids.department_id",
            "review_ids.escalated_to_ids",
            "review_ids.state",
            "review_ids.way_out",
        ]

    def _readers(self):
        """Return who reads the order, as a set of strings: who is asked, and who was as long as the policy lets them.

        Strings are those of ``_reader_of_department`` and ``_reader_of_office``.
        """
        self.ensure_one()
        still_read = self._is_still_read()
        return set().union(
            *(
                review._readers()
                for review in self.review_ids
                if review.state != "not_required" and (still_read or review._is_to_be_decided())
            )
        )

    def _is_still_read(self):
        """Tell whether departments read the order though nothing of it is to be done by them any more."""
        self.ensure_one()
        how_long = self.policy_id.departments_read
        return (
            self.policy_stage in STAGES_OF_DECISION
            or how_long == "always"
            or (how_long == "done" and not self._policy_is_closed())
        )

    @api.model
    def _reader_of_department(self, department_id):
        return f"department,{department_id}"

    @api.model
    def _reader_of_office(self, company_id, user_id=None):
        """Return what stands for the general manager's office of a company, or for one person of it."""
        return f"office,{company_id},{user_id}" if user_id else f"office,{company_id}"

    @api.model
    def _domain_read_by(self, readers):
        """Return the domain of the orders that some read; see ``_readers``.

        Record rules keep it for all who come after: it holds strings, and nothing of whoever asked for it.

        :param readers: a frozenset of strings
        """
        if not readers:
            return Domain.FALSE
        return Domain.custom(
            to_sql=lambda orders, alias, _query: SQL(
                "%s ?| %s",
                SQL.identifier(alias, "policy_readers"),
                list(readers),
                to_flush=orders._fields["policy_readers"],
            ),
            predicate=lambda order: not readers.isdisjoint(order.policy_readers or ()),
        )
