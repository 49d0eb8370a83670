from odoo.exceptions import UserError


class OrderIncomplete(UserError):
    """Orders cannot be submitted: lists all that is missing or not allowed at once.

    In the browser each item leads to the field that is to be filled in (``context["missing"]``).
    """

    def __init__(self, env, obstacles):
        """
        :param dict obstacles: lists by order; items are dicts with ``label`` and, where something is to be filled in,
            ``model``, ``res_id`` and ``field``
        """
        incomplete = {order: items for order, items in obstacles.items() if items}
        super().__init__(
            "\n".join(
                env._("%(order)s cannot be submitted yet:\n%(obstacles)s", order=order.name, obstacles=lines)
                for order, lines in (
                    (order, "\n".join(f"• {item['label']}" for item in items)) for order, items in incomplete.items()
                )
            )
        )
        self.context = {
            "orders": [{"id": order.id, "name": order.name, "items": items} for order, items in incomplete.items()]
        }
