import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const stage = (name) => `.o_statusbar_status .o_arrow_button_current:contains(${name})`;
const card = "article.o_kanban_record:contains(Ningbo Trading)";

tours.add("order_policy_submit", {
    steps: () => [
        {
            content: "Confirm is not offered before the review",
            trigger: ".o_form_view:not(:has(button[name=action_confirm]))",
        },
        { content: "Submit the order", trigger: "button[name=action_policy_submit]", run: "click" },
        { trigger: stage("Review") },
        { content: "It says whom the order waits for", trigger: ".alert-info:contains(Finance has to approve)" },
    ],
});

tours.add("order_policy_approve_card", {
    steps: () => [
        { content: "The card shows the lines", trigger: `${card} .o_order_policy_lines:contains(Desk)` },
        { content: "Approve on the card", trigger: `${card} button:contains(Approve)`, run: "click" },
        { content: "A short note says so", trigger: ".o_notification:contains(approved)" },
        { content: "It left the to-do", trigger: ".o_view_nocontent:contains(Nothing to decide)" },
    ],
});

tours.add("order_policy_reject_card", {
    steps: () => [
        { content: "Reject on the card", trigger: `${card} button:contains(Reject)`, run: "click" },
        { content: "Not without a reason", trigger: ".modal footer button:contains(Reject)", run: "click" },
        { trigger: ".modal .o_field_invalid textarea", run: "edit Oak is out until March" },
        { trigger: ".modal footer button:contains(Reject)", run: "click" },
        { content: "It left the to-do", trigger: ".o_view_nocontent:contains(Nothing to decide)" },
    ],
});

tours.add("order_policy_resubmit", {
    steps: () => [
        { trigger: stage("Sent Back") },
        { content: "The reason is on the screen", trigger: ".alert-danger:contains(Oak is out until March)" },
        { trigger: ".nav-link[name=policy]", run: "click" },
        { content: "and in the history", trigger: ".o_order_policy_history .o_kanban_record:contains(Rejected)" },
        { trigger: ".o_statusbar_buttons button:contains(Submit for Review)", run: "click" },
        {
            content: "Nothing changed: who rejected it wants to know",
            trigger: ".modal:contains(Oak is out until March) .o_field_widget[name=comment] textarea",
            run: "edit Beech will do",
        },
        { trigger: ".modal footer button:contains(Submit for Review)", run: "click" },
        { trigger: stage("Review") },
    ],
});

tours.add("order_policy_approve_order", {
    steps: () => [
        { trigger: stage("Approval") },
        { content: "Approve in the header", trigger: ".o_statusbar_buttons button:contains(Approve)", run: "click" },
        { trigger: stage("Confirmation") },
    ],
});

tours.add("order_policy_confirm", {
    steps: () => [
        { trigger: ".alert-success:contains(can be confirmed)" },
        { trigger: "button[name=action_confirm].btn-primary", run: "click" },
        { trigger: stage("Execution") },
    ],
});

tours.add("order_policy_activity_menu", {
    steps: () => [
        { trigger: ".o_menu_systray button:has(.fa-clock-o):contains(1)", run: "click" },
        { trigger: ".o-mail-ActivityGroup:contains(Reviews to Decide)", run: "click" },
        { trigger: card },
    ],
});

tours.add("order_policy_activity_menu_sent_back", {
    steps: () => [
        { trigger: ".o_menu_systray button:has(.fa-clock-o):contains(1)", run: "click" },
        { trigger: ".o-mail-ActivityGroup:contains(Orders Sent Back to You) span:contains(1 Today)", run: "click" },
        { content: "What was counted shows", trigger: ".o_data_row:contains(Sent Back)" },
    ],
});

tours.add("order_policy_no_policy", {
    steps: () => [
        {
            content: "Odoo's own status bar",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains(Quotation)",
        },
        { trigger: "button[name=action_confirm]" },
        {
            content: "Nothing of the policy",
            trigger:
                ".o_form_view:not(:has(button[name=action_policy_submit], .nav-link[name=policy], .o_field_widget[name=special_order], .alert-info))",
        },
    ],
});

