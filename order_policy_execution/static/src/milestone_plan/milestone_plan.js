import { Component } from "@odoo/owl";
import { toLocaleDateString, today } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const { DateTime } = luxon;

// How a milestone stands: in a word, with a sign, in a colour.
const LOOKS = {
    planned: { word: _t("Planned"), icon: "fa-circle-o", colour: "secondary" },
    started: { word: _t("Started"), icon: "fa-play", colour: "info" },
    done: { word: _t("Done"), icon: "fa-check", colour: "success" },
    skipped: { word: _t("Skipped"), icon: "fa-minus", colour: "secondary" },
    medium: { word: _t("At Risk"), icon: "fa-clock-o", colour: "warning" },
    high: { word: _t("Will Be Late"), icon: "fa-exclamation", colour: "warning" },
    late: { word: _t("Late"), icon: "fa-exclamation", colour: "danger" },
};
const SETTLED = ["done", "skipped"];

function days(from, to) {
    return Math.round(to.startOf("day").diff(from.startOf("day"), "days").days);
}

/**
 * Draws the milestones of an order: a line of dots with dates, and below it for each milestone a bar of what was
 * planned and one of what came of it, against the date that was promised to the customer.
 */
export class MilestonePlan extends Component {
    static template = "order_policy_execution.MilestonePlan";
    static props = { ...standardFieldProps };

    /**
     * What is drawn: neither what a cancelled order leaves open, nor what is open of a former version of the policy.
     */
    get milestones() {
        return this.props.record.data[this.props.name].records
            .map((record) => ({ key: record.id, ...record.data }))
            .filter((milestone) => milestone.is_open || SETTLED.includes(milestone.state))
            .sort((a, b) => a.sequence - b.sequence)
            .map((milestone) => ({ ...milestone, ...this.look(milestone) }));
    }

    look(milestone) {
        const { state, is_late: isLate, danger } = milestone;
        const open = !SETTLED.includes(state);
        const key = open && isLate ? "late" : open && danger in LOOKS ? danger : state;
        return { look: key, ...LOOKS[key] };
    }

    day(value) {
        return toLocaleDateString(value);
    }

    /**
     * The date below a dot: when it was done or skipped, else when it is planned.
     */
    dateOf(milestone) {
        return this.day(milestone.done_on || milestone.skipped_on || milestone.planned_on);
    }

    /**
     * What a dot tells besides: who, and all its dates.
     */
    detailsOf(milestone) {
        const open = !SETTLED.includes(milestone.state);
        return [
            [_t("Department"), milestone.department_id?.display_name],
            [_t("By"), milestone.done_by_id?.display_name],
            [_t("Planned"), this.day(milestone.planned_on)],
            [_t("Forecast"), open && this.day(milestone.forecast_on)],
            [_t("Started"), this.day(milestone.started_on)],
            [_t("Progress"), open && milestone.progress && `${milestone.progress} %`],
            [_t("Done"), this.day(milestone.done_on)],
            [_t("Skipped"), this.day(milestone.skipped_on)],
            [_t("Note"), milestone.note],
            [_t("Skipped Because"), milestone.skip_reason],
        ]
            .filter(([, value]) => value)
            .map(([label, value]) => ({ label: label.toString(), value }));
    }

    tooltipOf(milestone) {
        const { name, word } = milestone;
        return JSON.stringify({ name, word: word.toString(), details: this.detailsOf(milestone) });
    }

    // ---------------------------------------------------------------------
    // Bars
    // ---------------------------------------------------------------------

    get promised() {
        return this.props.record.data.commitment_date?.startOf("day");
    }

    /**
     * The bars of all milestones on one scale of days. A milestone is planned from when what comes before it is
     * planned to be reached, the first one from the confirmation of the order.
     */
    get chart() {
        const rows = this.rows;
        const dates = rows.flatMap((row) => row.spans.flatMap(({ from, to }) => [from, to]));
        const now = rows.some((row) => row.open) && today();
        const shown = [...dates, this.promised, now].filter(Boolean);
        if (!dates.length) {
            return null;
        }
        const first = DateTime.min(...shown);
        const length = days(first, DateTime.max(...shown)) + 1;
        const percent = (count) => Math.round((count / length) * 10000) / 100;
        const mark = (date) => date && { date: this.day(date), left: percent(days(first, date) + 0.5) };
        for (const row of rows) {
            for (const span of row.spans) {
                span.style = `left: ${percent(days(first, span.from))}%; width: ${percent(days(span.from, span.to) + 1)}%`;
            }
        }
        const kinds = new Set(rows.flatMap((row) => row.spans.map((span) => span.kind)));
        return { rows, kinds, promised: mark(this.promised), today: mark(now) };
    }

