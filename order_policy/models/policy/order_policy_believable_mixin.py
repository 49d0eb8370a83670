from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

YEARS = (2000, 2099)
# The highest number that can be meant in a field; a quantity or an amount of money elsewhere.
HIGHEST = {"customer_lead": 3650, "product_uom_qty": 10**9}
HIGHEST_AMOUNT = 10**15
LONGEST = {"text": 20_000, "char": 20_000, "html": 500_000}


class OrderPolicyBelievableMixin(models.AbstractModel):
    """What is entered on orders and requests is kept, compared and shown to every reviewer: it has to be possible."""

    _name = "order.policy.believable.mixin"
    _description = "Values That Can Be Meant"

    @api.model
    def _with_limits(self, names):
        """Return those of some fields of which there is something to check."""
        types = {"date", "datetime", "float", "monetary", *LONGEST}
        return [name for name in names if self._fields[name].type in types]

    def _check_is_believable(self, names):
        """
        :param names: fields to look at
        :raise ValidationError: when one of these records holds a value that nobody can mean
        """
        for record in self:
            for name in self._with_limits(names):
                problem = record._why_not_believable(name)
                if problem:
                    label = self.env["order.policy.words"]._label_of(self._name, name)
                    raise ValidationError(
                        self.env._(
                            "%(record)s, %(field)s: %(problem)s",
                            record=(record.display_name or "").partition("\n")[0][:80],
                            field=label,
                            problem=problem,
                        )
                    )

    def _why_not_believable(self, name):
        value, kind = self[name], self._fields[name].type
        if not value:
            return False
        if kind in ("date", "datetime"):
            first, last = YEARS
            return not first <= value.year <= last and self.env._(
                "the year %(year)s cannot be meant. Enter a date between %(first)s and %(last)s.",
                year=value.year,
                first=first,
                last=last,
            )
        if kind in LONGEST:
            return len(value) > LONGEST[kind] and self.env._(
                "%(length)s characters are too many to be read by those who review it. Enter at most %(most)s, and "
                "attach the rest as a file.",
                length=len(value),
                most=LONGEST[kind],
            )
        highest = HIGHEST.get(name, HIGHEST_AMOUNT)
        # Whatever is no number is not below the limit either.
        return not abs(value) <= highest and self.env._(
            "%(value)s cannot be meant. Enter at most %(most)s.",
            value=formatLang(self.env, value, digits=0),
            most=formatLang(self.env, highest, digits=0),
        )
