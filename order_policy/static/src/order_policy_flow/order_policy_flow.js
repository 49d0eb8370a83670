import { Component, onWillStart } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * Draws the steps of a policy left to right in their order; steps that run side by side are stacked.
 */
export class OrderPolicyFlow extends Component {
    static template = "order_policy.OrderPolicyFlow";
    static props = { ...standardFieldProps };

    setup() {
        const fieldService = useService("field");
        const { resModel } = this.props.record.data[this.props.name];
        onWillStart(async () => {
            this.fields = await fieldService.loadFields(resModel, { fieldNames: ["kind", "used_for", "authority"] });
        });
    }

    get columns() {
        const columns = new Map();
        for (const step of this.props.record.data[this.props.name].records) {
            const sequence = step.data.sequence;
            columns.set(sequence, [...(columns.get(sequence) || []), step]);
        }
        return [...columns.entries()].sort(([a], [b]) => a - b).map(([sequence, steps]) => ({ sequence, steps }));
    }

    selectionLabel(step, name) {
        const option = this.fields[name].selection.find(([value]) => value === step.data[name]);
        return option ? option[1] : "";
    }

    timeLimit(step) {
        const hours = step.data.time_limit;
        return hours === 1 ? _t("1 working hour") : _t("%s working hours", Math.round(hours * 100) / 100);
    }
}

export const orderPolicyFlow = {
    component: OrderPolicyFlow,
    displayName: _t("Flow of an order policy"),
    supportedTypes: ["one2many"],
    useSubView: false,
    relatedFields: [
        { name: "name", type: "char" },
        { name: "sequence", type: "integer" },
        { name: "kind", type: "selection", selection: [] },
        { name: "used_for", type: "selection", selection: [] },
        { name: "department_id", type: "many2one", relation: "order.policy.department" },
        { name: "authority", type: "selection", selection: [] },
        { name: "condition_in_words", type: "char" },
        { name: "time_limit", type: "float" },
    ],
};

registry.category("fields").add("order_policy_flow", orderPolicyFlow);
