import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { standardErrorDialogProps } from "@web/core/errors/error_dialogs";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

const nextFrame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

/**
 * Lists all that keeps orders from being submitted; what is to be filled in is a link to its field.
 */
export class OrderIncompleteDialog extends Component {
    static template = "order_policy.OrderIncompleteDialog";
    static components = { Dialog };
    static props = { ...standardErrorDialogProps };

    setup() {
        this.action = useService("action");
        this.orders = this.props.data.context.orders;
    }

    /**
     * The field is in the form behind the dialog, or on a form that is opened first, such as that of the customer.
     */
    async onClick(item) {
        this.props.close();
        // What the form shows now: it may have stored a new order since it was opened, or turned to another one.
        const { props, currentState } = this.action.currentController ?? {};
        const isOpen = props?.resModel === item.model && currentState?.resId === item.res_id;
        if (!isOpen) {
            await this.action.doAction({
                type: "ir.actions.act_window",
                res_model: item.model,
                res_id: item.res_id,
                views: [[false, "form"]],
            });
        }
        await this.turnTo(item.field);
    }

    /**
     * Bring a field into sight, perhaps on another page of the form.
     */
    async turnTo(name) {
        await nextFrame();
        const form = document.querySelector(".o_action_manager .o_form_view");
        for (const page of [null, ...form.querySelectorAll(".o_notebook_headers .nav-link")]) {
            page?.click();
            await nextFrame();
            const field = form.querySelector(`.o_field_widget[name="${name}"]`);
            if (field) {
                field.scrollIntoView({ block: "center" });
                field.querySelector("input, textarea, .o_field_x2many_list_row_add a")?.focus();
                return;
            }
        }
    }
}

registry.category("error_dialogs").add("odoo.addons.order_policy.exceptions.OrderIncomplete", OrderIncompleteDialog);
