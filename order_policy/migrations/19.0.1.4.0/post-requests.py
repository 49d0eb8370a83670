def migrate(cr, version):
    """Let lines of requests know what Odoo priced them at, and which combo they are a choice of."""
    cr.execute(
        """
        UPDATE sale_order_change_line line
           SET technical_price_unit = source.technical_price_unit,
               was_part_of_id = CASE WHEN source.combo_item_id IS NOT NULL THEN source.linked_line_id END
          FROM sale_order_line source
         WHERE source.id = line.order_line_id
        """
    )
    cr.execute("UPDATE sale_order_change_line SET technical_price_unit = price_unit WHERE order_line_id IS NULL")
