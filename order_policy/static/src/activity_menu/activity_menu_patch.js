import { ActivityMenu } from "@mail/core/web/activity_menu";
import { patch } from "@web/core/utils/patch";

// Only reviews have to be done by a day. Orders sent back are all shown, whatever was planned for them besides.
const DATED = "sale.order.review";
const FILTERS = {
    overdue: "activities_overdue",
    today: "activities_today",
    upcoming_all: "activities_upcoming_all",
};

patch(ActivityMenu.prototype, {
    /**
     * Reviews and orders sent back are no activities: their own actions show exactly what the menu counted.
     *
     * @override
     */
    openActivityGroup(group, filter = "all", newWindow) {
        if (!group.policy_action) {
            return super.openActivityGroup(...arguments);
        }
        this.dropdown.close();
        this.action.doAction(group.policy_action, {
            additionalContext:
                group.model === DATED && filter in FILTERS ? { [`search_default_${FILTERS[filter]}`]: 1 } : {},
            clearBreadcrumbs: true,
            newWindow,
        });
    },
});
