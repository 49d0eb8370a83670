{
    "name": "Order Policy: Stock",
    "version": "19.0.1.1.1",
    "category": "Sales/Sales",
    "summary": "Orders are reviewed against the stock on hand and the forecast",
    "author": "Order Policy",
    "license": "LGPL-3",
    "depends": ["order_policy", "sale_stock"],
    "data": [
        "data/order_policy_preset_data.xml",
        "views/order_policy_check_views.xml",
    ],
    "auto_install": True,
}
