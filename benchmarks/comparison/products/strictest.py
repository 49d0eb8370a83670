"""The addon of this checkout with the ready policy that asks for most."""

from datetime import timedelta

from odoo import fields
from odoo.fields import Command

from .order_policy import OrderPolicy
from .product import BIG_STEP

# Who is in the departments of the ready policy: a group of people, all of them or some. Nobody decides two steps.
PEOPLE = {
    "sales": ("sales_head", (0, 1, 2)),
    "finance": ("finance", (0, 1, 2)),
    "production": ("production", (0,)),
    "quality": ("production", (1,)),
    "logistics": ("production", (2,)),
    "management": (BIG_STEP, (0, 1, 2)),
}


class StrictestOfAll(OrderPolicy):
    """Strictest of All as it is adopted: what an order must hold, checks, proofreading, four reviews side by side, the
    head of sales, the general manager for large orders, a comment on approvals, and the customer's yes by phone.
    """

    def configure(self, env):
        env = env(context={"allowed_company_ids": [1]})
        self.company.customers(env).write({"phone": "+86 10 5555 0100", "email": "buyer@example.com"})
        preset = env.ref("order_policy.policy_strict")
        wizard = env["order.policy.adopt"].create({"company_id": 1, "preset_id": preset.id})
        names = wizard.department_ids.preset_department_id.get_external_id()
        for line in wizard.department_ids:
            group, numbers = PEOPLE[names[line.preset_department_id.id].rpartition("department_")[2]]
            members = [self.company.reviewers[group][number] for number in numbers]
            line.write({"head_id": members[0], "member_ids": [Command.set(members)]})
        wizard.action_adopt()

    def steps(self, big):
        return ("proofreading", "finance", "production", "quality", "logistics", "sales_head", *[BIG_STEP][: int(big)])

    def more_values(self):
        with self.requests.system() as env:
            return {
                "channel_id": env.ref("order_policy.channel_phone").id,
                "payment_term_id": env.ref("account.account_payment_term_30days").id,
                "commitment_date": fields.Datetime.now() + timedelta(days=30),
            }

    def approve(self, ref):
        with self.requests.system() as env:  # what the card shows already
            reviews = env["sale.order.review"].search(
                [("order_id", "=", ref.id), ("state", "=", "pending")], order="id", limit=1
            )
            people = reviews.user_id | reviews.step_id._people()
            reviewer = next(person.id for person in people if not reviews.with_user(person)._refusal_to_decide())
            shown = (reviews.id, reviews.order_digest, "Seen" if reviews.comment_required else False)
        with self.requests.measured("approve", reviewer) as env:
            self._approve_shown(env, *shown)

    def ask_customer(self, ref):
        with self.requests.system(ref.seller) as env:
            digest = env["sale.order"].browse(ref.id).content_digest
        with self.requests.measured("customer", ref.seller) as env:
            env["sale.order"].browse(ref.id).action_policy_record_confirmation(
                "phone", "Buyer", "Yes, please deliver.", digest=digest
            )
