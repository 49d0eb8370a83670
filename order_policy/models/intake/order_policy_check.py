from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.models import MAGIC_COLUMNS
from odoo.tools import format_amount, format_list
from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)


class OrderPolicyCheck(models.Model):
    """An automatic test that the intake or a step runs on orders (articles 1.5, 1.7, 2.6, 3.7).

    Another addon adds a kind with one value of ``kind`` and one method ``_judge_<kind>(orders)`` that returns, for each
    order, what ``_passed``, ``_failed`` or ``_not_judged`` give.
    """

    _name = "order.policy.check"
    _description = "Check of an Order Policy"
    _inherit = "order.policy.part.mixin"

    policy_id = fields.Many2one(compute="_compute_policy_id", store=True, readonly=False, precompute=True, copy=False)
    currency_id = fields.Many2one(related="policy_id.currency_id")
    step_id = fields.Many2one(
        "order.policy.step",
        domain="[('policy_id', '=', policy_id)]",
        index="btree_not_null",
        ondelete="cascade",
        help="The step whose reviewer sees the outcome. Without a step the check is run at intake, on submission.",
    )
    # Not required in the database: whatever was in force stays as it was when the app that brought a kind is gone.
    kind = fields.Selection(
        [
            ("complete", "Information is complete"),
            ("catalogue", "Products are in the catalogue"),
            ("price", "Prices are within the rules"),
            ("delivery_date", "Promised date can be kept"),
            ("payment_term", "Payment terms are allowed"),
            ("credit", "Customer has credit"),
            ("sensitive", "Nothing sensitive"),
            ("duplicate", "Not entered twice"),
            ("split", "Not split up"),
            ("rule", "Rule of your own"),
        ],
        "What Is Checked",
    )
    severity = fields.Selection(
        [("block", "Block"), ("warn", "Warn")],
        required=True,
        default="warn",
        help="At intake, Block refuses the submission. At a step, both are shown to the reviewer. "
        "A step that approves by itself does so only when all of its checks pass.",
    )
    at_confirmation = fields.Boolean(
        "Judged Again at Confirmation",
        compute="_compute_at_confirmation",
        store=True,
        readonly=False,
        precompute=True,
        help="When an order is about to be confirmed that passed, and does not pass any more, approvals that relied on "
        "it do not count: the departments are asked anew. Who approved though it failed is not asked again.",
    )
    price_basis = fields.Selection(
        [
            ("pricelist", "Not below the price list"),
            ("discount", "Discount within a limit"),
            ("margin", "Margin not below a limit"),
        ],
        "Price Rule",
    )
    percent = fields.Float(
        "Limit (%)",
        help="How far below the price list a price may be, the highest discount, or the lowest margin.",
    )
    days = fields.Integer(
        help="Working days of notice that a promised date needs; or the days within which orders of one customer are "
        "compared.",
    )
    amount_min = fields.Monetary(
        "From Amount", help="Smaller orders are not concerned. In the company's currency, taxes included."
    )
    payment_term_ids = fields.Many2many("account.payment.term", string="Allowed Terms")
    partner_category_ids = fields.Many2many("res.partner.category", string="Customer Tags")
    industry_ids = fields.Many2many("res.partner.industry", string="Customer Industries")
    country_ids = fields.Many2many("res.country", string="Customer Countries")
    product_category_ids = fields.Many2many("product.category", string="Product Categories")
    product_tag_ids = fields.Many2many("product.tag", string="Product Tags")
    domain = fields.Char("Orders Have to Match")
    message = fields.Char(translate=True, help="What the salesperson reads when an order does not match.")

    rule_in_words = fields.Char("Rule", compute="_compute_rule_in_words")

    _percent_not_negative = models.Constraint(
        "CHECK(percent >= 0)", "The limit of a check cannot be below zero. Enter 0 or more."
    )
    _days_not_negative = models.Constraint(
        "CHECK(days >= 0)", "The days of a check cannot be below zero. Enter 0 or more."
    )
    _amount_not_negative = models.Constraint(
        "CHECK(amount_min >= 0)", "The amount from which a check applies cannot be below zero. Enter 0 or more."
    )

    @api.depends("step_id.policy_id")
    def _compute_policy_id(self):
        for check in self:
            check.policy_id = check.step_id.policy_id or check.policy_id

    @api.model
    def _kinds_used_up(self):
        """Return the kinds that look at what other orders use up until one is confirmed. Other addons add theirs."""
        return {"credit"}

    @api.depends("kind")
    def _compute_at_confirmation(self):
        used_up = self._kinds_used_up()
        for check in self:
            check.at_confirmation = check.kind in used_up

    def _chosen(self, name):
        """Return what is chosen in a parameter."""
        return self.env[self._fields[name].comodel_name].browse(self._known()[name])

    def _prepare_known(self):
        return {
            **super()._prepare_known(),
            "kind": self.kind,
            "step_id": self.step_id.id,
            "at_confirmation": self.at_confirmation,
            **{name: self[name]._ids for name, field in self._fields.items() if field.type == "many2many"},
        }

    @api.model
    def _parameter_fields(self):
        """Return the fields by which checks judge, those of other addons too: all but what every check has."""
        of_all = {"name", "sequence", "policy_id", "company_id", "step_id", "severity", "at_confirmation"}
        return [name for name, field in self._fields.items() if field.store and name not in {*MAGIC_COLUMNS, *of_all}]

    @api.depends(lambda self: self._parameter_fields())
    @api.depends_context("lang")
    def _compute_rule_in_words(self):
        for check in self:
            check.rule_in_words = check._describe_rule()

    def _describe_rule(self):
        """Return the parameters of the check in words. Other addons add what their kinds go by."""
        self.ensure_one()
        if self.kind == "price" and self.price_basis:
            return self._price_limit_in_words()
        if self.kind == "delivery_date":
            return self.env._("%s working days of notice", self.days)
        if self.kind in ("duplicate", "split"):
            return self.env._("Within %s days", self.days)
        if self.kind == "rule":
            return self.message
        if self.kind == "payment_term":
            return self._terms_in_words()
        chosen = (
            self.payment_term_ids, self.product_tag_ids, self.product_category_ids, self.partner_category_ids,
            self.industry_ids, self.country_ids,
        )  # fmt: skip
        return format_list(self.env, (name for records in chosen for name in records.mapped("display_name")))

    def _terms_in_words(self):
        terms = format_list(self.env, self.payment_term_ids.mapped("display_name"))
        if self.partner_category_ids:
            customers = format_list(self.env, self.partner_category_ids.mapped("display_name"))
            terms = self.env._("%(terms)s for customers tagged %(tags)s", terms=terms, tags=customers)
        if self.amount_min:
            amount = format_amount(self.env, self.amount_min, self.currency_id or self.env.company.currency_id)
            terms = self.env._("%(terms)s, from %(amount)s", terms=terms, amount=amount)
        return terms

    # ------------------------------------------------------------------
    # Rules that a check has to follow
    # ------------------------------------------------------------------

    @api.model
    def _parameters(self):
        """Return the fields that each kind needs to judge by: one of them has to be set. Other addons add theirs."""
        return {
            "price": ["price_basis"],
            "payment_term": ["payment_term_ids"],
            "sensitive": [
                "product_tag_ids", "product_category_ids", "partner_category_ids", "industry_ids", "country_ids",
            ],
            "duplicate": ["days"],
            "split": ["days"],
            "rule": ["domain"],
        }  # fmt: skip

    @api.constrains(lambda self: ["name", *self._parameter_fields()])
    def _check_parameters(self):
        for check in self:
            if not check.kind:
                raise ValidationError(self.env._("%s: choose what is checked.", check.name))
            needed = self._parameters().get(check.kind, [])
            if needed and not any(check._has_parameter(name) for name in needed):
                labels = self.fields_get(needed, ["string"])
                raise ValidationError(
                    self.env._(
                        "%(check)s has nothing to judge by. Enter: %(parameters)s.",
                        check=check.name,
                        parameters=self.env._(" or ").join(labels[name]["string"] for name in needed),
                    )
                )
            if check.kind == "rule" and not check.message:
                raise ValidationError(
                    self.env._("%s: write the message that tells the salesperson what to change.", check.name)
                )

    def _has_parameter(self, name):
        """Tell whether a parameter says anything. A condition of blanks does not: every order would follow it."""
        value = self[name]
        return value.strip() not in ("", "[]") if name == "domain" and value else bool(value)

    @api.constrains("step_id", "policy_id")
    def _check_step_of_policy(self):
        for check in self:
            if check.step_id and check.step_id.policy_id != check.policy_id:
                raise ValidationError(
                    self.env._(
                        "%(check)s: %(step)s is a step of another policy. Choose a step of %(policy)s.",
                        check=check.name,
                        step=check.step_id.name,
                        policy=check.policy_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Running
    # ------------------------------------------------------------------

    def _run(self, orders):
        """Judge orders by each of these checks.

        :param orders: sale.order records in superuser mode, all under the policy of these checks
        :return: list of values for sale.order.check, one for each order and check
        """
        return [
            check._prepare_outcome(order, result) for check in self for order, result in check._judge(orders).items()
        ]

    def _register_hook(self):
        """
        :raise TypeError: when an addon judges its kind by a method of the name that was read before
        """
        result = super()._register_hook()
        for kind in self._fields["kind"].get_values(self.env):
            if hasattr(self, f"_check_{kind}") and not hasattr(self, f"_judge_{kind}"):
                raise TypeError(
                    f"Checks of the kind {kind} are judged by the method _judge_{kind}. Rename _check_{kind} to that: "
                    "names that begin with _check_ are those of constraints."
                )
        return result

    def _judge(self, orders):
        """Return the result of this check for each order."""
        self.ensure_one()
        judge = getattr(self, f"_judge_{self.kind}", None)
        if judge is None:
            return dict.fromkeys(orders, self._not_judged(_lt("The app that made this check is not installed.")))
        results = judge(orders)
        return {order: results.get(order) or self._not_judged(_lt("It gave no result.")) for order in orders}

    def _prepare_outcome(self, order, result):
        self.ensure_one()
        refused = "fail" if self.severity == "block" else "warn"
        return {
            "order_id": order._origin.id,
            "check_id": self.id,
            "content_digest": order.content_digest,
            **result,
            "state": "pass" if result["state"] == "pass" else refused,
        }

    @api.model
    def _passed(self, observed, limit=False, explanation=False):
        """Return the result of an order that follows the rule.

        Texts are told in the language of who reads them: they are handed over as ``_lt("…", …)``, with what
        ``_amount``, ``_number`` and ``_day`` return in place of what is formatted; lists are written as lists.

        :param observed: what was found
        :param limit: what is allowed
        """
        return self._prepare_result("pass", True, observed, limit or _lt("No limit"), explanation)

    @api.model
    def _failed(self, observed, limit, explanation):
        """Return the result of an order that breaks the rule.

        :param observed: what was found
        :param limit: what is allowed
        :param explanation: what to do about it
        """
        return self._prepare_result("fail", True, observed, limit, explanation)

    @api.model
    def _not_judged(self, explanation, limit=False):
        """Return the result of an order that cannot be judged: something is missing. That never passes.

        :param explanation: what is missing, and who can add it
        """
        return self._prepare_result("fail", False, _lt("Cannot be judged"), limit, explanation)

    @api.model
    def _prepare_result(self, state, judged, observed, limit, explanation):
        said = {"observed": observed, "limit": limit, "explanation": explanation}
        return {
            "state": state,
            "judged": judged,
            "texts": {name: self._plain_text(text) for name, text in said.items() if text},
        }
