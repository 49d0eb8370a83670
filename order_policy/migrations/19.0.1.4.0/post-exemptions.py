def migrate(cr, version):
    """Record the exemptions that stand on orders, so that they stay."""
    cr.execute(
        """
        INSERT INTO sale_order_exemption (
            order_id, company_id, kind, reason, user_id, date, was_confirmed,
            create_uid, create_date, write_uid, write_date
        )
        SELECT id, company_id, 'given', policy_exempt_reason, COALESCE(policy_exempt_by_id, write_uid, 1),
               COALESCE(policy_exempt_on, write_date), state = 'sale',
               1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC'
          FROM sale_order sale
         WHERE policy_exempt_reason IS NOT NULL AND policy_exempt_reason != ''
           AND NOT EXISTS (SELECT FROM sale_order_exemption WHERE order_id = sale.id)
        """
    )
