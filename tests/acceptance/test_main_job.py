"""The main job by hand, once under each ready policy: from adopting it to an order that ended."""

import subprocess
import sys
import zipfile

import pytest
from company import Company
from postoffice import PostOffice


@pytest.fixture(scope="session")
def post_office():
    """Where the letters go that Odoo sends."""
    office = PostOffice()
    yield office
    office.close()


@pytest.fixture
def company(sit_down, post_office, quiet_log):
    """Return a function that founds a company whose letters go to the post office."""

    # What Odoo refuses, it also notes.
    quiet_log += ["cannot be submitted yet", "暂时不能提交", "written application"]

    def found(name, **more):
        company = Company(sit_down, name, **more)
        server = {"name": "Post office", "smtp_host": "127.0.0.1", "smtp_port": post_office.port}
        if not company.office.call("ir.mail_server", "search", [["smtp_port", "=", post_office.port]]):
            company.office.call("ir.mail_server", "create", server)
        return company

    return found


# ----------------------------------------------------------------------
# What people do under every policy. Labels are in English here, and clicked in the language of the person.
# ----------------------------------------------------------------------


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


DEPARTMENTS = {
    "sales": "Sales",
    "finance": "Finance",
    "production": "Production",
    "quality": "Quality",
    "logistics": "Warehouse and Logistics",
    "management": "General Manager's Office",
}


def begin_order(seller, company, **quantities):
    """A salesperson clicks New on the list of orders, and enters customer and lines."""
    seller.menu("Order Policy", "Orders")
    seller.new()
    seller.choose("partner_id", company.customer)
    for product, quantity in quantities.items():
        seller.add_line(company.products[product], quantity)


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


# ----------------------------------------------------------------------
# A day under each of them
# ----------------------------------------------------------------------


def test_risk_control(company, post_office):
    firm = company("Risk")
    adopt(
        firm,
        "Risk Control Policy",
        sales=["sales-head", "seller", "colleague"],
        finance=["finance"],
        production=["planner"],
        logistics=["keeper"],
    )
    sara, carl, felix = firm["seller"], firm["colleague"], firm["finance"]
    petra, karl = firm["planner"], firm["keeper"]

    begin_order(sara, firm, Desk=2, Chair=4, Lamp=10)
    submit_incomplete(sara, "Channel", "Delivery time")
    sara.picture("Risk Control incomplete")
    fill_in(sara, "Channel", "channel_id", "Phone")
    submit_incomplete(sara, "Delivery time")
    fill_in(sara, "Delivery time", "commitment_date", "+60")
    order = submit(sara)
    assert sara.stage() == "Review"
    assert "First review: Sales has to approve" in sara.banner()
    review(carl, order, "3,300.00", "Risk Desk", "Ship to: Risk Stores, Risk North")
    review(petra, order, "3,300.00")
    review(karl, order, "3,300.00")
    review(felix, order, "3,300.00", decision="Reject", comment="Nothing agreed on payment: 30 days at most.")

    assert open_order(sara, order) == "Sent Back"
    assert "Felix Braun Risk rejected it" in sara.banner()
    assert "30 days at most" in sara.banner()
    sara.picture("Risk Control sent back")
    sara.choose("payment_term_id", "30 Days")
    submit(sara)
    assert "Price, payment and credit: Finance has to approve" in sara.banner()
    ask(felix, order, "30 days from when on?")
    answer_question(sara, order, "30 days from when on?", "From the day of the invoice on.")
    review(felix, order, "3,300.00", "30 Days", "Answered", "From the day of the invoice on.")
    assert open_order(sara, order) == "Confirmation"
    sara.button("Confirm")
    assert sara.stage() == "Execution"

    request(sara, order, "Request Change", "Special reason of the customer")
    change_all(sara, firm)
    sara.picture("Risk Control request")
    assert "First review: Sales has to approve" in submit_request(sara)
    review_request(carl, order, "6,800.00", "Risk Sofa", "Risk South")
    for person in (petra, felix, karl):
        review_request(person, order, "6,800.00")
    check_changed(sara, karl, firm, order)
    karl.picture("Risk Control delivery")
    assert open_order(karl, order) == "Execution"
    assert "6,800.00" in post_office.letter_to(firm.customer_email, "was changed")
    cancel(sara, order, carl, petra, felix, karl)
    post_office.letter_to(firm.customer_email, "was cancelled")

    begin_order(sara, firm, Lamp=1)
    sara.save()
    refused = sara.title()
    sara.button("Refuse")
    sara.choose("reason_id", "We do not sell this product")
    sara.picture("Risk Control refusal")
    sara.button("Refuse and Tell the Customer")
    assert sara.stage() == "Cancelled"
    assert "We do not sell this product" in post_office.letter_to(firm.customer_email, refused)


