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
        { content: "Nothing internal", trigger: "body:not(:contains(Finance review)):not(:contains(Department audit))" },
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
