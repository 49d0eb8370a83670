"""What the Odoo Community Association has for it."""

from .product import BIG_AMOUNT, BIG_STEP, STEPS, Product


class OcaTier(Product):
    """sale_tier_validation, set up in its own definitions, without notifications, which is when it does least."""

    joined_by_name = (("tier_review", "model", "res_id"),)

    def configure(self, env):
        steps = (*STEPS, BIG_STEP)
        env["tier.definition"].create(
            [
                {
                    "name": step,
                    "model_id": env["ir.model"]._get_id("sale.order"),
                    "review_type": "group",
                    "reviewer_group_id": self.company.group(env, step).id,
                    "sequence": 10 * (len(steps) - index),  # the highest is the first
                    "approve_sequence": True,
                    "definition_domain": f"[('amount_total', '>=', {BIG_AMOUNT})]" if step == BIG_STEP else False,
                }
                for index, step in enumerate(steps)
            ]
        )

    def submit(self, order):
        order.request_validation()

    def approve_as_reviewer(self, order):
        order.validate_tier()

    def count_to_do(self, env):
        groups = env["res.users"].review_user_count()
        return sum(group["pending_count"] for group in groups if group["model"] == "sale.order")

    def read_to_do(self, env, client):
        return client.read_orders(env, [("can_review", "=", True)], self.own_columns())

    def own_columns(self):
        return ["validation_status", "next_review", "can_review"]