tours.add("order_policy_submit_incomplete", {
    steps: () => [
        { trigger: "button[name=action_policy_submit]", run: "click" },
        { content: "All that is missing at once", trigger: ".o_order_policy_incomplete li:contains(Channel)" },
        { trigger: ".o_order_policy_incomplete li:contains(Phone of Ningbo Trading)" },
        {
            content: "A link leads to the field, on another page of the form",
            trigger: ".o_order_policy_incomplete a:contains(Their number)",
            run: "click",
        },
        { trigger: ".tab-pane.active .o_field_widget[name=client_order_ref]" },
        { trigger: "button[name=action_policy_submit]", run: "click" },
        {
            content: "or to the customer",
            trigger: ".o_order_policy_incomplete a:contains(Phone of Ningbo Trading)",
            run: "click",
        },
        { trigger: ".o_breadcrumb:contains(Ningbo Trading)" },
        { trigger: ".o_form_view .o_field_widget[name=phone]" },
    ],
});

tours.add("order_policy_submit_new", {
    steps: () => [
        { trigger: ".o_field_widget[name=partner_id] input", run: "edit Ningbo Trading" },
        { trigger: ".ui-menu-item a:contains(Ningbo Trading)", run: "click" },
        { trigger: ".o_field_x2many_list_row_add a:contains(Add a product)", run: "click" },
        {
            trigger:
                ".o_selected_row .o_field_widget[name=product_template_id] input, .o_selected_row .o_field_widget[name=product_id] input",
            run: "edit Desk",
        },
        { trigger: ".ui-menu-item a:contains(Desk)", run: "click" },
        { trigger: ".o_data_row .o_field_widget:contains(Desk), .o_data_row td:contains(1,000.00)" },
        { trigger: "button[name=action_policy_submit]", run: "click" },
        { trigger: ".o_order_policy_incomplete a:contains(Their number)", run: "click" },
        { content: "On the form that is open", trigger: ".tab-pane.active .o_field_widget[name=client_order_ref]" },
        {
            content: "Not opened a second time",
            trigger: ".o_breadcrumb:contains(S0):not(:has(.breadcrumb-item:contains(S0)))",
        },
        { trigger: "button[name=action_policy_submit]", run: "click" },
        { trigger: ".o_order_policy_incomplete a:contains(Phone of Ningbo Trading)", run: "click" },
        { trigger: ".o_breadcrumb:contains(Ningbo Trading)" },
        { trigger: ".o_form_view .o_field_widget[name=phone]" },
    ],
});

tours.add("order_policy_record_confirmation", {
    steps: () => [
        { trigger: stage("Confirmation") },
        { content: "It says that the customer has to confirm", trigger: ".alert-warning:contains(has to confirm)" },
        { trigger: ".o_statusbar_buttons button.btn-primary:contains(Record Confirmation)", run: "click" },
        { trigger: ".modal .o_field_widget[name=contact] input", run: "edit Ms. Wang" },
        { trigger: ".modal .o_field_widget[name=note] textarea", run: "edit She agrees with everything" },
        { trigger: ".modal footer button:contains(Record Confirmation)", run: "click" },
        { trigger: ".alert-success:contains(can be confirmed)" },
        { trigger: "button[name=action_confirm].btn-primary", run: "click" },
        { trigger: stage("Execution") },
    ],
});

tours.add("order_policy_refuse", {
    steps: () => [
        { trigger: ".o_statusbar_buttons button:contains(Refuse)", run: "click" },
        { trigger: ".modal .o_field_widget[name=reason_id] input", run: "edit We do not sell" },
        { trigger: ".o-autocomplete--dropdown-item:contains(We do not sell)", run: "click" },
        {
            content: "The message is shown before it goes",
            trigger: ".modal .o_field_widget[name=body]:contains(We do not sell this product)",
        },
        { trigger: ".modal footer button:contains(Refuse and Tell)", run: "click" },
        { trigger: ".ribbon:contains(Refused)" },
    ],
});