def test_department_audit(company, post_office, tmp_path):
    firm = company("Audit", email=False)
    adopt(
        firm,
        "Department Audit Policy",
        threshold=3000,
        sales=["sales-head", "seller", "colleague"],
        finance=["finance"],
        production=["planner"],
        management=["manager"],
    )
    sara, carl, felix, petra = firm["seller"], firm["colleague"], firm["finance"], firm["planner"]
    hanna, maria = firm["sales-head"], firm["manager"]
    letter = tmp_path / "letter of Ms. Lin.txt"
    letter.write_text("Five desks, no chairs, two sofas instead of the lamps, to South Road, please.")

    begin_order(sara, firm, Desk=2, Chair=4, Lamp=10)
    contact = f"Phone or e-mail of {firm.customer}"
    submit_incomplete(sara, "Channel", "Delivery time", "Payment terms")
    assert contact in sara.dialog()
    fill_in(sara, "Channel", "channel_id", "In Person")
    submit_incomplete(sara, "Delivery time")
    fill_in(sara, "Delivery time", "commitment_date", "+60")
    submit_incomplete(sara, "Payment terms")
    fill_in(sara, "Payment terms", "payment_term_id", "30 Days")
    submit_incomplete(sara)
    sara.follow(contact)
    sara.fill("email", firm.customer_email)
    sara.back()
    order = submit(sara)
    assert sara.stage() == "Review"
    assert "Finance has to approve" in sara.banner()
    review(felix, order, "3,300.00", "30 Days")
    review(carl, order, "3,300.00", "Audit Desk")
    review(petra, order, "3,300.00", decision="Reject", comment="Ten lamps are too many for January.")

    assert open_order(sara, order) == "Sent Back"
    sara.fill_cell("order_line", "product_uom_qty", 12, text="Audit Lamp")
    submit(sara)
    review(petra, order, "3,400.00", "Audit Lamp", "Quantity")
    review(felix, order, "3,400.00")
    review(carl, order, "3,400.00")
    assert open_order(sara, order) == "Approval"
    assert "Head of sales: Sales has to approve" in sara.banner()
    review(hanna, order, "3,400.00")
    review_on_phone(firm.on_phone("manager"), order, "3,400.00")
    assert open_order(sara, order) == "Confirmation"
    sara.button("Confirm")
    assert sara.stage() == "Execution"

    request(sara, order, "Request Change", "Specification or model changed")
    change_all(sara, firm)
    assert "written application" in sara.refused("Submit")
    sara.attach("application_ids", letter)
    submit_request(sara)
    sara.picture("Department Audit request")
    for person in (felix, carl, petra, hanna, maria):
        review_request(person, order, "6,800.00")
    check_changed(sara, firm["keeper"], firm, order)
    cancel(sara, order, hanna, maria, file=letter)
    seal(firm["archivist"], order, tmp_path)


def enter_by_hand_of(person, firm):
    """Somebody enters an order that is complete, and submits it; only who decides on it is of interest."""
    begin_order(person, firm, Desk=1)
    for field, value in (("channel_id", "Phone"), ("payment_term_id", "30 Days")):
        person.choose(field, value)
    person.fill("commitment_date", "+60")
    return submit(person)


def approve_without_looking(order, *people):
    """People approve what waits for them, without the screen."""
    for person in people:
        domain = [["order_id.name", "=", order], ["can_decide", "=", True]]
        reviews = person.call("sale.order.review", "search", domain)
        assert reviews
        person.call("sale.order.review", "action_approve", reviews)


