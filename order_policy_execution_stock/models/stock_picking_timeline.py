import json

from odoo import models


class StockPicking(models.Model):
    """By what customers follow a shipment."""

    _inherit = "stock.picking"

    def _customer_tracking(self):
        """Return by what a customer follows a shipment: nothing without an app that ships with carriers.

        :return: list of pairs of a text and an address, which is empty where the carrier has none
        """
        self.ensure_one()
        if "carrier_tracking_ref" not in self._fields or not self.carrier_tracking_ref:
            return []
        url = self.carrier_tracking_url or ""
        try:
            several = json.loads(url)
        except ValueError:
            several = None
        if isinstance(several, list):  # as carriers do that ship in several parcels
            return [(str(pair[0]), self._safe_address(pair[1])) for pair in several if len(pair) > 1]
        return [(self.carrier_tracking_ref, self._safe_address(url))]

    def _safe_address(self, url):
        """Return an address that a browser opens as a page, and nothing that it would run."""
        url = str(url or "").strip()
        return url if url.lower().startswith(("https://", "http://")) else ""
