"""Content of orders that addons bring and take away."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import TransactionCase


class OtherContentCase(TransactionCase):
    """Lets addons come and go that have content of their own."""

    @contextmanager
    def _content(self, change):
        """Let other fields be content, as when an addon comes and Odoo begins anew.

        :param change: function that alters what ``_policy_aspect_fields`` returns
        """
        Order = type(self.env["sale.order"])
        usual = Order._policy_aspect_fields

        def changed(order):
            aspects = usual(order)
            change(aspects)
            return aspects

        with patch.object(Order, "_policy_aspect_fields", changed):
            self.env.registry.clear_cache()
            yield
        self.env.registry.clear_cache()
