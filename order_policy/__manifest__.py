{
    "name": "Order Policy",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "summary": "Departments review sale orders, the general manager approves large ones, nothing gets past",
    "author": "Order Policy",
    "license": "LGPL-3",
    "depends": ["sale_management"],
    "data": [
        "security/order_policy_security.xml",
        "security/ir.model.access.csv",
        "data/order_policy_aspect_data.xml",
        "data/order_policy_department_data.xml",
        "views/sale_order_review_templates.xml",
    ],
    "pre_init_hook": "pre_init_hook",
    "application": True,
}
