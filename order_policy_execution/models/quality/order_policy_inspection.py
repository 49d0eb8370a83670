from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_round

CHOICES = ("product_ids", "product_category_ids", "partner_ids", "partner_category_ids")


class OrderPolicyInspection(models.Model):
    """What of an order is inspected before it may leave, by whom and how (articles 1.8, 1.9, 3.10)."""

    _name = "order.policy.inspection"
    _description = "Inspection Plan"
    _inherit = "order.policy.department.part.mixin"

    sequence = fields.Integer(help="Where several plans concern a product, the first one counts.")
    department_id = fields.Many2one(
        help="Its members inspect. Its head decides on concessions, and on what may leave before it is inspected.",
    )
    product_ids = fields.Many2many("product.product", string="Products")
    product_category_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="And what is below them. Where neither products nor categories are chosen, all goods are inspected.",
    )
    partner_ids = fields.Many2many(
        "res.partner",
        string="Customers",
        help="Where neither customers nor tags are chosen, what goes to all customers is inspected.",
    )
    partner_category_ids = fields.Many2many("res.partner.category", string="Customer Tags")
    sample = fields.Selection(
        [
            ("all", "Every piece"),
            ("quantity", "A fixed quantity"),
            ("percent", "A percentage"),
            ("table", "After a table"),
        ],
        "How Much Is Inspected",
        required=True,
        default="all",
    )
    sample_quantity = fields.Float("Sample", digits="Product Unit", default=1.0)
    sample_percent = fields.Float("Sample (%)", default=10.0)
    accept_most = fields.Integer(
        "Accepted With", help="The lot is accepted with so many faulty pieces in the sample, and refused with more."
    )
    size_ids = fields.One2many("order.policy.inspection.size", "plan_id", "Sampling Table", copy=True)
    characteristic_ids = fields.One2many(
        "order.policy.inspection.characteristic", "plan_id", "Characteristics", copy=True
    )
    instruction = fields.Text(translate=True, help="What whoever inspects has to know.")

    _quantity_positive = models.Constraint(
        "CHECK(sample_quantity > 0)", "A sample has at least one piece. Enter a quantity above zero."
    )
    _percent_possible = models.Constraint(
        "CHECK(sample_percent > 0 AND sample_percent <= 100)",
        "The percentage that is inspected is above 0 and at most 100. Enter another one.",
    )
    _accept_not_negative = models.Constraint(
        "CHECK(accept_most >= 0)", "A lot is accepted with no faulty piece or more. Enter 0 or more."
    )

    # ------------------------------------------------------------------
    # Rules that a plan has to follow
    # ------------------------------------------------------------------

    def _check_can_be_followed(self):
        """Make sure that somebody inspects by these plans, and knows how much.

        :raise ValidationError: naming the plan, and what it lacks
        """
        for plan in self:
            if not plan.department_id._find_people("member"):
                raise ValidationError(
                    self.env._(
                        "%(plan)s: nobody is in %(department)s, so nothing would ever be released. Add somebody to it.",
                        plan=plan.name,
                        department=plan.department_id.name,
                    )
                )
            if plan.sample == "table" and not plan.size_ids:
                raise ValidationError(
                    self.env._("%s is to sample after a table, which is empty. Enter its sizes.", plan.name)
                )

    # ------------------------------------------------------------------
    # What is inspected
    # ------------------------------------------------------------------

    def _prepare_known(self):
        return {**super()._prepare_known(), **{name: frozenset(self[name]._ids) for name in CHOICES}}

    def _concerns_product(self, product):
        """Tell whether the plan is for a product, whoever buys it."""
        known = self._known()
        products, categories = known["product_ids"], known["product_category_ids"]
        if product.type != "consu":
            return False
        if not products and not categories:
            return True
        above = {int(category) for category in (product.categ_id.parent_path or "").split("/") if category}
        return product.id in products or not categories.isdisjoint(above)

    def _concerns_customer(self, customer):
        """Tell whether the plan is for what goes to a customer, whatever it is."""
        known = self._known()
        partners, tags = known["partner_ids"], known["partner_category_ids"]
        if not partners and not tags:
            return True
        customers = customer | customer.commercial_partner_id
        return not partners.isdisjoint(customers.ids) or not tags.isdisjoint(customers.category_id.ids)

    def _concerned_orders(self, orders):
        """Return the orders of which the plan concerns the customer, and that its condition lets through."""
        return self._matching(orders.filtered(lambda order: self._concerns_customer(order.partner_id)))

    # ------------------------------------------------------------------
    # How much is inspected
    # ------------------------------------------------------------------

    def _sample_of(self, quantity):
        """Return how much of a lot is inspected, and with how many faulty pieces in that it is accepted.

        Every faulty piece is told from the good ones where every piece is inspected: none is accepted with the others.

        :param float quantity: size of the lot
        :return: tuple of a quantity, of whole pieces unless it is all, and a number
        """
        self.ensure_one()
        if self.sample == "table":
            size = self.size_ids.filtered(lambda size: size.lot_from <= quantity).sorted("lot_from")[-1:]
            return min(size.sample_size, quantity) if size else quantity, size.accept_most
        sample = {
            "quantity": self.sample_quantity,
            "percent": float_round(quantity * self.sample_percent / 100, precision_digits=0, rounding_method="UP"),
        }.get(self.sample, quantity)
        return min(sample, quantity), self.accept_most if self.sample != "all" else 0
