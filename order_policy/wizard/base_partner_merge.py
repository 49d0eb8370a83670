from odoo import models
from odoo.fields import Domain


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Contacts are merged below the models: what was decided on their orders has to follow here."""

    _inherit = "base.partner.merge.automatic.wizard"

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Ask anew about the quotations of merged contacts; confirmed orders go on, with a note of it."""
        # Superuser: who merges contacts changes every order on which they stand, also those that he does not see.
        orders = self.env["sale.order"].sudo()
        aspects = orders._policy_aspect_fields().values()
        contacts = {name for by_model in aspects for name in by_model["sale.order"]}
        names = [name for name in contacts if self.env["order.policy.aspect"]._is_contact(name)]
        concerned = orders.search(
            Domain("policy_id", "!=", False) & Domain.OR(Domain(name, "in", src_partners.ids) for name in names)
        )
        self.env.flush_all()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        merges = self.env["order.policy.merge"]._note(src_partners, dst_partner)
        concerned._follow_merge(merges)
        return result
