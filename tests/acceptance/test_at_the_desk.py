"""What lists and orders show on the screen of a desk, as the demo is."""

import pytest

# Who opens which lists; Chen's are in Chinese.
LISTS = {
    "sales-chen": ["policy-orders", "orders-sent-back", "all-order-reviews", "order-requests"],
    "policy-admin": [
        "policy-orders", "all-order-reviews", "order-requests", "dossiers", "dossiers-to-seal", "order-policies",
        "order-departments", "order-deputies", "order-channels", "order-papers", "order-reasons", "dossier-classes",
    ],
}  # fmt: skip
# By which people know one row from another.
TELLING = ["name", "title", "order_id", "partner_id", "change_id", "step_id", "user_id", "decided_by_id"]
CUT = """(telling) => [...document.querySelectorAll(".o_data_row .o_data_cell")]
    .filter((cell) => telling.includes(cell.getAttribute("name")))
    .filter((cell) => [cell, ...cell.querySelectorAll("*")].some((part) => part.scrollWidth > part.clientWidth + 1
        && getComputedStyle(part).overflowX !== "visible"))
    .map((cell) => `${cell.getAttribute("name")}: ${cell.innerText}`)"""


@pytest.mark.parametrize("login", LISTS)
def test_lists_cut_nothing_that_tells_rows_apart(sit_down, login):
    client = sit_down(login)
    for path in LISTS[login]:
        client.open(path)
        if client.page.locator(".o_switch_view.o_list").count():
            client.page.click(".o_switch_view.o_list")
            client.wait()
        assert not client.page.evaluate(CUT, TELLING), path


def test_all_stages_of_an_order_are_in_sight(sit_down):
    """They stay in sight beside the buttons or below them; six of them at most, with the one where the order stands."""
    client = sit_down("sales-anna")
    orders = client.call("sale.order", "search_read", [("policy_id", "!=", False)], ["policy_stage"])
    different = {order["policy_stage"]: order["id"] for order in orders}
    assert len(different) > 5
    for stage, order in different.items():
        client.open(f"policy-orders/{order}")
        shown = client.page.locator(".o_order_policy_stages .o_arrow_button:visible")
        assert not client.page.locator(".o_order_policy_stages .dropdown-toggle:visible").count(), stage
        assert 5 <= shown.count() <= 6 and client.stage(), stage
