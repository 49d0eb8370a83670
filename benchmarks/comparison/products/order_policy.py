"""The addon of this checkout."""

from odoo.fields import Command

from .product import BIG_AMOUNT, BIG_STEP, STEPS, Product

KINDS = {"finance": "review", "production": "review", "sales_head": "approval", BIG_STEP: "approval"}


class OrderPolicy(Product):
    """A policy as small as that of the others: steps which any member of a department decides, and nothing else."""

    def configure(self, env):
        company = env["res.company"].browse(1)
        env = env(context={"allowed_company_ids": company.ids})
        steps = (*STEPS, BIG_STEP)
        departments = env["order.policy.department"].create(
            [
                {
                    "name": step,
                    "company_id": company.id,
                    "member_ids": [Command.set(self.company.group(env, step).user_ids.ids)],
                }
                for step in steps
            ]
        )
        threshold = {BIG_STEP: {"applies": "amount", "amount_min": BIG_AMOUNT}}
        env["order.policy"].create(
            {
                "name": "Benchmark",
                "company_id": company.id,
                "step_ids": [
                    Command.create(
                        {
                            "name": step,
                            "sequence": 10 * index,
                            "kind": KINDS[step],
                            "department_id": department.id,
                            **threshold.get(step, {}),
                        }
                    )
                    for index, (step, department) in enumerate(zip(steps, departments, strict=True), 1)
                ],
            }
        ).action_activate()

    # The life of an order

    def submit(self, order):
        order.action_policy_submit()

    def approve(self, ref):
        reviewer = self.company.reviewer(ref.next_step)
        with self.requests.system(reviewer) as env:  # what the card shows already
            review = env["sale.order.review"].search(
                [("order_id", "=", ref.id), ("state", "=", "pending"), ("step_id.name", "=", ref.next_step)]
            )
            shown = (review.id, review.order_digest)
        with self.requests.measured("approve", reviewer) as env:
            self._approve_shown(env, *shown)

    @staticmethod
    def _approve_shown(env, review_id, digest, comment=False):
        """Approve as the card does it: with the content that it shows."""
        env["sale.order.review"].browse(review_id).action_approve(comment=comment, digests={str(review_id): digest})

    # The screens of a reviewer

    def count_to_do(self, env):
        groups = env["res.users"]._get_policy_activity_groups()
        return sum(group["total_count"] for group in groups if group["model"] == "sale.order.review")

    def read_to_do(self, env, client):
        return client.read_action(env, "order_policy.sale_order_review_action", "list", 80)

    def own_columns(self):
        return ["policy_stage", "policy_waiting_for", "policy_overdue"]

    def more_screens(self, client):
        def count_rows(env):
            """One count with an index and without access rules: what the counter cannot be faster than."""
            departments = env.user._policy_department_ids()
            domain = [("department_id", "in", departments), ("state", "=", "pending")]
            return env["sale.order.review"].sudo().search_count(domain)

        return {
            "cards": lambda env: client.read_action(env, "order_policy.sale_order_review_action", "kanban", 40),
            "bare count": count_rows,
        }
