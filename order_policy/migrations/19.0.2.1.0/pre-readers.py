def migrate(cr, version):
    """Who reads an order is filled in afterwards, for all orders at once: Odoo would compute it order by order."""
    cr.execute(
        """
        ALTER TABLE IF EXISTS sale_order
            ADD COLUMN IF NOT EXISTS policy_readers jsonb,
            ADD COLUMN IF NOT EXISTS policy_change_readers jsonb
        """
    )
