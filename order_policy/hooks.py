from odoo.tools.sql import column_exists, create_column

ORDER_COLUMNS = {
    "policy_id": "int4",
    "policy_stage": "varchar",
    "policy_cleared_digest": "varchar",
    "content_digest": "varchar",
    "content_snapshot": "jsonb",
    "amount_company": "numeric",
    "review_count": "int4",
    "review_done_count": "int4",
    "channel_id": "int4",
    "received_on": "timestamp",
    "entry_hours": "float8",
    "dossier_id": "int4",
    "policy_readers": "jsonb",
    "policy_change_readers": "jsonb",
}


def pre_init_hook(env):
    """Add the computed columns empty, so that a company with a million orders does not wait for their computation.

    No policy is active at installation: empty is exactly what the computation would give. When orders of the past
    arrived nobody knows.
    """
    for column, column_type in ORDER_COLUMNS.items():
        if not column_exists(env.cr, "sale_order", column):
            create_column(env.cr, "sale_order", column, column_type)


def uninstall_hook(env):
    """Take along the counters of the archive that were made as they were needed: installed again, it begins at 1."""
    env["ir.sequence"].with_context(active_test=False).search(
        [
            "|",
            ("code", "=", "sale.order.dossier.seal"),
            ("code", "=like", "order.policy.dossier.class.%"),
        ]
    ).unlink()
