import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const status = (words) => `.o_order_policy_status .badge:contains(${words})`;

const sign = [
    { content: "Sign", trigger: "#sale_order_sidebar_button a:contains(Sign)", run: "click" },
    { trigger: ".modal .o_web_sign_name_and_signature input", run: "fill Lin Wei" },
    { trigger: ".modal .o_web_sign_name_and_signature input:value(Lin Wei)" },
    { trigger: ".modal canvas.o_web_sign_signature", run: "canvasNotEmpty" },
];

tours.add("order_policy_portal_sign_early", {
    steps: () => [
        { content: "It waits for the customer", trigger: status("Waiting for your confirmation") },
        ...sign,
        { trigger: ".modal .o_portal_sign_submit:enabled", run: "click", expectUnloadPage: true },
        {
            content: "The signature arrived, and is no promise",
            trigger: "#quote_content:contains(Your signature has arrived)",
        },
        { trigger: status("Being checked") },
        {
            content: "Nothing internal",
            trigger: "body:not(:contains(Finance review)):not(:contains(Department audit))",
        },
    ],
});

tours.add("order_policy_portal_sign_approved", {
    steps: () => [
        { content: "It waits for the customer", trigger: status("Waiting for your confirmation") },
        ...sign,
        { trigger: ".modal .o_portal_sign_submit:enabled", run: "click", expectUnloadPage: true },
        { content: "Confirmed at once", trigger: "#quote_content:contains(Your order has been confirmed)" },
        { trigger: status("In production") },
    ],
});

tours.add("order_policy_portal_list", {
    steps: () => [
        { trigger: "tr:contains(S0) .badge:contains(Waiting for your confirmation)" },
        { trigger: "tr:contains(S0) .badge:contains(Being checked)" },
    ],
});
