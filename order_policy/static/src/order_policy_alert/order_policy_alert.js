import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Shows a text as an alert, in the tone that another field of the record tells: info, success, warning or danger.
 */
export class OrderPolicyAlert extends Component {
    static template = "order_policy.OrderPolicyAlert";
    static props = { ...standardFieldProps, toneField: String };

    get text() {
        return this.props.record.data[this.props.name];
    }

    get tone() {
        return this.props.record.data[this.props.toneField];
    }
}

export const orderPolicyAlert = {
    component: OrderPolicyAlert,
    displayName: _t("Alert"),
    supportedTypes: ["text"],
    extractProps: ({ options }) => ({ toneField: options.tone_field }),
};

registry.category("fields").add("order_policy_alert", orderPolicyAlert);
