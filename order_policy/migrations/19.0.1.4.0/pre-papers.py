from odoo.tools.sql import table_exists


def migrate(cr, version):
    """Two people who opened a dossier at once may have listed a paper twice: keep the first, unless it is sealed."""
    if not table_exists(cr, "sale_order_dossier_item"):
        return  # a version without dossiers
    cr.execute(
        """
        DELETE FROM sale_order_dossier_item item
         USING sale_order_dossier_item first
         WHERE item.dossier_id = first.dossier_id
           AND item.id > first.id
           AND item.sha256 IS NULL
           AND first.sha256 IS NULL
           AND (
               item.source_file_id = first.source_file_id
               OR (
                   item.report = first.report
                   AND item.record_id = first.record_id
                   AND item.made_on IS NOT DISTINCT FROM first.made_on
               )
           )
        """
    )
