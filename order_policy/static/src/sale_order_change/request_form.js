import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { formView } from "@web/views/form/form_view";

/**
 * The form of a request opens with the present order, so it could be saved before anything was entered. Who closes the
 * page or looks at another tab then leaves no request behind, as who goes to another page does not.
 */
export class RequestFormController extends formView.Controller {
    setup() {
        super.setup();
        this.isTyping = false;
        useBus(this.model.bus, "FIELD_IS_DIRTY", (ev) => (this.isTyping = ev.detail));
    }

    get isUntouched() {
        const { root } = this.model;
        return root.isNew && !root.dirty && !this.isTyping;
    }

    beforeVisibilityChange() {
        if (!this.isUntouched) {
            return super.beforeVisibilityChange();
        }
    }

    async beforeUnload(ev) {
        if (!this.isUntouched) {
            return super.beforeUnload(ev);
        }
    }
}

registry.category("views").add("order_policy_request_form", { ...formView, Controller: RequestFormController });