    get rows() {
        let from, until, sequence;
        return this.milestones.map((milestone) => {
            until ??= milestone.confirmed_on.startOf("day");
            if (milestone.sequence !== sequence) {
                [from, sequence] = [until, milestone.sequence];
            }
            const planned = milestone.planned_on && {
                from: DateTime.min(from, milestone.planned_on),
                to: milestone.planned_on,
            };
            until = planned ? DateTime.max(until, planned.to) : until;
            return {
                ...milestone,
                open: !SETTLED.includes(milestone.state),
                spans: this.spansOf(milestone, planned),
                planned: planned && this.period(planned.from, planned.to),
                outcome: this.outcomeOf(milestone),
            };
        });
    }

    /**
     * What was planned, what came of it so far, and what is expected where that is of interest.
     */
    spansOf(milestone, planned) {
        const { state, started_on: started, done_on: done, forecast_on: forecast } = milestone;
        const spans = planned ? [{ kind: "planned", ...planned }] : [];
        const begun = started || done;
        if (begun && state !== "skipped") {
            const to = (done || DateTime.max(today(), begun)).startOf("day");
            spans.push({ kind: "real", from: begun.startOf("day"), to });
        }
        const open = !SETTLED.includes(state);
        if (open && forecast && planned && (begun || forecast > planned.to)) {
            const from = DateTime.max(today(), begun ? begun.startOf("day").plus({ days: 1 }) : planned.from);
            if (from <= forecast) {
                spans.push({ kind: "forecast", from, to: forecast });
            }
        }
        return spans;
    }

    period(from, to) {
        return days(from, to) ? `${this.day(from)} – ${this.day(to)}` : this.day(to);
    }

    outcomeOf(milestone) {
        const { state, planned_on: planned, forecast_on: forecast, done_on: done } = milestone;
        if (state === "done") {
            return _t("Done %(date)s, %(punctuality)s", {
                date: this.day(done),
                punctuality: this.punctuality(milestone.days_late),
            });
        }
        if (state === "skipped") {
            return milestone.word;
        }
        if (!planned) {
            return "";
        }
        const expected = forecast ? DateTime.max(forecast, today()) : today();
        if (milestone.is_late || expected > planned) {
            const punctuality = this.punctuality(days(planned, expected));
            return forecast
                ? _t("Forecast %(date)s, %(punctuality)s", { date: this.day(expected), punctuality })
                : _t("Not done yet, %s", punctuality);
        }
        return state === "planned" ? "" : milestone.word;
    }

    punctuality(daysLate) {
        if (!daysLate) {
            return _t("on time");
        }
        if (daysLate > 0) {
            return daysLate === 1 ? _t("1 day late") : _t("%s days late", daysLate);
        }
        return daysLate === -1 ? _t("1 day early") : _t("%s days early", -daysLate);
    }
}

export const milestonePlan = {
    component: MilestonePlan,
    displayName: _t("Milestones against their plan"),
    supportedTypes: ["one2many"],
    useSubView: false,
    fieldDependencies: [{ name: "commitment_date", type: "datetime" }],
    relatedFields: [
        { name: "name", type: "char" },
        { name: "sequence", type: "integer" },
        { name: "department_id", type: "many2one", relation: "order.policy.department" },
        { name: "state", type: "selection", selection: [] },
        { name: "danger", type: "selection", selection: [] },
        { name: "is_open", type: "boolean" },
        { name: "is_late", type: "boolean" },
        { name: "confirmed_on", type: "datetime" },
        { name: "planned_on", type: "date" },
        { name: "forecast_on", type: "date" },
        { name: "started_on", type: "datetime" },
        { name: "done_on", type: "datetime" },
        { name: "skipped_on", type: "datetime" },
        { name: "days_late", type: "integer" },
        { name: "progress", type: "integer" },
        { name: "done_by_id", type: "many2one", relation: "res.users" },
        { name: "note", type: "text" },
        { name: "skip_reason", type: "text" },
    ],
};

registry.category("fields").add("order_policy_milestone_plan", milestonePlan);
