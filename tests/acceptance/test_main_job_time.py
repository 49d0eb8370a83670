"""People who are away, and people who do not decide in time."""

from daily_work import adopt, approve_without_looking, enter_by_hand_of, open_order, review, waits_for


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
    assert not hanna.page.locator(".o_statusbar_status:visible").count()
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
