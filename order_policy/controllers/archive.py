from odoo import http
from odoo.http import content_disposition, request


class OrderPolicyArchive(http.Controller):
    @http.route("/order_policy/exports/<int:export_id>", type="http", auth="user", methods=["GET"], readonly=True)
    def export_dossiers(self, export_id):
        """Send sealed dossiers as a ZIP, as it is packed.

        :param int export_id: id of a sale.order.dossier.export; whoever opens it must be entitled to its dossiers
        """
        export = request.env["sale.order.dossier.export"].browse(export_id).exists()
        if not export:
            raise request.not_found(request.env._("This export has expired. Export the dossiers again."))
        export.check_access("read")
        dossiers = export.sudo().dossier_ids.sudo(False)  # all of them, or none
        dossiers._check_can_be_exported()
        name = dossiers.name if len(dossiers) == 1 else request.env._("Dossiers")
        return request.make_response(
            request.env["sale.order.dossier.export"]._stream_zip(dossiers),
            headers=[("Content-Type", "application/zip"), ("Content-Disposition", content_disposition(f"{name}.zip"))],
        )
