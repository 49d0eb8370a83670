"""What people do under every policy, from adopting it to an order that ended.

Labels are in English here, and clicked in the language of the person.
"""

DEPARTMENTS = {
    "sales": "Sales",
    "finance": "Finance",
    "production": "Production",
    "quality": "Quality",
    "logistics": "Warehouse and Logistics",
    "service": "Customer Service",
    "management": "General Manager's Office",
}


def adopt(company, policy, threshold=None, **departments):
    """The administrator of the policy adopts it: the first of each department heads it."""
    adam = company["policy-admin"]
    adam.menu("Order Policy", "Configuration", "Adopt a Policy")
    adam.choose("preset_id", adam.say(policy))
    for department, (head, *members) in departments.items():
        name = adam.say(DEPARTMENTS[department])
        adam.choose_cell("department_ids", "head_id", company.name_of(head), text=name)
        adam.choose_cell("department_ids", "member_ids", *map(company.name_of, members), text=name)
    if threshold:
        adam.fill("approval_threshold", threshold)
    adam.picture(f"{policy} to adopt")
    adam.button("Put in Force")
    assert adam.stage() == adam.say("In Force")


def begin_order(seller, company, **quantities):
    """A salesperson clicks New on the list of orders, and enters customer and lines."""
    seller.menu("Order Policy", "Orders")
    seller.new()
    seller.choose("partner_id", company.customer)
    for product, quantity in quantities.items():
        seller.add_line(company.products[product], quantity)


def enter_by_hand_of(person, firm):
    """Somebody enters an order that is complete, and submits it; only who decides on it is of interest."""
    begin_order(person, firm, Desk=1)
    for field, value in (("channel_id", "Phone"), ("payment_term_id", "30 Days")):
        person.choose(field, value)
    person.fill("commitment_date", "+60")
    return submit(person)


def submit_incomplete(seller, *missing):
    """Submit, and read what is missing: all of it at once."""
    seller.button("Submit for Review")
    said = seller.dialog()
    for label in missing:
        assert seller.say(label) in said


def fill_in(seller, label, field, value):
    """Follow an entry of what is missing to its field, and choose or type what belongs there."""
    assert seller.follow(label) == field
    if field == "commitment_date":
        seller.fill(field, value)
    else:
        seller.choose(field, value)


def submit(seller):
    """Submit, and return the number of the order."""
    seller.button("Submit for Review")
    assert not seller.has_dialog()
    return seller.title()


def open_order(person, order):
    """Find an order in the list, and return where it stands."""
    person.menu("Order Policy", "Orders")
    person.find(order)
    return person.stage()


def review(person, order, amount, *shown, decision="Approve", comment=None):
    """A reviewer reads the card, opens the order, and decides there."""
    person.menu("Order Policy", "Reviews", "To Decide")
    card = person.card(order).inner_text()
    for text in (amount, *shown):
        assert text in card
    person.open_card(order)
    person.open_link("order_id")
    assert amount in person.read("tax_totals")
    person.button(decision)
    answer(person, decision, comment)


def review_on_phone(person, order, amount):
    """A reviewer on the way reads the card, opens the order, and decides on the card."""
    person.open("order-reviews")
    person.picture("Card on the phone")
    assert amount in person.card(order).inner_text()
    person.open_card(order)
    person.open_link("order_id")
    assert amount in person.read("tax_totals")
    person.picture("Order on the phone")
    person.open("order-reviews")
    person.button_of(person.card(order), "Approve")
    answer(person, "Approve")


def review_request(person, order, *shown, decision="Approve", comment=None):
    """A reviewer reads on the card what is asked for, and decides there."""
    person.menu("Order Policy", "Reviews", "To Decide")
    card = person.card(order)
    for text in shown:
        assert text in card.inner_text()
    person.button_of(card, decision)
    answer(person, decision, comment)


def answer(person, decision, comment=None):
    """The dialog that asks for a comment; an approval that needs none is made with the first click."""
    if not person.has_dialog():
        return
    if comment:
        person.fill("comment", comment)
    person.button(decision)


def approve_without_looking(order, *people, comment=False):
    """People approve what waits for them, without the screen."""
    for person in people:
        domain = [["order_id.name", "=", order], ["can_decide", "=", True]]
        reviews = person.call("sale.order.review", "search", domain)
        assert reviews
        person.call("sale.order.review", "action_approve", reviews, comment)


