from odoo import api, models
from odoo.exceptions import AccessError

# Of seals and dossiers; and of requests and disposals too.
OF_ARCHIVE = ("sale.order.dossier.seal", "order.policy.dossier.class.")
OF_POLICY = ("sale.order.change", "sale.order.disposal", *OF_ARCHIVE)
# How numbers look is for administrators of Odoo to choose. Which one comes next follows from what was numbered.
LOOKS = frozenset({"name", "prefix", "suffix", "padding"})


class IrSequence(models.Model):
    """The numbers of the archive: one counter for each chain of seals, and for each class of dossiers in a company.

    A number that is missing, or used twice, would look as if somebody had taken a dossier or a seal away. So nobody
    takes numbers, sets counters or begins new ones but the methods that number requests, disposals and dossiers.
    """

    _name = "ir.sequence"
    _inherit = ["ir.sequence", "order.policy.lock.mixin"]

    _of_archive_unique = models.UniqueIndex(
        "(code, company_id) WHERE code = 'sale.order.dossier.seal' OR code LIKE 'order.policy.dossier.class.%'",
        "Somebody else began these archive numbers at the same moment. Try again.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        sequences = super().create(vals_list)
        sequences._check_counted_by_policy(OF_ARCHIVE)
        return sequences

    def write(self, vals):
        if vals.keys() - LOOKS:
            self._check_counted_by_policy(OF_POLICY)
        result = super().write(vals)
        if "code" in vals:
            self._check_counted_by_policy(OF_ARCHIVE)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_policy(self):
        self._check_counted_by_policy(OF_POLICY)

    def _next(self, sequence_date=None):
        self._check_counted_by_policy(OF_POLICY)
        return super()._next(sequence_date)

    def _check_counted_by_policy(self, codes):
        """
        :raise AccessError: for everybody but the methods that number something, when a counter is of these codes
        """
        if self.env.su:
            return
        for sequence in self:
            if (sequence.code or "").startswith(codes):
                raise AccessError(
                    self.env._(
                        "“%s” counts what the order policy keeps without gaps. Its numbers are taken when a request, "
                        "a disposal or a dossier is made; nobody sets, takes or deletes them. "
                        "You may choose how they look: prefix, suffix and size.",
                        sequence.name,
                    )
                )


class IrSequenceDateRange(models.Model):
    _inherit = "ir.sequence.date_range"

    @api.model_create_multi
    def create(self, vals_list):
        ranges = super().create(vals_list)
        ranges.sequence_id._check_counted_by_policy(OF_POLICY)
        return ranges

    def write(self, vals):
        self.sequence_id._check_counted_by_policy(OF_POLICY)
        result = super().write(vals)
        self.sequence_id._check_counted_by_policy(OF_POLICY)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_policy(self):
        self.sequence_id._check_counted_by_policy(OF_POLICY)
