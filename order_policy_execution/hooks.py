from odoo.tools.sql import column_exists, create_column

COLUMNS = {
    "sale_order_line": {"policy_to_inspect": "bool", "policy_released_qty": "numeric"},
    "sale_order": {
        "policy_danger": "varchar",
        "policy_danger_days": "int4",
        "policy_danger_milestone_id": "int4",
        "policy_danger_department_id": "int4",
        "policy_forecast_on": "date",
        "policy_issue_readers": "jsonb",
        "policy_on_time_rate": "float8",
        "policy_in_full_rate": "float8",
        "policy_faultless_rate": "float8",
        "policy_papers_rate": "float8",
        "policy_perfect_rate": "float8",
    },
}


def pre_init_hook(env):
    """Add computed columns empty, so that a company with a million orders does not wait for their computation.

    At installation no policy inspects anything, and no order has milestones or exceptions: nothing is in danger. How
    good orders were that are archived already nobody can tell: averages leave out what is empty.
    """
    for table, columns in COLUMNS.items():
        for column, column_type in columns.items():
            if not column_exists(env.cr, table, column):
                create_column(env.cr, table, column, column_type)
