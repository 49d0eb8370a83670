from odoo import api, fields, models


class SaleOrderDossierReading(models.Model):
    """That somebody outside archive and supervision read a sealed dossier (article 2.3: confidential)."""

    _name = "sale.order.dossier.reading"
    _description = "Reading of a Dossier"
    _inherit = "order.policy.evidence.mixin"
    _order = "id desc"
    _rec_name = "user_id"

    dossier_id = fields.Many2one("sale.order.dossier", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="dossier_id.company_id", store=True, precompute=True, index=True)
    user_id = fields.Many2one("res.users", "Read By", required=True, readonly=True, ondelete="restrict")
    read_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    what = fields.Char("What Was Read", readonly=True)

    @api.model
    def _note(self, dossiers, what=False):
        """Note that the current user reads sealed dossiers, once per transaction and thing.

        :param dossiers: sale.order.dossier records
        :param str what: name of the file that is read
        """
        user = self.env.user
        if user._is_superuser() or user.has_groups(
            "order_policy.group_order_policy_archivist,order_policy.group_order_policy_supervisor"
        ):
            return
        noted = self.env.cr.cache.setdefault("order_policy.readings", set())
        sealed = dossiers.sudo().filtered(lambda dossier: dossier.state == "sealed" and (dossier.id, what) not in noted)
        noted.update((dossier.id, what) for dossier in sealed)
        vals_list = [
            {"dossier_id": dossier.id, "user_id": user.id, "what": what or self.env._("List of papers")}
            for dossier in sealed
        ]
        if not vals_list:
            return
        if self.env.cr.readonly:
            # Pages are read on a cursor that cannot write.
            with self.env.registry.cursor() as cr:
                self.with_env(self.env(cr=cr)).sudo().create(vals_list)
        else:
            self.sudo().create(vals_list)
