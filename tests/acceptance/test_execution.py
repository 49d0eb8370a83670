"""A day of executing an order: each department does its part, and what was not released does not leave."""

import unicodedata
from datetime import date, timedelta

import pytest
from daily_work import adopt, approve_without_looking, begin_order, follow_up, open_order, record_confirmation, submit
from pypdf import PdfReader

LANGUAGES = {"English": {}, "Chinese": {"language": "zh_CN"}}
ORDERED = {"Desk": 2, "Lamp": 10}
AMOUNT = "2,500.00"
TOO_EARLY = "One drawer does not close."


@pytest.mark.parametrize("language", LANGUAGES)
def test_day(company, sit_down, quiet_log, tmp_path, language):
    firm = company(language, **LANGUAGES[language])
    # What Odoo refuses, it also notes.
    quiet_log += [firm.products["Desk"]]
    adopt_with_plan(firm)
    open_books(firm)
    fill_warehouse(firm)
    order = confirmed_order(firm)
    produce(firm, order)
    reopen(firm, order)
    scrap(firm)
    check_nothing_leaves(firm, order)
    inspect(firm, order)
    deliver(firm, order)
    follow_up(firm["seller"], order, "All of it left today.")
    settle_exception(firm, order)
    invoice = send_invoice(firm, order)
    collect(firm, order, invoice)
    rate(firm, sit_down(None, phone=True, language=firm.language), order)
    serve(firm, order)
    print_record(firm, order, tmp_path)
    find_in_dossier(firm, order)
    supervise(firm)


def adopt_with_plan(firm):
    """The policy comes with milestones, and the company adds what it inspects."""
    adopt(
        firm,
        "Strictest of All",
        sales=["sales-head", "seller", "colleague"],
        finance=["finance"],
        production=["planner"],
        quality=["inspector"],
        logistics=["keeper"],
        service=["service"],
        management=["manager"],
    )
    adam = firm["policy-admin"]
    adam.button("New Version")
    adam.tab("execution")
    adam.picture(f"{firm.name} execution of a policy")
    adam.add_row("inspection_ids")
    adam.fill("name", "Final inspection")
    adam.choose("department_id", adam.say("Quality"))
    adam.choose("product_ids", firm.products["Desk"])
    adam.add_row("characteristic_ids")
    adam.fill_cell("characteristic_ids", "name", "Height")
    adam.picture(f"{firm.name} plan of an inspection")
    adam.save()
    adam.button("Activate")
    adam.accept()
    assert adam.stage() == adam.say("In Force")


def open_books(firm):
    """The company has accounts, and Felix works with them; none of that is what is tested."""
    office, felix = firm.office, firm.login("finance")
    office.call("account.chart.template", "try_loading", [], "generic_coa", firm.id)
    [user] = office.call("res.users", "search", [["login", "=", felix]])
    office.call("res.users", "write", [user], {"group_ids": [[4, firm._ref("account.group_account_invoice")]]})


def fill_warehouse(firm):
    office = firm.office
    [warehouse] = office.call("stock.warehouse", "search_read", [["company_id", "=", firm.id]], ["lot_stock_id"])
    products = office.call("product.product", "search", [["company_id", "=", firm.id]])
    values = {"location_id": warehouse["lot_stock_id"][0], "inventory_quantity": 100}
    quants = office.call("stock.quant", "create", [{"product_id": product, **values} for product in products])
    office.call("stock.quant", "action_apply_inventory", quants)


def confirmed_order(firm):
    """Sales enters an order, departments approve it, the customer confirms it."""
    sara = firm["seller"]
    begin_order(sara, firm, **ORDERED)
    sara.choose("channel_id", sara.say("Phone"))
    sara.choose("payment_term_id", "30")
    sara.fill("commitment_date", "+60")
    order = submit(sara)
    approve_without_looking(order, *(firm[role] for role in ("colleague", "finance", "planner", "keeper", "inspector")))
    approve_without_looking(order, firm["sales-head"], comment="Fine.")
    open_order(sara, order)
    record_confirmation(sara, AMOUNT, "So be it.")
    sara.button("Confirm")
    assert sara.stage() == sara.say("Execution")
    sara.tab("policy_execution")
    sara.picture(f"{firm.name} execution of an order")
    milestones = sara.rows("milestone_ids", "state")
    assert milestones == [(sara.say("Planned"),)] * 5
    return order


