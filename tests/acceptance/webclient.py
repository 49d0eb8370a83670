"""Odoo's web client, in words of the people who use it: menus, fields, buttons, dialogs."""

import re
from pathlib import Path

import polib

# What the browser says of things that are not there on purpose, such as a missing picture of a person.
HARMLESS = re.compile(r"favicon|net::ERR_ABORTED")
# Where those who click by themselves say that they are: tests/acceptance/walk.js, and Odoo's own bot.
PLACE = re.compile(r"(?:Walk: |Testing menu |Testing view |Clicking on: )(.*)")
# Tells whether the page waits for something that it asked the server for, or has yet to show it. What waits for news,
# such as the chat, uses a websocket and does not count.
KNOW_WHETHER_BUSY = """
    window.unanswered = 0;
    const {fetch, XMLHttpRequest} = window;
    const {send} = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.send = function () {
        window.unanswered++;
        this.addEventListener("loadend", () => window.unanswered--);
        return send.apply(this, arguments);
    };
    window.fetch = function () {
        window.unanswered++;
        return fetch.apply(this, arguments).finally(() => window.unanswered--);
    };
    // As Odoo's own bot that clicks everywhere has it.
    window.isBusy = () => {
        const apps = [...(window.odoo?.loader?.modules.get("@odoo/owl")?.App.apps ?? [])];
        return document.readyState !== "complete" || window.unanswered > 0
            || document.querySelector(".o_blockUI") !== null || apps.some((app) => app.scheduler.tasks.size > 0);
    };
"""
# An answer may make the page ask for more, so it has to be at rest more than once.
AT_REST = """() => {
    window.restful = window.isBusy() ? 0 : (window.restful ?? 0) + 1;
    return window.restful > 2;
}"""
# What the addons say in Chinese.
CHINESE = {
    entry.msgid: entry.msgstr
    for file in sorted(Path(__file__).parents[2].glob("order_policy*/i18n/zh_CN.po"))
    for entry in polib.pofile(str(file))
}
SHOWS = """([widget, text]) => widget.innerText.includes(text)
    || [...widget.querySelectorAll("input:not([type=file])")].some((input) => input.value.includes(text))"""
# The first page of all makes Odoo compile its scripts and styles, which takes minutes on a busy machine.
PATIENCE = 300_000


