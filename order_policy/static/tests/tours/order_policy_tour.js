import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const stage = (name) => `.o_statusbar_status .o_arrow_button_current:contains(${name})`;
const card = "article.o_kanban_record:contains(Ningbo Trading)";

tours.add("order_policy_submit", {
    steps: () => [
        { content: "Confirm is not offered before the review", trigger: ".o_form_view:not(:has(button[name=action_confirm]))" },
        { content: "Submit the order", trigger: "button[name=action_policy_submit]", run: "click" },
        { trigger: stage("Review") },
        { content: "It says whom the order waits for", trigger: ".alert-info:contains(Finance has to approve)" },
    ],
});

tours.add("order_policy_approve_card", {
    steps: () => [
        { content: "The card shows the lines", trigger: `${card} .o_order_policy_lines:contains(Desk)` },
        { content: "Approve on the card", trigger: `${card} button:contains(Approve)`, run: "click" },
        { trigger: ".modal:contains(Ningbo Trading) footer button:contains(Approve)", run: "click" },
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
        { trigger: "button[name=action_policy_submit]", run: "click" },
        { trigger: stage("Review") },
    ],
});

tours.add("order_policy_approve_order", {
    steps: () => [
        { trigger: stage("Approval") },
        { content: "Approve in the header", trigger: ".o_statusbar_buttons button:contains(Approve)", run: "click" },
        { trigger: ".modal footer button:contains(Approve)", run: "click" },
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

tours.add("order_policy_no_policy", {
    steps: () => [
        { content: "Odoo's own status bar", trigger: ".o_statusbar_status .o_arrow_button_current:contains(Quotation)" },
        { trigger: "button[name=action_confirm]" },
        {
            content: "Nothing of the policy",
            trigger: ".o_form_view:not(:has(button[name=action_policy_submit], .nav-link[name=policy], .o_field_widget[name=special_order], .alert-info))",
        },
    ],
});
