"""Under the Risk Control Policy: an order is sent back, changed and cancelled, another one refused."""

from daily_work import (
    adopt,
    answer_question,
    ask,
    begin_order,
    cancel,
    change_all,
    check_changed,
    fill_in,
    open_order,
    request,
    review,
    review_request,
    submit,
    submit_incomplete,
    submit_request,
)


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
