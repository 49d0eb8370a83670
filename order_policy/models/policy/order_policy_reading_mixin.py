from odoo import models
from odoo.exceptions import AccessError


class OrderPolicyReadingMixin(models.AbstractModel):
    """Opens orders for people who may read them, but not all that other apps add to their forms.

    Departments review orders without rights in Invoicing, Inventory, Manufacturing or Loyalty. What an app looks up
    there stays empty on their screens: they open the order, and learn nothing that they may not know.
    """

    _name = "order.policy.reading.mixin"
    _description = "Orders Beside Other Apps"

    def web_read(self, specification):
        try:
            return super().web_read(specification)
        except AccessError:
            if not self._is_saved():
                raise
            self._check_may_open(specification)
            within_reach = self._within_reach(specification)
            if within_reach == specification:
                raise
        nothing = {name: self._nothing(name) for name in specification if name not in within_reach}
        return [{**nothing, **values} for values in super().web_read(within_reach)]

    def onchange(self, values, field_names, fields_spec):
        try:
            return super().onchange(values, field_names, fields_spec)
        except AccessError:
            if not self._is_saved():
                raise
            self._check_may_open(fields_spec)
            within_reach = self._within_reach(fields_spec)
            if "fields" in within_reach.get("order_line", ()):
                of_lines = self.order_line._within_reach(within_reach["order_line"]["fields"])
                within_reach["order_line"] = {**within_reach["order_line"], "fields": of_lines}
            if within_reach == fields_spec:
                raise
        return super().onchange(values, field_names, within_reach)

    def _is_saved(self):
        """Tell whether nothing is being entered: who enters an order has rights of his own."""
        return bool(self) and self == self._origin

    def _check_may_open(self, specification):
        self.check_access("read")
        for name in self._fields.keys() & specification:
            self._check_field_access(self._fields[name], "read")

    def _within_reach(self, specification):
        """Return the part of a specification that needs no record of a model that is closed to this person."""
        within_reach = {}
        self._forget_what_was_computed()
        for name, read in specification.items():
            field = self._fields.get(name)
            if field is None or self._is_within_reach(field):
                within_reach[name] = read
            elif field.type == "many2one":
                within_reach[name] = {"fields": {"display_name": {}}}  # which Odoo shows of any record
        return within_reach

    def _is_within_reach(self, field):
        if field.relational and not self.env[field.comodel_name].has_access("read"):
            return False
        if not field.compute or field.store:
            return True
        try:
            self.mapped(field.name)
        except AccessError:
            self._forget_what_was_computed()
            return False
        return True

    def _forget_what_was_computed(self):
        """Forget what was computed until the refusal: it may be half of the truth."""
        computed = [name for name, field in self._fields.items() if field.compute and not field.store]
        self.invalidate_recordset(computed, flush=False)

    def _nothing(self, name):
        nobody = self.browse()
        return self._fields[name].convert_to_read(nobody[name], nobody)
