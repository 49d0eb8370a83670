def migrate(cr, version):
    """The content of orders is recorded when it next changes: nobody waits until that of all orders was read again."""
    cr.execute("ALTER TABLE sale_order ADD COLUMN IF NOT EXISTS content_snapshot jsonb")
