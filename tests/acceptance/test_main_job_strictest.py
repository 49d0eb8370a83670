"""Under the strictest policy: the customer signs in the portal."""

from daily_work import (
    adopt,
    begin_order,
    cancel,
    change_all,
    check_changed,
    fill_in,
    open_order,
    open_request,
    record_confirmation,
    request,
    review,
    review_request,
    submit,
    submit_incomplete,
    submit_request,
)


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
