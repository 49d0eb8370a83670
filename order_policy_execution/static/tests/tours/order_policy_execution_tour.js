import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const openPage = { content: "Turn to the execution", trigger: ".nav-link[name=policy_execution]", run: "click" };
const dot = (name, look) => `.o_milestone_line .o_milestone_dot[data-look=${look}]:contains(${name})`;
const row = (name) => `.o_milestone_chart .o_milestone_row:contains(${name})`;

tours.add("order_policy_milestone_plan", {
    steps: () => [
        openPage,
        { content: "What was done has its word", trigger: `${dot("Production", "done")}:contains(Done)` },
        {
            content: "All that its tooltip shows is there for those who listen",
            trigger: `${dot("Production", "done")} .visually-hidden:contains(Varnished twice)`,
        },
        { content: "What comes next is planned", trigger: `${dot("Delivery", "planned")}:contains(Planned)` },
        { content: "Plan and truth are compared", trigger: `${row("Production")}:contains(2 days late)` },
        {
            content: "as bars",
            trigger: `${row("Production")}:has(.o_milestone_bar_planned) .o_milestone_bar_real`,
        },
        {
            content: "What is not begun has a plan alone",
            trigger: `${row("Delivery")}:not(:has(.o_milestone_bar_real)) .o_milestone_bar_planned`,
        },
        { content: "The promise stands above all", trigger: ".o_milestone_mark:contains(Promised)" },
        { content: "and through each of them", trigger: `${row("Payment")} .o_milestone_promised` },
    ],
});

tours.add("order_policy_no_milestones", {
    steps: () => [
        openPage,
        {
            content: "It says why there is nothing to draw",
            trigger: ".o_form_view:not(:has(.o_milestone_plan)) p:contains(policy of this order has no milestones)",
        },
    ],
});

tours.add("order_policy_milestone_calendar", {
    steps: () => [
        { content: "The card says it", trigger: ".o_kanban_record:contains(Production) .badge:contains(Late)" },
        { trigger: ".o_switch_view.o_calendar", run: "click" },
        {
            content: "and so does the calendar, not by its colour alone",
            trigger: ".o_milestone_event_late:contains(Late)",
        },
    ],
});