def test_head_is_away(company, post_office):
    """A head on leave has a deputy, and cannot decide on her own order."""
    firm = company("Deputy")
    adopt(
        firm,
        "Department Audit Policy",
        sales=["sales-head", "seller", "colleague"],
        finance=["finance"],
        production=["planner"],
        management=["manager"],
    )
    sara, hanna, maria = firm["seller"], firm["sales-head"], firm["manager"]
    departments = firm["finance"], firm["colleague"], firm["planner"]
    # Who likes to be written to at once says so in the preferences.
    [maria_id] = maria.call("res.users", "search", [["login", "=", firm.login("manager")]])
    maria.call("res.users", "write", [maria_id], {"review_letters": "at_once"})

    hanna.menu("Order Policy", "Reviews", "Deputies")
    hanna.picture("Deputies, none yet")
    hanna.new()
    hanna.choose("deputy_id", firm.name_of("inspector"))
    hanna.fill("date_until", "+7")
    hanna.save()
    assert hanna.stage() == "In Force"
    hanna.picture("Deputy")
    ines = firm["inspector"]  # whose menus hold the app from now on

    order = enter_by_hand_of(sara, firm)
    approve_without_looking(order, *departments)
    assert "Ines Kaya Deputy" in (open_order(sara, order), sara.banner())[1]
    review(ines, order, "1,000.00")
    assert open_order(sara, order) == "Confirmation"
    sara.tab("policy")
    assert "Ines Kaya Deputy for Hanna Voss Deputy" in sara.read("review_ids")

    own = enter_by_hand_of(hanna, firm)
    approve_without_looking(own, *departments)
    open_order(hanna, own)
    assert "Ines Kaya Deputy decides as deputy" in hanna.banner()
    assert not hanna.has_button("Approve")
    hanna.picture("Order of the head herself")
    hanna.menu("Order Policy", "Reviews", "Deputies")
    hanna.find("Ines Kaya Deputy")
    hanna.button("End Now")
    hanna.accept()
    assert hanna.stage() == "Ended"
    open_order(hanna, own)
    assert "Maria Gold Deputy decides for the general manager's office" in hanna.banner()
    letter = post_office.letter_to(f"{firm.login('manager')}@example.com", "To decide", own)
    assert "/mail/view?model=sale.order.review" in letter
    review(maria, own, "1,000.00")
    assert open_order(hanna, own) == "Confirmation"


def test_reminder(company, post_office):
    """Who does not decide in time is reminded of it every day; then the head learns of it, and then the office.

    What is overdue is told in working time: 8 hours after it was due, and 16 hours after that, as policies come.
    """
    firm = company("Reminder")
    firm.is_noon()
    adopt(
        firm,
        "Department Audit Policy",
        sales=["sales-head", "seller", "colleague"],
        finance=["inspector", "finance"],
        production=["planner"],
        management=["manager"],
    )
    sara, felix, ines, maria = firm["seller"], firm["finance"], firm["inspector"], firm["manager"]
    order = enter_by_hand_of(sara, firm)
    approve_without_looking(order, firm["colleague"], firm["planner"])
    assert "Felix Braun Reminder" in (open_order(sara, order), sara.banner())[1]
    address = {role: f"{firm.login(role)}@example.com" for role in ("finance", "inspector", "manager")}

    # 44 hours late, of which the company worked 5.
    firm.let_days_pass(2)
    firm.run_job("ir_cron_escalate_reviews")
    firm.run_job("ir_cron_daily_letters")
    to_review, to_reviews = post_office.links_to(address["finance"], f"To decide: {order}", "Overdue")
    felix.open_from_letter(to_review)
    assert order in felix.title() and felix.has_button("Approve")
    felix.picture("Overdue review")
    felix.open_from_letter(to_reviews)
    assert "Overdue" in felix.card(order).inner_text()
    assert not waits_for(ines, order)

    firm.let_days_pass(1)  # on which the company worked 9 hours
    firm.run_job("ir_cron_escalate_reviews")
    firm.run_job("ir_cron_daily_letters")
    assert waits_for(ines, order)
    ines.picture("Overdue review of a member")
    post_office.letter_to(address["inspector"], f"To decide: {order}", "Overdue", "Felix Braun Reminder")

    firm.let_days_pass(2)  # one of which the company was closed: it worked 9 hours
    firm.run_job("ir_cron_escalate_reviews")
    maria.menu("Order Policy", "Orders")
    assert not maria.page.locator(".o_data_row", has_text=order).count()

    firm.let_days_pass(1)
    firm.run_job("ir_cron_escalate_reviews")
    firm.run_job("ir_cron_daily_letters")
    links = post_office.links_to(address["manager"], f"Overdue: {order}", "This is overdue with others")
    maria.open_from_letter(links[0])
    assert order in maria.title() and not maria.has_button("Approve")
    maria.open_link("order_id")
    assert "Felix Braun Reminder" in maria.banner()
    maria.picture("Overdue order as the general manager sees it")

    review(ines, order, "1,000.00")
    assert not waits_for(felix, order)
    open_order(sara, order)
    assert "Head of sales: Sales has to approve" in sara.banner()
    told = sara.page.locator(".o-mail-Message", has_text="is overdue since").all_inner_texts()
    assert len(told) == 2 and "Ines Kaya Reminder" in told[1] and "Maria Gold Reminder" in told[0]


