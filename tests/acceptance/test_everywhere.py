"""Everybody opens everything that he sees."""


def test_orders_open(sit_down):
    anna = sit_down("sales-anna")
    anna.open("policy-orders")
    anna.page.wait_for_selector(".o_data_row")
