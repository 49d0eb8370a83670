import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const modal = "#modal_request_change.show";
const status = (words) => `#requests .badge:contains(${words})`;

function attach() {
    const file = new File(["Three desks, please."], "letter.txt", { type: "text/plain" });
    const transfer = new DataTransfer();
    transfer.items.add(file);
    document.querySelector(`${modal} input[type=file]`).files = transfer.files;
}

tours.add("order_policy_portal_request", {
    steps: () => [
        { trigger: "a:contains(Request a Change)", run: "click" },
        { trigger: `${modal} select[name=reason_id]`, run: "selectByLabel Specification or model changed" },
        { trigger: `${modal} textarea[name=note]`, run: "edit Three desks instead of two" },
        { content: "The name is filled in", trigger: `${modal} input[name=contact]:value(buyer)` },
        { trigger: `${modal} input[type=file]`, run: attach },
        { trigger: `${modal} button:contains(Send Request)`, run: "click", expectUnloadPage: true },
        { trigger: ".alert-success:contains(We received your request)" },
        { trigger: status("Received") },
        { trigger: "#requests:contains(Three desks instead of two):contains(letter.txt)" },
        {
            content: "Nothing internal",
            trigger: "body:not(:contains(Finance review)):not(:contains(Department audit))",
        },
        { content: "Asking twice", trigger: "a:contains(Request a Change)", run: "click" },
        { trigger: `${modal} select[name=reason_id]`, run: "selectByLabel Specification or model changed" },
        { trigger: `${modal} textarea[name=note]`, run: "edit Four desks" },
        { trigger: `${modal} button:contains(Send Request)`, run: "click", expectUnloadPage: true },
        { trigger: ".alert-danger:contains(already)" },
        { content: "What was typed is still there", trigger: ".alert-danger a:contains(Correct it)", run: "click" },
        { trigger: `${modal} textarea[name=note]:value(Four desks)` },
    ],
});

tours.add("order_policy_portal_request_settled", {
    steps: () => [
        { trigger: status("Carried out") },
        { trigger: "#requests:contains(With pleasure):contains(3.00)" },
        { content: "Nothing internal", trigger: "body:not(:contains(Finance review)):not(:contains(Go ahead))" },
    ],
});

const line = ".o_field_widget[name=line_ids] .o_data_row:contains(Desk)";

tours.add("order_policy_request_change", {
    steps: () => [
        { content: "No direct cancellation", trigger: ".o_form_view:not(:has(button[name=action_cancel]))" },
        { trigger: "button[name=action_open_change_form]", run: "click" },
        { trigger: ".o_field_widget[name=reason_id] input", run: "edit wrong" },
        { trigger: ".ui-menu-item a:contains(The information on the order was wrong)", run: "click" },
        { trigger: `${line} td[name=product_uom_qty]`, run: "click" },
        { trigger: ".o_selected_row td[name=product_uom_qty] input", run: "edit 5 && press Tab" },
        { content: "The amount follows", trigger: ".o_field_widget[name=amount_after]:contains(5,000.00)" },
        {
            content: "Who will review it, and why",
            trigger: ".o_field_widget[name=consequences_html]:contains(Production review):contains(Quantity)",
        },
        { trigger: "button[name=action_submit]", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Under Review)" },
        { trigger: ".alert-info:contains(Production has to approve)" },
        { content: "Back to the order", trigger: ".o_field_widget[name=order_id] a", run: "click" },
        { trigger: ".ribbon:contains(Change Requested)" },
        { trigger: ".alert-info:contains(Production has to approve)" },
        { trigger: "button[name=action_view_changes]:contains(1)" },
    ],
});

tours.add("order_policy_approve_request", {
    steps: () => [
        { trigger: "article.o_kanban_record:contains(Change R)" },
        { content: "Old and new", trigger: ".o_order_policy_lines:contains(5):has(del:contains(2))" },
        { trigger: "article.o_kanban_record button:contains(Approve)", run: "click" },
        { trigger: ".o_view_nocontent:contains(Nothing to decide)" },
    ],
});

tours.add("order_policy_acknowledge", {
    steps: () => [
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Carried Out)" },
        { trigger: ".nav-link[name=notices]", run: "click" },
        { trigger: ".o_field_widget[name=notice_ids] button[name=action_acknowledge]", run: "click" },
        { trigger: ".o_field_widget[name=notice_ids]:not(:has(button[name=action_acknowledge]))" },
    ],
});

tours.add("order_policy_cancel_quotation", {
    steps: () => [
        { trigger: ".o_statusbar_buttons button:contains(Cancel)", run: "click" },
        { trigger: ".modal footer button[name=action_mass_cancel]", run: "click" },
        {
            content: "Not without a reason",
            trigger: ".modal .o_field_invalid[name=policy_reason_id] input",
            run: "edit own",
        },
        { trigger: ".ui-menu-item a:contains(own decision)", run: "click" },
        { trigger: ".modal footer button[name=action_mass_cancel]", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Cancelled)" },
    ],
});
