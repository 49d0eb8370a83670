from odoo.tools.sql import table_exists


def migrate(cr, version):
    """Checks of policies that companies have go on as they are: judging again is for their next version to choose."""
    if not table_exists(cr, "order_policy_check"):
        return  # a version without checks
    cr.execute("ALTER TABLE order_policy_check ADD COLUMN IF NOT EXISTS at_confirmation boolean")
    cr.execute(
        """
        UPDATE order_policy_check AS "check"
           SET at_confirmation = "check".kind IN ('credit', 'quantity', 'capacity')
          FROM order_policy AS policy
         WHERE policy.id = "check".policy_id AND policy.company_id IS NULL
        """
    )
