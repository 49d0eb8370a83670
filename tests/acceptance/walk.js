/**
 * Walks through the web client as its person would who wants to see everything: each menu, each view of it, what it is
 * grouped by, the first records with every page of their forms, and of ours a new record that is thought better of.
 *
 * Customers have pages instead, of which one at a time is read.
 *
 * Says where it is on the console ("Walk: …"), and what is wrong as an error there; goes on with the next menu then.
 */
(() => {
    const PATIENCE = 60000;
    // No menu of these is about anything that the person has in the database.
    const ELSEWHERE = ["base.menu_theme_store", "base.menu_third_party"];
    // What no text on a screen should hold: what a programmer sees, or a value that was never there.
    const NOT_FOR_PEOPLE = [
        /\bundefined\b/,
        /\bNaN\b/,
        /\[object \w+\]/,
        /%\(\w+\)/,
        /%[sd]\b/,
        /\{\{/,
        /&(nbsp|amp|lt|gt|quot);/,
        /\b[a-z]\w*(\.[a-z]\w*)+\([\d, ]*\)/, // the name of a record that is not there: sale.order()
        /\border_policy\b/,
        /\b(sale|order|policy)\.[a-z]+(\.[a-z]+)*\b(?!\.(com|example))/,
        /<\/?(p|b|i|br|li|ul|div|span)\b/,
    ];
    // Whose records have buttons that are followed, and new ones entered: those of the order policy, and orders.
    const OURS = /^(sale\.order|order\.policy)/;
    const LABELS =
        "label, th, button, .nav-link, .o_stat_text, .alert, .o_horizontal_separator, .dropdown-item, h1, h2, h4";
    const seen = new Set();
    const statuses = new Set();
    const untranslated = new Set();
    let place;

    const visible = (element) => element.offsetParent !== null || element.getClientRects().length > 0;
    const all = (selector, within = document) => [...within.querySelectorAll(selector)].filter(visible);
    const first = (selector, within) => all(selector, within)[0];

    function say(...where) {
        place = where.filter(Boolean).join(" · ");
        console.log(`Walk: ${place}`);
    }

    function complain(text) {
        console.error(`${place}: ${text}`);
    }

    class Stopped extends Error {}

    const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

    async function stopAtErrors() {
        const dialog = document.querySelector(".o_error_dialog");
        if (dialog) {
            dialog.querySelector("[role=alert] .btn-link")?.click(); // the details
            await pause(200);
            const [server] = (dialog.querySelector("pre")?.innerText ?? "").split("The above server error");
            const last = server.trim().split("\n").slice(-5).join("\n");
            throw new Stopped(`${dialog.querySelector("p").innerText.trim()}\n${last}`);
        }
    }

    /** Wait until the page has come to rest, then look at it. */
    async function rest() {
        const until = Date.now() + PATIENCE;
        for (let quiet = 0; quiet < 2; quiet = window.isBusy() ? 0 : quiet + 1) {
            await stopAtErrors();
            if (Date.now() > until) {
                throw new Stopped("This takes more than a minute.");
            }
            await pause(25);
        }
        await stopAtErrors();
        look();
    }

    /** Read what is on the screen. */
    function look() {
        for (const area of all(".o_action_manager, .o-overlay-container, .o_main_navbar, #wrapwrap")) {
            const inputs = all("input:not([type=checkbox]):not([type=radio]), textarea", area);
            for (const text of [...area.innerText.split("\n"), ...inputs.map((input) => input.value)]) {
                const found = !seen.has(text) && NOT_FOR_PEOPLE.find((pattern) => pattern.test(text));
                seen.add(text);
                if (found) {
                    complain(`“${text.trim()}” is nothing to show to people.`);
                }
            }
        }
        const speaks = window.odoo?.loader?.modules.get("@web/core/user")?.user.lang ?? "";
        if (speaks.startsWith("zh") && OURS.test(model())) {
            for (const { innerText } of all(LABELS)) {
                if (/[a-z]{3,} [a-z]{3,}/i.test(innerText) && !/\p{Script=Han}/u.test(innerText)) {
                    untranslated.add(innerText.trim());
                }
            }
        }
        for (const note of all(
            ".o_notification .bg-danger, .o_notification.border-danger, .o_notification_bar.bg-danger",
        )) {
            complain(`A red notification: ${note.closest(".o_notification").innerText}`);
            note.closest(".o_notification").querySelector(".o_notification_close")?.click();
        }
    }

    async function click(element) {
        element.scrollIntoView({ block: "nearest" });
        for (const type of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"]) {
            element.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, view: window }));
        }
        await rest();
    }

    /** Close whatever lies over the page. */
    async function closeDialogs() {
        for (let dialog; (dialog = all(".o_dialog, .modal.show").at(-1));) {
            const button = first(".o_form_button_cancel, header .btn-close, .btn-close", dialog);
            if (!button) {
                throw new Stopped(`This dialog cannot be closed: ${dialog.innerText}`);
            }
            await click(button);
        }
    }

    async function pages(where) {
        const names = all(".o_form_view .o_notebook_headers .nav-link").length;
        for (let index = 0; index < names; index++) {
            const page = all(".o_form_view .o_notebook_headers .nav-link")[index];
            if (page && !page.classList.contains("active")) {
                say(...where, page.innerText.trim());
                await click(page);
            }
        }
    }

    const model = () => window.odoo?.__WOWL_DEBUG__?.root.env.services.action.currentController?.action.res_model ?? "";
    const isForm = () => first(".o_form_view, .o_dialog");
    const inList = () => !isForm() && first(".o_list_view, .o_kanban_view");

    async function back() {
        await closeDialogs();
        for (const cancel of [
            ".o_form_button_cancel",
            ".o_list_button_discard",
            ".o_kanban_quick_create .o_kanban_cancel",
        ]) {
            const button = first(cancel);
            if (button) {
                await click(button);
            }
        }
        const crumb = !inList() && first(".o_breadcrumb .o_back_button");
        if (crumb) {
            await click(crumb);
        }
    }

    const records = () =>
        all(
            ".o_list_view tr.o_data_row, .o_kanban_view .o_kanban_record:not(.o_kanban_ghost):not(.o-kanban-button-new)",
        ).filter((record) => !record.closest(".o_view_sample_data")); // shown where there are none

    async function unfold() {
        const group = !records().length && first(".o_list_view .o_group_has_content.o_group_header:not(.o_group_open)");
        if (group) {
            await click(first("th, td", group) ?? group);
        }
    }

    async function removeFilters() {
        for (let facet; (facet = first(".o_searchview .o_facet_remove"));) {
            await click(facet);
        }
    }

    /** Open the first records, each page of them, and what their buttons at the top right lead to. */
    async function openRecords(where, many) {
        await unfold();
        if (!records().length) {
            say(...where, "without filters");
            await removeFilters();
            await unfold();
        }
        for (let index = 0; index < 40; index++) {
            await unfold();
            const record = records()[index];
            if (!record) {
                return;
            }
            // Of ours also one of each status, as their forms differ most by that.
            const status = [model(), ...all(".badge", record).map((badge) => badge.innerText)].join();
            if (index >= many && (!OURS.test(model()) || statuses.has(status))) {
                continue;
            }
            statuses.add(status);
            const name =
                record.innerText
                    .trim()
                    .split(/\s*\n\s*|\t/)
                    .find(Boolean) ?? "";
            say(...where, name);
            const cell = first(
                "td.o_data_cell.o_list_char, td.o_data_cell:not(.o_list_button):not(.o_boolean_toggle_cell)",
                record,
            );
            await click(cell ?? record);
            if (isForm()) {
                await pages([...where, name]);
                if (OURS.test(model())) {
                    await openButtons([...where, name]);
                }
            }
            await back();
            if (!inList()) {
                return;
            }
        }
    }

    async function openButtons(where) {
        // Invoices are Odoo's own, which it refuses to show to people without rights in Accounting.
        const names = all(".o_form_view .oe_stat_button")
            .map((button) => button.getAttribute("name"))
            .filter((name) => name !== "action_view_invoice");
        for (const name of names) {
            const button = name && first(`.o_form_view .oe_stat_button[name="${name}"]`);
            if (!button || button.disabled || button.closest("button[type=archive]")) {
                continue;
            }
            say(...where, button.innerText.trim().replace(/\s+/g, " "));
            const crumbs = first(".o_breadcrumb")?.innerText;
            await click(button);
            if (first(".o_dialog")) {
                await closeDialogs();
            } else if (first(".o_breadcrumb")?.innerText !== crumbs) {
                await pages(where);
                const crumb = first(".o_breadcrumb .o_back_button");
                if (!crumb) {
                    return;
                }
                await click(crumb);
            }
        }
    }

    async function enterNew(where) {
        const button = first(".o_list_button_add, .o-kanban-button-new, .o_form_button_create");
        if (button && !button.disabled) {
            say(...where, "New");
            await click(button);
            if (isForm()) {
                await pages([...where, "New"]);
            }
            await back();
        }
    }

    async function groupBys(where) {
        const toggler = first(".o_searchview_dropdown_toggler");
        if (!toggler) {
            return;
        }
        await removeFilters();
        await click(first(".o_searchview_dropdown_toggler"));
        const items = () => all(".o_group_by_menu > .o_menu_item:not(select), .o_group_by_menu > .o_accordion");
        for (let index = 0; index < items().length; index++) {
            let item = items()[index];
            say(...where, `by ${item.innerText.trim().split("\n")[0]}`);
            if (item.classList.contains("o_accordion")) {
                if (!first(".o_accordion_values .dropdown-item", item)) {
                    await click(first(".o_accordion_toggle", item));
                }
                item = first(".o_accordion_values .dropdown-item", items()[index]);
                if (!item) {
                    continue;
                }
            }
            await click(item);
            await removeFilters();
            if (!first(".o_group_by_menu")) {
                await click(first(".o_searchview_dropdown_toggler"));
            }
        }
        document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
        if (first(".o_group_by_menu")) {
            await click(first(".o_searchview_dropdown_toggler"));
        }
    }

    async function views(where, { records: many, groups }) {
        const types = all(".o_cp_switch_buttons .o_switch_view").map((button) =>
            [...button.classList].find((name) => name.startsWith("o_") && name !== "o_switch_view"),
        );
        let opened = false;
        for (const type of types.length ? types : [null]) {
            const view = type ? type.slice(2) : "";
            say(...where, view);
            const button = type && first(`.o_cp_switch_buttons .o_switch_view.${type}`);
            if (button && !button.classList.contains("active")) {
                // Odoo takes no second click so soon after one.
                await pause(300);
                await click(button);
            }
            // Boards of cards are slow, and group in the way of lists.
            if (groups && type !== "o_kanban") {
                await groupBys([...where, view]);
            }
            if (inList() && !opened) {
                opened = true;
                await openRecords([...where, view], many);
                if (inList() && OURS.test(model())) {
                    await enterNew([...where, view]);
                }
            } else if (first(".o_form_view")) {
                await pages([...where, view]);
            }
        }
    }

    async function open(item, depth) {
        const { menu: menus } = odoo.__WOWL_DEBUG__.root.env.services;
        const where = [menus.getMenu(item.appID)?.name, item.name];
        say(...where);
        try {
            menus.selectMenu(item);
            await pause(50);
            await rest();
            if (first(".o_dialog")) {
                await pages(where);
                await closeDialogs();
            } else {
                await views(where, depth);
            }
        } catch (error) {
            complain(error instanceof Stopped ? error.message : error.stack);
            await pause(1500); // for a picture of it
            for (const button of all(".o_dialog .btn-close, .o_form_button_cancel, .o_list_button_discard")) {
                button.click();
            }
        }
    }

    /** Look at a page of the portal, and at what its buttons open on it. */
    async function readPage() {
        say(document.title);
        await rest();
        const openers = all("#wrapwrap [data-bs-toggle=modal], #wrapwrap [data-bs-toggle=collapse]");
        for (const opener of openers.filter(visible)) {
            say(document.title, opener.innerText.trim());
            opener.click();
            await pause(600); // it fades in
            await rest();
            const close = first(".modal.show .btn-close, .modal.show [data-bs-dismiss=modal]");
            if (close) {
                close.click();
                await pause(600);
            }
        }
        const page = document.documentElement;
        if (page.scrollWidth > page.clientWidth + 1) {
            complain(`The page is ${page.scrollWidth - page.clientWidth} pixels wider than the screen.`);
        }
    }

    /** Let Odoo's own bot click on the menus, views and filters of an app; it says on the console what goes wrong. */
    async function letBotClick(app) {
        const isRunning = () => localStorage.getItem("running.clickbot") !== null;
        odoo.loader.modules.get("@web/webclient/clickbot/clickbot_loader").startClickEverywhere(app);
        while (!isRunning()) {
            await pause(50);
        }
        while (isRunning()) {
            await pause(300);
            look();
        }
    }

    /**
     * @param {Object} depth how much to look at
     * @param {string[]} [depth.apps] technical names of the apps to walk through; all when left out
     * @param {string[]} [depth.bot] those in which the bot clicks on all filters first
     * @param {number} depth.records how many records of each menu to open, beside one of each status
     * @param {boolean} depth.groups whether to group by everything there is to group by
     */
    async function walk(depth) {
        for (const app of depth.bot ?? []) {
            await letBotClick(app);
        }
        const { menu: menus } = odoo.__WOWL_DEBUG__.root.env.services;
        const actions = new Set();
        for (const item of menus.getAll()) {
            const app = menus.getMenu(item.appID)?.xmlid;
            const isNew = item.actionID && !actions.has(item.actionID) && !ELSEWHERE.includes(item.xmlid);
            if (isNew && (!depth.apps || depth.apps.includes(app))) {
                actions.add(item.actionID);
                await open(item, depth);
            }
        }
    }

    Object.assign(window, { walk, readPage, untranslated });
})();
