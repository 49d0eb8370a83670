from odoo import api, fields, models, tools


class OrderPolicyMerge(models.Model):
    """That a contact was merged into another one: evidence for what was decided on when it was still the former.

    Odoo merges contacts below its models, on whatever order they stand. Who did it, and when, is who made the row.
    """

    _name = "order.policy.merge"
    _inherit = ["order.policy.evidence.mixin"]
    _description = "Merged Contact"
    _order = "id desc"
    _rec_name = "former_name"

    former_id = fields.Integer("Former Number", required=True, readonly=True, index=True)
    former_name = fields.Char("Contact", required=True, readonly=True)
    into_name = fields.Char("Merged Into", required=True, readonly=True, help="As the contact was called then.")
    partner_id = fields.Many2one(
        "res.partner",
        "Now",
        readonly=True,
        index=True,
        ondelete="set null",
        help="Follows when the contact is merged again.",
    )

    @api.model
    @tools.ormcache()
    def _became(self):
        """Return the ids of the contacts that merged ones are now, by their former ids."""
        # Superuser: cached for everybody, and only ids.
        return {merge.former_id: merge.partner_id.id for merge in self.sudo().search([("partner_id", "!=", False)])}

    @api.model
    def _note(self, former, into):
        """Note that contacts were merged.

        :param former: res.partner records that end
        :param into: res.partner record that goes on
        :return: the notes
        """
        # Superuser: who gets here may merge contacts; that it was done is for nobody to choose.
        merges = self.sudo().create(
            [
                {
                    "former_id": partner.id,
                    "former_name": partner.display_name,
                    "into_name": into.display_name,
                    "partner_id": into.id,
                }
                for partner in former
            ]
        )
        self.env.registry.clear_cache()
        return merges

    @api.model
    def _concerning(self, snapshot):
        """Return the notes of the contacts that a snapshot names and that were merged since."""
        Aspect = self.env["order.policy.aspect"]
        contacts = [value[0] for name, value in snapshot["order"].items() if value and Aspect._is_contact(name)]
        return self.sudo().search([("former_id", "in", contacts)], order="id")

    def _in_words(self):
        return [
            self.env._(
                "The contact %(former)s was merged into %(into)s by %(person)s on %(date)s.",
                former=merge.former_name,
                into=merge.into_name,
                person=merge.create_uid.name,
                date=self.env["order.policy.words"]._day_in_words(merge.create_date),
            )
            for merge in self
        ]
