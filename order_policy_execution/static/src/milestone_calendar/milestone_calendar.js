import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { CalendarCommonRenderer } from "@web/views/calendar/calendar_common/calendar_common_renderer";
import { CalendarRenderer } from "@web/views/calendar/calendar_renderer";
import { calendarView } from "@web/views/calendar/calendar_view";

const IN_DANGER = {
    medium: { word: _t("At Risk"), icon: "fa-clock-o" },
    high: { word: _t("Will Be Late"), icon: "fa-exclamation-triangle" },
    late: { word: _t("Late"), icon: "fa-exclamation-circle" },
};

function lookOf({ danger, is_late: isLate, state }) {
    if (state === "done") {
        return { level: "done", word: _t("Done"), icon: "fa-check" };
    }
    const level = isLate ? "late" : danger;
    return level in IN_DANGER ? { level, ...IN_DANGER[level] } : null;
}

export class MilestoneCalendarCommonRenderer extends CalendarCommonRenderer {
    static eventTemplate = "order_policy_execution.MilestoneCalendar.event";

    /**
     * @override
     */
    mapRecordsToEvents() {
        for (const record of Object.values(this.props.model.records)) {
            record.look = lookOf(record.rawRecord);
        }
        return super.mapRecordsToEvents();
    }

    /**
     * @override
     */
    eventClassNames({ event }) {
        const classes = super.eventClassNames(...arguments);
        const look = this.props.model.records[event.id]?.look;
        return look ? [...classes, `o_milestone_event_${look.level}`] : classes;
    }
}

export class MilestoneCalendarRenderer extends CalendarRenderer {
    static components = {
        ...CalendarRenderer.components,
        day: MilestoneCalendarCommonRenderer,
        week: MilestoneCalendarCommonRenderer,
        month: MilestoneCalendarCommonRenderer,
    };
}

registry.category("views").add("order_policy_milestone_calendar", {
    ...calendarView,
    Renderer: MilestoneCalendarRenderer,
});
