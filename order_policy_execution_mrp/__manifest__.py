{
    "name": "Order Policy: Execution, Manufacturing",
    "version": "19.0.1.0.0",
    "category": "Sales/Sales",
    "summary": "Production reports itself to the orders that it is for",
    "author": "Order Policy",
    "license": "LGPL-3",
    "depends": ["order_policy_execution_stock", "order_policy_mrp"],
    "data": [
        "data/order_policy_preset_data.xml",
        "views/mrp_production_payment_views.xml",
    ],
    "auto_install": True,
}
