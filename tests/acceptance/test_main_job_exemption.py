"""An order that is exempt from the policy, and is not any more."""

from daily_work import adopt, begin_order, open_order


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
