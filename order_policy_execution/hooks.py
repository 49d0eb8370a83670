from odoo.tools.sql import column_exists, create_column

LINE_COLUMNS = {"policy_to_inspect": "bool", "policy_released_qty": "numeric"}


def pre_init_hook(env):
    """Add computed columns empty, so that a company with a million order lines does not wait for their computation.

    Nothing is inspected by any policy at installation: empty is exactly what the computation would give.
    """
    for column, column_type in LINE_COLUMNS.items():
        if not column_exists(env.cr, "sale_order_line", column):
            create_column(env.cr, "sale_order_line", column, column_type)