def _work(person):
    person.menu("Order Policy", "Execution", "My Department's Work")


def produce(firm, order):
    """Production finds its work, starts it, reports how far it is, and is done with it."""
    petra = firm["planner"]
    _work(petra)
    petra.picture(f"{firm.name} work of a department")
    petra.button_of(petra.card(order), "Start")
    petra.button_of(petra.card(order), "Report")
    petra.fill("note", "Varnished, dries until tomorrow.")
    petra.picture(f"{firm.name} report of a milestone")
    petra.button("action_report")
    assert "Varnished" in petra.card(order).inner_text()
    phone = firm.on_phone("planner")
    phone.open("my-departments-work")
    phone.picture(f"{firm.name} work of a department on the phone")
    petra.button_of(petra.card(order), "Done")
    _work(petra)
    assert not petra.card(order).count()


def _produced(petra):
    """The row of the order's milestones that production reports."""
    return petra.page.locator(".o_field_widget[name=milestone_ids] .o_data_row", has_text=petra.say("Production")).first


def reopen(firm, order):
    """What was reported too early is opened again by the head of production, who says why, and then it is done."""
    petra = firm["planner"]
    open_order(petra, order)
    petra.tab("policy_execution")
    assert petra.say("Done") in _produced(petra).inner_text()
    petra.button_of(_produced(petra), "Reopen")
    petra.fill("reason", TOO_EARLY)
    petra.picture(f"{firm.name} milestone to reopen")
    petra.button("action_reopen")
    assert petra.say("Started") in _produced(petra).inner_text()
    petra.picture(f"{firm.name} milestone reopened")
    _work(petra)
    petra.button_of(petra.card(order), "Done")
    assert not petra.card(order).count()


def scrap(firm):
    """A lamp falls and a desk is scratched: neither needs a release, and one of them would need it to leave."""
    karl = firm["keeper"]
    for product in ("Lamp", "Desk"):
        karl.open("scraps/new")
        karl.choose("product_id", firm.products[product])
        karl.fill("scrap_qty", 1)
        karl.button("action_validate")
        assert karl.read("name").startswith("SP/")


def _open_delivery(karl, order):
    karl.open("action-stock.action_picking_tree_outgoing")
    karl.find(order)


def check_nothing_leaves(firm, order):
    """Before quality released it nothing leaves, neither with the button nor past the screen."""
    karl = firm["keeper"]
    desk, ines = firm.products["Desk"], firm.name_of("inspector")
    _open_delivery(karl, order)
    assert desk in karl.banner() and ines in karl.banner()
    karl.picture(f"{firm.name} transfer that may not leave")
    said = karl.refused("button_validate")
    assert desk in said and ines in said
    check_nothing_leaves_without_order(firm, desk)

    pickings = karl.call("stock.picking", "search", [["origin", "=", order]])
    moves = karl.call("stock.move", "search", [["picking_id", "in", pickings], ["product_id.name", "=", desk]])
    assert moves
    assert desk in karl.refused_call("stock.move", "write", moves, {"state": "done"})
    assert desk in karl.refused_call("stock.picking", "button_validate", pickings)
    karl.call("stock.move", "write", moves, {"quantity": 1, "picked": True})
    partly = {"context": {"skip_backorder": True}}
    assert desk in karl.refused_call("stock.picking", "button_validate", pickings, **partly)
    karl.call("stock.move", "write", moves, {"quantity": 2, "picked": False})
    states = karl.call("stock.move", "read", moves, ["state"])
    assert [move["state"] for move in states] == ["assigned"]


def check_nothing_leaves_without_order(firm, desk):
    """Nor does it leave by a transfer that somebody enters himself, whole or with the rest left to a backorder."""
    karl = firm["keeper"]
    karl.open("action-stock.action_picking_tree_outgoing")
    karl.new()
    karl.choose("partner_id", firm.customer)
    karl.add_row("move_ids")
    karl.choose_cell("move_ids", "product_id", desk)
    karl.fill_cell("move_ids", "product_uom_qty", 2)
    karl.button("action_confirm")
    assert desk in karl.banner()
    assert desk in karl.refused("button_validate")
    karl.picture(f"{firm.name} transfer without an order")
    karl.fill_cell("move_ids", "quantity", 1, text=desk)
    karl.button("button_validate")
    assert desk in karl.refused("process")
    karl.button("Discard")


