from odoo.tools.sql import column_exists


def migrate(cr, version):
    """What results of checks said stays in the words that it was recorded in: of what it consists nobody knows."""
    if not column_exists(cr, "sale_order_check", "observed"):
        return  # a version without checks, or updated already
    cr.execute("ALTER TABLE sale_order_check ADD COLUMN IF NOT EXISTS texts jsonb")
    cr.execute(
        """
        UPDATE sale_order_check
           SET texts = jsonb_strip_nulls(
               jsonb_build_object('observed', observed, 'limit', "limit", 'explanation', explanation)
           )
         WHERE texts IS NULL
        """
    )
    cr.execute('ALTER TABLE sale_order_check DROP COLUMN observed, DROP COLUMN "limit", DROP COLUMN explanation')
