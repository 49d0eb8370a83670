{
    "name": "Order Policy: Manufacturing",
    "version": "19.0.1.2.0",
    "category": "Sales/Sales",
    "summary": "Orders are reviewed against the load of the work centers",
    "author": "Order Policy",
    "license": "LGPL-3",
    "depends": ["order_policy_stock", "sale_mrp"],
    "data": [
        "data/order_policy_preset_data.xml",
        "views/order_policy_check_views.xml",
        "views/sale_order_change_views.xml",
    ],
    "auto_install": True,
}