def waits_for(person, order):
    """Tell whether somebody finds a review of an order among those that wait for him."""
    person.menu("Order Policy", "Reviews", "To Decide")
    return person.card(order).count() > 0


def seal(archivist, order, folder):
    """An archivist seals the dossier of an order that ended, exports it, and has it verified."""
    open_order(archivist, order)
    archivist.smart_button("action_view_dossier")
    archivist.fill("missing_reason", "The order was cancelled before anything was signed.")
    archivist.picture("Dossier to seal")
    archivist.button("Seal")
    archivist.accept()
    assert archivist.stage() == "Sealed"
    archive = archivist.download("Export", folder)
    with zipfile.ZipFile(archive) as file:
        file.extract("verify.py", folder)
    verified = subprocess.run(
        [sys.executable, folder / "verify.py", archive], capture_output=True, text=True, check=False
    )
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_accuracy(company):
    """Everybody works in Chinese."""
    firm = company("Accuracy", currency="CNY", language="zh_CN")
    adopt(
        firm,
        "Accuracy and Change Policy",
        sales=["sales-head", "seller", "colleague"],
        finance=["finance"],
        production=["planner"],
        logistics=["keeper"],
    )
    chen, carl, felix = firm["seller"], firm["colleague"], firm["finance"]
    petra, karl = firm["planner"], firm["keeper"]

    begin_order(chen, firm, Desk=2, Chair=4, Lamp=10)
    submit_incomplete(chen, "Channel", "Delivery time", "Payment terms")
    chen.picture("Accuracy incomplete")
    fill_in(chen, "Channel", "channel_id", "电话")
    submit_incomplete(chen, "Delivery time", "Payment terms")
    fill_in(chen, "Delivery time", "commitment_date", "+60")
    submit_incomplete(chen, "Payment terms")
    fill_in(chen, "Payment terms", "payment_term_id", "30")
    order = submit(chen)
    assert chen.stage() == "接单"
    review(carl, order, "3,300.00", "Accuracy Desk")
    assert open_order(chen, order) == "评审"
    review(felix, order, "3,300.00")
    review(petra, order, "3,300.00")
    review(karl, order, "3,300.00", decision="Reject", comment="灯具不足十件")

    assert open_order(chen, order) == "已退回"
    assert "灯具不足十件" in chen.banner()
    chen.picture("Accuracy sent back")
    chen.fill_cell("order_line", "product_uom_qty", 8, text="Accuracy Lamp")
    submit(chen)
    for person in (carl, felix, petra, karl):
        review(person, order, "3,200.00")
    assert open_order(chen, order) == "客户确认"
    chen.picture("Accuracy to be confirmed by the customer")
    record_confirmation(chen, "3,200.00", "林女士来电：数量和交期无误")
    chen.button("Confirm")
    assert chen.stage() == "执行"

    request(chen, order, "Request Change", "Specification or model changed")
    change_all(chen, firm)
    submit_request(chen)
    # Proofreading and the review of requests in one, on the form of the request.
    open_request(carl, order)
    carl.button("Approve")
    answer(carl, "Approve")
    for person in (felix, petra, karl):
        review_request(person, order, "6,800.00")
    open_request(chen, order)
    chen.picture("Accuracy request to be confirmed by the customer")
    record_confirmation(chen, "6,800.00", "林女士同意变更")
    assert chen.stage() == "已执行"
    check_changed(chen, karl, firm, order)
    cancel(chen, order, carl)


def test_exemption_taken_back(company):
    firm = company("Exempt")
    adopt(
        firm,
        "Risk Control Policy",
        sales=["sales-head", "seller", "colleague"],
        finance=["finance"],
        production=["planner"],
        logistics=["keeper"],
    )
    sara, adam = firm["seller"], firm["policy-admin"]
    begin_order(sara, firm, Desk=1)
    sara.save()
    order = sara.title()

    open_order(adam, order)
    adam.button("Exempt from Policy")
    adam.fill("reason", "Agreed in March")
    adam.button("action_exempt")
    open_order(sara, order)
    sara.tab("policy")
    assert "Agreed in March" in sara.read("policy_exempt_reason")
    assert not sara.has_button("End Exemption")
    sara.button("action_confirm")

    open_order(adam, order)
    adam.button("End Exemption")
    adam.picture("Exemption to end")
    adam.fill("reason", "It was another order")
    adam.button("action_end_exemption")
    assert adam.stage() == "Execution"
    assert not adam.has_button("End Exemption")
    adam.tab("policy")
    taken_back, given = adam.rows("exemption_ids", "kind", "reason")
    assert (taken_back, given) == (("Taken Back", "It was another order"), ("Given", "Agreed in March"))
    adam.picture("Exemption ended")
    open_order(sara, order)
    assert sara.has_button("Request Change")