def inspect(firm, order):
    """Quality finds the inspection, enters what is measured, and releases."""
    ines = firm["inspector"]
    ines.menu("Order Policy", "Execution", "To Do")
    ines.picture(f"{firm.name} inspections to do")
    ines.find(order)
    for piece in range(1, ORDERED["Desk"] + 1):
        ines.fill_cell("line_ids", "value", "740", text=str(piece))
    ines.picture(f"{firm.name} inspection")
    ines.button("Release")
    assert ines.stage() == ines.say("Released")
    ines.picture(f"{firm.name} inspection released")
    phone = firm.on_phone("inspector")
    phone.open("inspections")
    phone.picture(f"{firm.name} inspections on the phone")
    phone.card(order).click()
    phone.wait()
    phone.picture(f"{firm.name} inspection on the phone")


def deliver(firm, order):
    """What is released leaves, and no more than that."""
    karl = firm["keeper"]
    _open_delivery(karl, order)
    assert not karl.banner()
    karl.button("button_validate")
    [picking] = karl.call("stock.picking", "search_read", [["origin", "=", order]], ["state", "move_ids"])
    assert picking["state"] == "done"
    desk = firm.products["Desk"]
    moves = karl.call("stock.move", "search", [["id", "in", picking["move_ids"]], ["product_id.name", "=", desk]])
    assert desk in karl.refused_call("stock.move", "write", moves, {"quantity": 3})


def settle_exception(firm, order):
    """Sales reports what went wrong, and who owns it settles it."""
    sara, karl = firm["seller"], firm["keeper"]
    open_order(sara, order)
    sara.button("Report an Exception")
    sara.choose("kind", sara.say("Damage"))
    sara.fill("cause", "A lamp is broken")
    sara.fill("description", "Found when it was unpacked.")
    sara.picture(f"{firm.name} issue to report")
    sara.button("action_report")
    karl.menu("Order Policy", "Execution", "Exceptions")
    karl.picture(f"{firm.name} exceptions")
    karl.open_card("A lamp is broken")
    karl.button("Start")
    karl.picture(f"{firm.name} exception")
    karl.button("Settle")
    karl.fill("result", "Another lamp was sent.")
    karl.fill("root_cause", "Packed too loosely.")
    karl.button("action_settle")
    assert karl.stage() == karl.say("Settled")
    phone = firm.on_phone("keeper")
    phone.open("exceptions")
    phone.picture(f"{firm.name} exceptions on the phone")


def send_invoice(firm, order):
    """Sales invoices the order and finance posts that, long ago: how that is done is Odoo's."""
    sara, felix = firm["seller"], firm["finance"]
    orders = sara.call("sale.order", "search", [["name", "=", order]])
    values = {"advance_payment_method": "delivered", "sale_order_ids": [[6, 0, orders]]}
    wizard = sara.call("sale.advance.payment.inv", "create", values)
    sara.call("sale.advance.payment.inv", "create_invoices", [wizard])
    invoices = felix.call("account.move", "search", [["invoice_origin", "=", order]])
    felix.call("account.move", "write", invoices, {"invoice_date": str(date.today() - timedelta(days=40))})
    felix.call("account.move", "action_post", invoices)
    return invoices


def collect(firm, order, invoices):
    """Finance sees what is overdue, and the order is completed once it is paid."""
    felix = firm["finance"]
    felix.menu("Order Policy", "Execution", "Collection")
    felix.page.locator(".o_group_header", has_text=firm.customer).click()
    felix.wait()
    # Invoiced, due, and overdue.
    assert felix.page.locator(".o_action_manager .o_data_row", has_text=order).inner_text().count(AMOUNT) == 3
    felix.picture(f"{firm.name} collection")
    assert open_order(felix, order) == felix.say("Execution")
    felix.tab("policy_execution")
    felix.picture(f"{firm.name} execution of an order as finance sees it")
    phone = firm.on_phone("finance")
    phone.open("collection")
    phone.picture(f"{firm.name} collection on the phone")

    context = {"active_model": "account.move", "active_ids": invoices}
    payment = felix.call("account.payment.register", "create", {}, context=context)
    felix.call("account.payment.register", "action_create_payments", [payment], context=context)
    sara = firm["seller"]
    assert open_order(sara, order) == sara.say("Completed")
    sara.tab("policy_execution")
    assert {state for (state,) in sara.rows("milestone_ids", "state")} == {sara.say("Done")}
    sara.picture(f"{firm.name} order that is completed")


