{
    "name": "Order Policy: Purchase",
    "version": "19.0.1.1.0",
    "category": "Sales/Sales",
    "summary": "Purchasing learns of changed and cancelled orders for which it buys",
    "author": "Order Policy",
    "license": "LGPL-3",
    "depends": ["order_policy", "sale_purchase"],
    "auto_install": True,
}