def open_request(person, order):
    """Find the request of an order that is under way."""
    person.menu("Order Policy", "Requests")
    person.find(order)


def test_strictest(company, sit_down, post_office, tmp_path):
    firm = company("Strict")
    adopt(
        firm,
        "Strictest of All",
        threshold=6000,
        sales=["sales-head", "seller", "colleague"],
        finance=["finance"],
        production=["planner"],
        quality=["inspector"],
        logistics=["keeper"],
        management=["manager"],
    )
    sara, carl, felix, petra = firm["seller"], firm["colleague"], firm["finance"], firm["planner"]
    ines, karl, hanna, maria = firm["inspector"], firm["keeper"], firm["sales-head"], firm["manager"]
    fax = tmp_path / "fax of Ms. Lin.txt"
    fax.write_text("Two desks, four chairs and ten lamps, please.")

    begin_order(sara, firm, Desk=2, Chair=4, Lamp=10)
    submit_incomplete(sara, "Channel", "Delivery time", "Payment terms")
    fill_in(sara, "Channel", "channel_id", "Fax")
    submit_incomplete(sara, "Delivery time")
    fill_in(sara, "Delivery time", "commitment_date", "+60")
    submit_incomplete(sara, "Payment terms")
    fill_in(sara, "Payment terms", "payment_term_id", "30 Days")
    submit_incomplete(sara, "Order Original")
    assert sara.follow("Order Original") == "policy_paper_ids"
    sara.add_row("policy_paper_ids")
    sara.choose_cell("policy_paper_ids", "policy_document_id", "Order Original")
    sara.attach("policy_paper_ids", fax)
    order = submit(sara)
    assert sara.stage() == "Intake"
    review(carl, order, "3,300.00", "Strict Desk")
    for person in (felix, petra, karl):
        review(person, order, "3,300.00")
    review(ines, order, "3,300.00", decision="Reject", comment="Say which lamps: we inspect them by their type.")

    assert open_order(sara, order) == "Sent Back"
    sara.fill_cell("order_line", "product_uom_qty", 8, text="Strict Lamp")
    submit(sara)
    for person in (carl, felix, petra, karl, ines):
        review(person, order, "3,200.00")
    review(hanna, order, "3,200.00", comment="Fine.")
    assert open_order(sara, order) == "Confirmation"
    assert "has to confirm" in sara.banner()
    sara.button("action_quotation_send")
    sara.button("action_send_mail")
    lin = sit_down(None, phone=True)
    lin.page.goto(post_office.link_to(firm.customer_email, order))
    sign(lin, "3,200.00")
    assert open_order(sara, order) == "Execution"

    request(sara, order, "Request Change", "Specification or model changed")
    change_all(sara, firm)
    sara.attach("application_ids", fax)
    submit_request(sara)
    for person in (carl, felix, petra, ines, karl):
        review_request(person, order, "6,800.00")
    for person in (hanna, maria):
        review_request(person, order, "6,800.00", comment="Fine.")
    open_request(sara, order)
    record_confirmation(sara, "6,800.00", "She agrees with the sofas.")
    assert sara.stage() == "Carried Out"
    check_changed(sara, karl, firm, order)
    cancel(sara, order, hanna, maria, file=fax, comment="So be it.")


def sign(customer, amount):
    """The customer reads the order on the phone, and signs it."""
    page = customer.page
    page.wait_for_selector("#portal_sale_content")
    assert amount in page.inner_text("#portal_sale_content")
    customer.picture("Portal on the phone")
    page.locator("a[data-bs-target='#modalaccept']:visible").first.click()
    page.fill("#modalaccept input.o_web_sign_name_input", "Ms. Lin")
    customer.picture("Portal to sign on the phone")
    page.click("#modalaccept .o_portal_sign_submit")
    page.wait_for_selector(".alert-success")
    customer.picture("Portal signed on the phone")