def rate(firm, lin, order):
    """The customer sees on the phone how the order went, and says how it was."""
    sara = firm["seller"]
    orders = sara.call("sale.order", "search", [["name", "=", order]])
    link = sara.call("sale.order", "action_preview_sale_order", orders)["url"]
    lin.page.goto(f"{lin.url}{link}")
    lin.page.wait_for_selector("#timeline [data-step='delivered'][data-state='done']")
    assert sara.say("Order Accepted") in lin.page.locator("#timeline").inner_text()
    lin.picture(f"{firm.name} portal, what happened, on the phone")
    lin.page.locator("label[for='stars_2']").click()
    lin.page.fill("#feedback_words", "The lamps came without bulbs.")
    lin.page.fill("#feedback_contact", "Ms. Lin")
    lin.page.locator("#feedback").scroll_into_view_if_needed()
    lin.picture(f"{firm.name} portal, feedback, on the phone")
    lin.page.locator("#feedback button[type=submit]").click()
    lin.page.wait_for_selector("#feedback .alert-success")


def serve(firm, order):
    """Customer service reads what the customer said, writes back, and settles it; sales sees that it is settled."""
    selma, sara = firm["service"], firm["seller"]
    selma.menu("Order Policy", "Execution", "Feedback")
    row = selma.page.locator(".o_action_manager .o_data_row", has_text=order)
    assert "without bulbs" in row.inner_text()
    assert selma.say("Bad feedback of the customer") in row.inner_text()
    selma.picture(f"{firm.name} feedback")
    selma.menu("Order Policy", "Execution", "Exceptions")
    selma.open_card(order)
    selma.button("Start")
    selma.button("Tell the Customer")
    selma.fill("subject", "Bulbs are on their way")
    selma.picture(f"{firm.name} letter of customer service")
    selma.button("action_send")
    selma.button("Settle")
    selma.fill("result", "Bulbs were sent, and arrived.")
    selma.fill("root_cause", "They are not in the list of parts.")
    selma.button("action_settle")
    assert selma.stage() == selma.say("Settled")
    selma.picture(f"{firm.name} exception that customer service settled")
    sara.menu("Order Policy", "Execution", "Exceptions")
    assert not sara.card(order).count()


def print_record(firm, order, folder):
    """Sales prints how the order was carried out: who did what, and what was taken back."""
    sara = firm["seller"]
    open_order(sara, order)
    file = sara.print_paper("Execution Record", folder)
    assert file.name == f"{sara.say('Execution Record')} - {order}.pdf"
    text = " ".join(unicodedata.normalize("NFKC", page.extract_text()) for page in PdfReader(file).pages)
    words = " ".join(text.split())
    for text in (order, firm.customer, firm.name_of("planner"), TOO_EARLY, "Another lamp was sent.", "without bulbs"):
        assert text in words


def find_in_dossier(firm, order):
    """An archivist finds that paper in the dossier of the order as well."""
    arno = firm["archivist"]
    open_order(arno, order)
    arno.smart_button("action_view_dossier")
    arno.picture(f"{firm.name} dossier of an order")
    assert arno.say("Execution Record") in arno.read("item_ids")


def supervise(firm):
    """Supervision finds what was moved without release of what is inspected before it leaves, and nothing else."""
    sven = firm["supervisor"]
    sven.menu("Order Policy", "Execution", "Moves without Release")
    rows = sven.page.locator(".o_action_manager .o_data_row", has_text=sven.say("Scrap"))
    assert firm.products["Desk"] in rows.first.inner_text()
    assert firm.name_of("keeper") in rows.first.inner_text()
    assert rows.count() == 1
    sven.picture(f"{firm.name} moves without release")
