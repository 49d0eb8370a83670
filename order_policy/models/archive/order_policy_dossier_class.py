from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list


class OrderPolicyDossierClass(models.Model):
    """A class of the archive: which orders are filed in it, how they are numbered, how long they are kept (3.16)."""

    _name = "order.policy.dossier.class"
    _description = "Class of Dossiers"
    _inherit = "order.policy.rule.mixin"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True, help="Starts the archive numbers of this class: the dossiers of XS are XS-2026-0001 and so on."
    )
    sequence = fields.Integer(default=10, help="A dossier is proposed for the first class whose condition it meets.")
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", index=True, help="Leave empty when all companies use this class.")
    domain = fields.Char("Only Orders Matching", help="Leave empty when the class is proposed for all orders.")
    retention = fields.Selection(
        [("permanent", "Permanent"), ("years", "Years")],
        required=True,
        default="years",
        help="How long a dossier is kept, counted from the end of the year in which it was sealed.",
    )
    retention_years = fields.Integer("Years", default=30)
    dossier_ids = fields.One2many("sale.order.dossier", "class_id", "Dossiers")

    _code_unique = models.UniqueIndex("(code, COALESCE(company_id, 0))", "There is already a class with this code.")
    _years_positive = models.Constraint(
        "CHECK(retention = 'permanent' OR retention_years > 0)",
        "Enter for how many years dossiers of the class are kept, or choose Permanent.",
    )

    @api.constrains("domain")
    def _check_domain(self):
        for dossier_class in self:
            self._check_condition(dossier_class.domain, dossier_class.name)

    @api.constrains("code", "company_id")
    def _check_code_stays(self):
        for dossier_class in self:
            # As superuser, as Odoo checks constraints: dossiers of all companies have their numbers of the class.
            numbered = dossier_class.dossier_ids.filtered("seal_id")[:1]
            if numbered and not numbered.name.startswith(f"{dossier_class.code}-"):
                raise ValidationError(
                    self.env._(
                        "%(number)s is numbered under the former code. Numbers are never changed: archive this class, "
                        "and make another one.",
                        number=numbered.name,
                    )
                )

    def _check_can_be_deleted(self):
        result = super()._check_can_be_deleted()
        used = self.filtered(lambda dossier_class: dossier_class.sudo().dossier_ids)
        if used:
            raise UserError(
                self.env._(
                    "%s cannot be deleted: dossiers are filed in it. Archive it instead.",
                    format_list(self.env, used.mapped("name")),
                )
            )
        return result

    @api.model
    def _propose(self, order):
        """Return the class in which an order is filed unless the archivist chooses another."""
        return self.search([("company_id", "in", (False, order.company_id.id))]).filtered(
            lambda dossier_class: order.filtered_domain(self._condition(dossier_class.domain))
        )[:1]

    def _next_number(self, company, year):
        """Return the next archive number of the class: without gaps, per company and year.

        :param int year: in which the dossier is sealed
        """
        self.ensure_one()
        code = f"order.policy.dossier.class.{self.id}"
        # Superuser: who may seal takes the numbers.
        Sequence = self.env["ir.sequence"].sudo()
        sequence = Sequence.search([("code", "=", code), ("company_id", "=", company.id)], limit=1)
        if not sequence:
            sequence = Sequence._create_first(
                {
                    "name": self.env._("Archive numbers: %s", self.name),
                    "code": code,
                    "company_id": company.id,
                    "implementation": "no_gap",
                    "use_date_range": True,
                    "prefix": f"{self.code}-%(range_year)s-",
                    "padding": 4,
                }
            )
        return sequence.next_by_id(f"{year}-12-31")

    def _retain_until(self, year):
        """Return the last day on which a dossier sealed in a year has to be kept; False when for ever."""
        years = self._years_to_keep()
        return years and fields.Date.to_date(f"{year + years}-12-31")

    def _years_to_keep(self):
        """Return for how many years dossiers are kept; 0 for ever."""
        self.ensure_one()
        return 0 if self.retention == "permanent" else self.retention_years