def waits_for(person, order):
    """Tell whether somebody finds a review of an order among those that wait for him."""
    person.menu("Order Policy", "Reviews", "To Decide")
    return person.card(order).count() > 0


def ask(person, order, question):
    """A reviewer has to know more before he decides."""
    person.menu("Order Policy", "Reviews", "To Decide")
    person.button_of(person.card(order), "Ask")
    person.fill("question", question)
    person.button("Ask")
    card = person.card(order).inner_text()
    assert person.say("Question Open") in card
    assert question in card
    person.picture("Question on the card")


def answer_question(seller, order, question, reply):
    """The salesperson finds the question on the order, and answers."""
    open_order(seller, order)
    assert question in seller.banner()
    seller.button("Answer")
    seller.fill("answer", reply)
    seller.button("Answer")
    assert question not in seller.banner()


def record_confirmation(seller, amount, note):
    """The customer called: sales records who said what to which amount."""
    seller.button("Record Confirmation")
    assert amount in seller.read("amount_total")
    seller.choose("method", seller.say("Phone"))
    seller.fill("contact", "林女士")
    seller.fill("note", note)
    seller.button("Record Confirmation")


def follow_up(person, order, told):
    """Whoever owes the customer a word finds that, tells him how the order stands, and writes down what was said."""
    person.menu("Order Policy", "Execution", "Follow-Ups")
    person.picture(f"{order} follow-ups")
    row = person.page.locator(".o_action_manager .o_data_row", has_text=order)
    person.button_of(row, "Record")
    person.choose("way", person.say("Phone"))
    person.fill("told", told)
    person.fill("answer", "Fine.")
    person.picture(f"{order} follow-up to record")
    person.button("action_record")
    open_order(person, order)
    person.tab("policy_execution")
    assert told in person.read("followup_ids")


def request(seller, order, kind, reason):
    """A salesperson opens a confirmed order, and asks for its change or cancellation in the customer's name."""
    open_order(seller, order)
    seller.button(kind)
    seller.choose("reason_id", seller.say(reason))
    seller.fill("contact", "Ms. Lin")


def change_all(seller, company):
    """More of one product, another one not at all, a third instead of it, and all of that to another address."""
    name = company.products
    seller.fill_cell("line_ids", "product_uom_qty", 5, text=name["Desk"])
    seller.tick_cell("line_ids", "is_removed", text=name["Chair"])
    assert "-800.00" in seller.row("line_ids", name["Chair"]).inner_text()
    seller.choose_cell("line_ids", "product_id", name["Sofa"], text=name["Lamp"])
    seller.fill_cell("line_ids", "product_uom_qty", 2)
    seller.tab("terms")
    seller.choose("partner_shipping_id", f"{company.name} South")
    assert "6,800.00" in seller.read("amount_after")


def submit_request(seller):
    """Submit a request, and return whom it waits for."""
    seller.button("Submit")
    assert seller.stage() == seller.say("Under Review")
    return seller.banner()


def open_request(person, order):
    """Find the request of an order that is under way."""
    person.menu("Order Policy", "Requests")
    person.find(order)


def check_changed(seller, keeper, company, order):
    """The order and its delivery are what ``change_all`` asked for."""
    name = company.products
    assert open_order(seller, order) == seller.say("Execution")
    assert seller.rows("order_line", "product_template_id", "product_uom_qty") == [
        (name["Desk"], "5.00"),
        (name["Chair"], "0.00"),
        (name["Lamp"], "0.00"),
        (name["Sofa"], "2.00"),
    ]
    assert "6,800.00" in seller.read("tax_totals")
    keeper.open("action-stock.action_picking_tree_outgoing")
    keeper.find(order)
    demanded = keeper.rows("move_ids", "product_id", "product_uom_qty")
    assert [row for row in demanded if row[1] != "0.00"] == [(name["Desk"], "5.00"), (name["Sofa"], "2.00")]
    assert f"{company.name} South" in keeper.read("partner_id")


def cancel(seller, order, *reviewers, file=None, comment=None):
    """The customer does not want the order any more: sales requests that, and whoever approved it approves its end."""
    request(seller, order, "Request Cancellation", "The customer's own decision")
    if file:
        seller.attach("application_ids", file)
    submit_request(seller)
    for person in reviewers:
        review_request(person, order, comment=comment)
    assert open_order(seller, order) == seller.say("Cancelled")
    assert not seller.has_button("action_draft")
