"""Odoo's sales without any addon: the floor."""

from .product import Product


class PlainOdoo(Product):
    """Orders are entered and confirmed. Nothing is reviewed: what stands for its to-do are the open quotations."""

    has_review = False
    WAITING = (("state", "in", ["draft", "sent"]),)

    def count_to_do(self, env):
        return env["sale.order"].search_count(list(self.WAITING))

    def read_to_do(self, env, client):
        return client.read_orders(env, list(self.WAITING))
