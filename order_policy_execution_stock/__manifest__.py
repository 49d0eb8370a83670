{
    "name": "Order Policy: Execution, Stock",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "summary": "Goods that were not released cannot leave the warehouse; deliveries report themselves",
    "author": "Order Policy",
    "license": "LGPL-3",
    "depends": ["order_policy_execution", "order_policy_stock"],
    "data": [
        "security/ir.model.access.csv",
        "security/order_policy_execution_stock_security.xml",
        "data/order_policy_preset_data.xml",
        "views/stock_picking_payment_views.xml",
        "views/stock_picking_views.xml",
        "views/stock_move_without_release_views.xml",
    ],
    "auto_install": True,
}
