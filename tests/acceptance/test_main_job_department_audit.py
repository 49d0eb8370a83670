"""Under the Department Audit Policy: a large order up to its sealed dossier."""

import subprocess
import sys
import zipfile

from daily_work import (
    adopt,
    begin_order,
    cancel,
    change_all,
    check_changed,
    fill_in,
    open_order,
    request,
    review,
    review_on_phone,
    review_request,
    submit,
    submit_incomplete,
    submit_request,
)


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
