"""Odoo's web client, in words of the people who use it: menus, fields, buttons, dialogs."""

import re

# What the browser says of things that are not there on purpose, such as a missing picture of a person.
HARMLESS = re.compile(r"favicon|net::ERR_ABORTED")
# Counts what the page has asked the server for and not been told yet. What waits for news, such as the chat, uses a
# websocket and does not count.
COUNT_REQUESTS = """
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
"""
# As Odoo's own bot that clicks everywhere has it; answers in the same turn may ask for more, so twice in a row.
AT_REST = """() => {
    const apps = [...(window.odoo?.loader?.modules.get("@odoo/owl")?.App.apps ?? [])];
    const busy = document.readyState !== "complete" || window.unanswered || document.querySelector(".o_blockUI")
        || apps.some((app) => app.scheduler.tasks.size);
    window.restful = busy ? 0 : (window.restful ?? 0) + 1;
    return window.restful > 2;
}"""
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
        page.add_init_script(COUNT_REQUESTS)
        page.on("pageerror", lambda error: self._keep(str(error)))
        page.on("console", self._hear)

    def __str__(self):
        """Who it is, and where."""
        return " · ".join(filter(None, [self.login or "nobody", self.place, self.page.url.removeprefix(self.url)]))

    def _keep(self, error):
        self.errors.append(f"{self}: {error}")

    def _hear(self, message):
        if message.type == "error" and not HARMLESS.search(f"{message.text} {message.location.get('url', '')}"):
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
        self.page.goto(f"{self.url}/odoo/{path}")
        self.page.wait_for_selector(".o_main_navbar", timeout=PATIENCE)
        self.wait()

    def wait(self):
        """Wait until the page has come to rest."""
        self.page.wait_for_function(AT_REST, polling=30, timeout=PATIENCE)
        self.check_no_errors()
