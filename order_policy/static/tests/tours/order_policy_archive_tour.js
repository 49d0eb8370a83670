import { registry } from "@web/core/registry";
import { dragenterFiles, dropFiles } from "@web/../tests/utils";

const tours = registry.category("web_tour.tours");
const files = () => [new File(["Three desks, please."], "letter.txt", { type: "text/plain" })];
const dropped = ".o_field_widget[name=policy_file_ids] .o_data_row:contains(letter.txt)";
const row = (words) => `.o_field_widget[name=item_ids] .o_data_row:contains(${words})`;

tours.add("order_policy_drop_paper", {
    steps: () => [
        { trigger: ".o_notebook .nav-link:contains(Policy)", run: "click" },
        { trigger: ".o-mail-Chatter", run: () => dragenterFiles(".o-mail-Chatter", files()) },
        { trigger: ".o-Dropzone", run: () => dropFiles(".o-Dropzone", files()) },
        { content: "It is listed at once", trigger: `${dropped} td[name=policy_document_id]`, run: "click" },
        { trigger: ".o_selected_row td[name=policy_document_id] input", run: "edit Order Orig" },
        { trigger: ".ui-menu-item a:contains(Order Original)", run: "click" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_field_widget[name=policy_paper_ids] .o_data_row:contains(Order Original)" },
    ],
});

tours.add("order_policy_seal", {
    steps: () => [
        { trigger: ".o_data_row .o_data_cell[name=title]", run: "click" },
        {
            content: "What lacks, and who has it",
            trigger: ".o_field_widget[name=completeness_html] tr:contains(Contract):contains(Missing):contains(Ask)",
        },
        { trigger: `${row("Letter.txt")} td[name=description]`, run: "click" },
        { trigger: ".o_selected_row td[name=description] input", run: "edit With stamp" },
        { trigger: "button[name=action_seal]", run: "click" },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        {
            content: "It says what lacks",
            trigger: ".o_error_dialog:contains(is incomplete), .modal:contains(is incomplete: Contract)",
        },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        { trigger: ".o_field_widget[name=missing_reason] input", run: "edit Agreed on the phone" },
        { trigger: "button[name=action_seal]", run: "click" },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        { trigger: ".o_statusbar_status .o_arrow_button_current:contains(Sealed)" },
        { trigger: ".o_field_widget[name=name]:contains(TX-)" },
        { trigger: ".o_field_widget[name=item_ids]:not(:has(input))" },
        { trigger: "button[name=action_check]", run: "click" },
        { trigger: ".o_notebook .nav-link:contains(Checks)", run: "click" },
        { trigger: ".o_field_widget[name=check_ids] .o_data_row:contains(Passed)" },
        {
            content: "Nothing is left of the buttons that change it",
            trigger: ".o_form_view:not(:has(button[name=action_seal])):not(:has(button[name=action_gather]))",
        },
    ],
});
