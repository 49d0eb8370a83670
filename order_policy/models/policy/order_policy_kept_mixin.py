from odoo import api, models, tools


class OrderPolicyKeptMixin(models.AbstractModel):
    """What each worker reads once: policies in use, their parts and departments hardly ever change, and every step of
    every order asks for them.

    Whatever writes one of these records has all workers read it again. A request that itself changes rules reads them
    from the database: what it writes may yet be rolled back.
    """

    _name = "order.policy.kept.mixin"
    _description = "Read Once by Each Worker"

    @api.model
    def _in_use_domain(self):
        """Return which records are kept: of policies those that are no drafts, as drafts change all the time."""
        return [("policy_id.state", "!=", "draft")]

    @api.model
    @tools.ormcache("self.env.lang or 'en_US'")
    def _kept_values(self):
        """Return what the database holds of the records in use, as Odoo's cache wants it: dicts of values by id."""
        # Superuser: cached for code in superuser mode alone.
        records = self.sudo().with_context(active_test=False).search(self._in_use_domain())
        kept = [field for name, field in self._fields.items() if name != "id" and self._is_kept(field)]
        records.fetch([field.name for field in kept])
        return {
            record.id: {field.name: field._get_cache(records.env).get(record.id) for field in kept}
            for record in records
        }

    def _fetch_field(self, field):
        kept = self._kept_ones(field)
        for record in kept:
            for name, value in self._kept_values()[record.id].items():
                self._fields[name]._insert_cache(record, [value])
        others = self - kept
        return super(OrderPolicyKeptMixin, others)._fetch_field(field) if others else None

    def _kept_ones(self, field):
        """Return those of these records of which a field is kept: for code alone, as people have rights to read."""
        context = self.env.context
        is_plain = self._is_kept(field) and "prefetch_langs" not in context and "edit_translations" not in context
        if not self.env.su or not is_plain or self.env.registry.cache_invalidated:
            return self.browse()
        in_use = self._kept_values()
        return self.filtered(lambda record: record.id in in_use)

    @api.model
    def _is_kept(self, field):
        return field.store and field.column_type and field.prefetch is True and not field.company_dependent

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._read_anew()
        return records

    def write(self, vals):
        result = super().write(vals)
        self._read_anew()
        return result

    def unlink(self):
        self._read_anew()
        return super().unlink()

    def _read_anew(self):
        """Have all workers read these records again, if they keep any of them."""
        if self.sudo().filtered_domain(self._in_use_domain()):
            self.env.registry.clear_cache()
