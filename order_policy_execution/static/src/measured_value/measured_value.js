import { registry } from "@web/core/registry";
import { FloatField, floatField } from "@web/views/fields/float/float_field";

/**
 * A measured value, empty until something was measured.
 */
export class MeasuredValue extends FloatField {
    get formattedValue() {
        return this.value || this.props.record.data.verdict ? super.formattedValue : "";
    }
}

registry.category("fields").add("order_policy_measured_value", {
    ...floatField,
    component: MeasuredValue,
    fieldDependencies: [{ name: "verdict", type: "selection" }],
});