class WebClient:
    """One person's browser. Whatever goes wrong on the page is an error of the test."""

    def __init__(self, page, url, pictures):
        self.page, self.url, self.pictures = page, url, pictures
        self.login = self.place = None
        self.errors = []
        page.set_default_timeout(20_000)
        page.set_default_navigation_timeout(PATIENCE)
        page.add_init_script(KNOW_WHETHER_BUSY)
        page.on("pageerror", lambda error: self._keep(str(error)))
        page.on("console", self._hear)

    def __str__(self):
        """Who it is, and where."""
        return " · ".join(filter(None, [self.login or "nobody", self.place, self.page.url.removeprefix(self.url)]))

    def _keep(self, error):
        self.errors.append(f"{self}: {error}")

    def _hear(self, message):
        if place := PLACE.match(message.text):
            self.place = place[1]
        elif message.type == "error" and not HARMLESS.search(f"{message.text} {message.location.get('url', '')}"):
            self._keep(message.text)

    def check_no_errors(self):
        """Make sure that nothing went wrong so far: no error in the console, no error dialog."""
        if not self.page.is_closed():
            for dialog in self.page.query_selector_all(".o_error_dialog"):
                self._keep(dialog.inner_text())
        errors, self.errors = self.errors, []
        assert not errors, "\n".join(errors)

    def picture(self, name):
        """Keep a picture of the screen, to be looked at by people, and return its file."""
        if self.page.is_closed():
            return None
        self.pictures.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^-\w .]+", " ", name).strip()
        file = self.pictures / f"{name}.png"
        self.page.screenshot(path=file)
        return file

    def log_in(self, login, password):
        self.login = login
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar, .o_portal_wrap", timeout=PATIENCE)
        self.wait()

    def open(self, path):
        """Open an address of the back office, such as ``policy-orders``."""
        self.open_from_letter(f"{self.url}/odoo/{path}")

    def open_from_letter(self, url):
        """Click a link of a letter."""
        self.page.goto(url)
        self.page.wait_for_selector(".o_main_navbar", timeout=PATIENCE)
        self.wait()

    def wait(self):
        """Wait until the page has come to rest."""
        self.page.wait_for_function(AT_REST, polling=30, timeout=PATIENCE)
        self.check_no_errors()

    def call(self, model, method, *args, **kwargs):
        """Call Odoo as this person, without the screen: to set up what the test is not about."""
        answer = self._ask(model, method, args, kwargs)
        assert "error" not in answer, answer["error"]["data"]["debug"]
        return answer.get("result")

    def _ask(self, model, method, args, kwargs):
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        return self.page.request.post(
            f"{self.url}/web/dataset/call_kw", data={"params": params}, timeout=PATIENCE
        ).json()

    def refused_call(self, model, method, *args, **kwargs):
        """Call Odoo as this person, past the screen, which is refused, and return what is said."""
        answer = self._ask(model, method, args, kwargs)
        assert "error" in answer, f"{model}.{method} was not refused"
        return answer["error"]["data"]["message"]

    # ------------------------------------------------------------------
    # What people click. Labels are given in English: people see them in their own language.
    # ------------------------------------------------------------------

    def say(self, text):
        """Return a text of the addons in the language of this person."""
        if self.page.evaluate("odoo.loader.modules.get('@web/core/user').user.lang") != "zh-CN":
            return text
        assert CHINESE.get(text), f"There is no Chinese for “{text}”"
        return CHINESE[text]

    @property
    def front(self):
        """What is in front: the dialog on top, or else the page."""
        dialogs = self.page.locator(".modal.o_technical_modal:not(.o_inactive_modal)")
        return dialogs.last if dialogs.count() else self.page.locator(".o_action_manager")

    def has_dialog(self):
        return self.page.locator(".modal.o_technical_modal").count() > 0

    def dialog(self):
        """Return the text of the dialog in front."""
        return self.page.locator(".modal.o_technical_modal").last.inner_text()

    def menu(self, *labels):
        """Go through the menus, from the app down."""
        self.page.click(".o_navbar_apps_menu button")
        self.page.locator(".o-dropdown--menu .o_app", has_text=self._exactly(labels[0])).click()
        self.wait()
        for label in labels[1:]:
            self.page.locator(
                ".o_menu_sections .dropdown-toggle, .o_menu_sections .o_nav_entry, .o-dropdown--menu .dropdown-item",
                has_text=self._exactly(label),
            ).click()
        self.wait()

    def _exactly(self, label):
        return re.compile(rf"^\s*{re.escape(self.say(label))}\s*$")

    def new(self):
        """Click New on a list."""
        self.page.locator(".o_list_button_add:visible").click()
        self.wait()

    def button(self, label):
        """Click a button, of the dialog in front or else of the page. Odoo's own ones go by their name."""
        self._button(label).click()
        self.wait()

    def has_button(self, label):
        return self._button(label).count() > 0

    def _button(self, label):
        if re.fullmatch(r"[a-z_]+", label):
            return self.front.locator(f"button[name={label}]:visible").first
        return self.front.locator("button:visible", has_text=self._exactly(label)).first

    def refused(self, label):
        """Click a button that is refused, and return what is said."""
        self._button(label).click()
        dialog = self.page.locator(".o_error_dialog")
        said = dialog.inner_text()
        dialog.locator(".modal-footer .btn-primary").click()
        self.wait()
        return said

    def download(self, label, folder):
        """Click a button that gives a file, and return where that is."""
        return self._downloaded(self._button(label), folder)

    def _downloaded(self, link, folder):
        with self.page.expect_download(timeout=PATIENCE) as coming:
            link.click()
        file = folder / coming.value.suggested_filename
        coming.value.save_as(file)
        self.wait()
        return file

    def print_paper(self, label, folder):
        """Print the record from the menu with the cog wheel, and return where the file is."""
        self.page.locator(".o_control_panel .o_cp_action_menus button:visible").first.click()
        self.page.locator(".o-dropdown--menu .dropdown-toggle:has(.fa-print)").hover()
        paper = self.page.locator(".o-dropdown--menu .o_menu_item:visible", has_text=self._exactly(label))
        return self._downloaded(paper, folder)

    def button_of(self, part, label):
        """Click a button of a part of the page, such as a card."""
        part.locator("button:visible", has_text=self._exactly(label)).click()
        self.wait()

    def accept(self):
        """Say yes to what the dialog in front asks."""
        self.front.locator(".modal-footer .btn-primary").click()
        self.wait()

    def smart_button(self, name):
        """Click a button that leads to what belongs to the record, such as its deliveries."""
        button = self.page.locator(f".oe_stat_button[name={name}], .oe_stat_button:has([name={name}])").first
        if not button.is_visible():
            self.page.locator(".o_button_more").click()
        button.click()
        self.wait()

    def tab(self, name):
        """Turn to a page of the form."""
        self.front.locator(f".o_notebook_headers .nav-link[name={name}]").click()
        self.wait()

    def save(self):
        self.front.locator(".o_form_button_save").first.click()
        self.wait()

    def back(self):
        """Go back by the breadcrumbs."""
        self.page.locator(".o_breadcrumb .o_back_button, .o_breadcrumb .breadcrumb-item a").last.click()
        self.wait()

    def open_link(self, field):
        """Open the record that a field shows."""
        widget = self.field(field)
        link = widget.locator("a, .o_external_button").first
        if not link.is_visible():
            widget.locator("input").focus()
        link.click()
        self.wait()

    # ------------------------------------------------------------------
    # What people read and fill in
    # ------------------------------------------------------------------

    def stage(self):
        """Where the record stands, as the bar on top of its form shows it."""
        return self.front.locator(".o_statusbar_status .o_arrow_button_current").first.inner_text().strip()

    def banner(self):
        """What stands above the form, such as whom the order waits for."""
        return "\n".join(self.front.locator(".o_form_view .alert:visible").all_inner_texts())

    def field(self, name):
        return self.front.locator(f'.o_field_widget[name="{name}"]:visible').first

    def read(self, name):
        """Return what a field shows."""
        return self._text(self.field(name))

    def _text(self, widget):
        typed = widget.locator("input:visible, textarea:visible")
        return (typed.first.input_value() if typed.count() else widget.inner_text()).strip().replace("\xa0", " ")

    def fill(self, name, value):
        """Type into a field. Dates can be typed as ``+30``: in 30 days."""
        self._type(self.field(name), value)

    def _type(self, widget, value):
        # A date, and a cell, become something to type into when they are clicked.
        widget.locator("input, textarea, button.o_input").first.click()
        box = widget.locator("input, textarea").first
        box.fill(str(value))
        box.press("Tab")
        self.wait()

    def choose(self, name, text):
        """Choose what a field offers: in a list that opens, or with radio buttons."""
        self._choose(self.field(name), text)

    def _choose(self, widget, text):
        radio = widget.locator(".o_radio_item", has_text=text)
        if radio.count():
            radio.locator("input").check()
        else:
            widget.locator("input").first.fill(text)
            self.page.locator(".o-autocomplete--dropdown-item:visible", has_text=text).first.click()
        self.wait()

    def attach(self, name, file):
        """Put a file into a field, or into the row of a table that is being filled in."""
        widget = self.field(name)
        widget.locator("input[type=file]").first.set_input_files(file)
        self.page.wait_for_function(SHOWS, arg=[widget.element_handle(), file.name])
        self.wait()

    def row(self, table, text):
        """Return the row of a table of the form that holds a text."""
        return self.field(table).locator(".o_data_row", has_text=text).first

    def add_row(self, table):
        """Begin a new row of a table of the form."""
        self.field(table).locator(".o_field_x2many_list_row_add a").first.click()
        self.wait()

    def cell(self, table, column):
        """Return a cell of the row of a table that is being filled in."""
        return self.field(table).locator(f".o_selected_row td[name={column}]")

    def fill_cell(self, table, column, value, text=None):
        """Type into a cell of the row that holds a text, or else of the one that is being filled in."""
        if text:
            self.row(table, text).locator(f"td[name={column}]").click()
        self._type(self.cell(table, column), value)

    def choose_cell(self, table, column, *choices, text=None):
        """Choose one or several things in a cell; see ``fill_cell``."""
        if text:
            self.row(table, text).locator(f"td[name={column}]").click()
        for choice in choices:
            self._choose(self.cell(table, column), choice)

    def tick_cell(self, table, column, text):
        """Tick a box in the row that holds a text."""
        self.row(table, text).locator(f"td[name={column}] input").click()
        self.wait()

    def rows(self, table, *columns):
        """Return what columns of a table show, row by row."""
        shown = self.front.locator(f'.o_field_widget[name="{table}"]:visible .o_data_row')  # a drawing of it has none
        return [
            tuple(self._text(shown.nth(number).locator(f"td[name={column}]")) for column in columns)
            for number in range(shown.count())
        ]

    def add_line(self, product, quantity):
        """Add a line to an order."""
        self.add_row("order_line")
        self.choose_cell("order_line", "product_template_id", product)
        self.fill_cell("order_line", "product_uom_qty", quantity)

    def title(self):
        """What the form is called where it stands in the breadcrumbs, such as the number of an order."""
        return self.page.locator(".o_breadcrumb .o_last_breadcrumb_item").first.inner_text().strip()

    def find(self, text):
        """Open the record of the list in whose row a text stands."""
        # What Odoo tells of the row below the mouse, which chose a menu there, would lie upon it.
        self.page.mouse.move(0, 0)
        self.page.locator(".o_action_manager .o_data_row", has_text=text).first.locator(".o_data_cell").first.click()
        self.wait()

    def follow(self, label):
        """Click an entry of what is missing, and return the field to which that leads."""
        self.page.locator(".o_order_policy_incomplete a", has_text=self.say(label)).click()
        field = self.page.wait_for_function("document.activeElement.closest('.o_action_manager .o_field_widget')")
        return field.get_attribute("name")

    def open_card(self, text):
        """Open what a card is about."""
        self.card(text).click(position={"x": 20, "y": 60})
        self.wait()

    def card(self, text):
        """Return the card that holds a text, of those on the page."""
        return self.page.locator(".o_kanban_record", has_text=text).first
