"""Under the Accuracy and Change Policy, in Chinese."""

from daily_work import (
    adopt,
    answer,
    begin_order,
    cancel,
    change_all,
    check_changed,
    fill_in,
    follow_up,
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
        service=["service"],
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
    follow_up(firm["service"], order, "本周按计划生产")

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
