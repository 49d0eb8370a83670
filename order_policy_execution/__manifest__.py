{
    "name": "Order Policy: Execution",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "summary": "After confirmation each department knows what is its own and by when, and goods leave only released",
    "author": "Order Policy",
    "license": "LGPL-3",
    "depends": ["order_policy"],
    "data": [
        "security/order_policy_execution_security.xml",
        "security/ir.model.access.csv",
        "views/sale_order_views.xml",
        "views/order_policy_views.xml",
        "views/menus.xml",
    ],
}
