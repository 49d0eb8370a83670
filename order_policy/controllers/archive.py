from odoo import http
from odoo.http import content_disposition, request


class OrderPolicyArchive(http.Controller):
    @http.route("/order_policy/dossiers/<string:ids>", type="http", auth="user", methods=["GET"], readonly=True)
    def export_dossiers(self, ids):
        """Send sealed dossiers as a ZIP, as it is packed.

        :param str ids: of the dossiers, joined by dashes
        """
        dossiers = request.env["sale.order.dossier"].browse(int(part) for part in ids.split("-") if part.isdigit())
        dossiers = dossiers.exists()
        dossiers._check_can_be_exported()
        name = dossiers.name if len(dossiers) == 1 else request.env._("Dossiers")
        return request.make_response(
            request.env["sale.order.dossier.export"]._stream_zip(dossiers),
            headers=[("Content-Type", "application/zip"), ("Content-Disposition", content_disposition(f"{name}.zip"))],
        )
