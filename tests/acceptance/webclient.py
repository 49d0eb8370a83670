"""Odoo's web client, in words of the people who use it: menus, fields, buttons, dialogs."""

import re

# What the browser says of things that are not there on purpose, such as a missing picture of a person.
HARMLESS = re.compile(r"favicon|net::ERR_ABORTED")


class WebClient:
    """One person's browser. Whatever goes wrong on the page is an error of the test."""

    def __init__(self, page, url, pictures):
        self.page, self.url, self.pictures = page, url, pictures
        self.errors = []
        page.set_default_timeout(20000)
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("console", self._hear)

    def _hear(self, message):
        if message.type == "error" and not HARMLESS.search(f"{message.text} {message.location.get('url', '')}"):
            self.errors.append(f"{self.page.url}: {message.text}")

    def check_no_errors(self):
        """Make sure that nothing went wrong so far: no error in the console, no error dialog."""
        errors, self.errors = self.errors, []
        if not self.page.is_closed():
            for dialog in self.page.query_selector_all(".o_error_dialog"):
                errors.append(f"{self.page.url}: {dialog.inner_text()}")
        assert not errors, "\n".join(errors)

    def picture(self, name):
        """Keep a picture of the screen, to be looked at by people."""
        if not self.page.is_closed():
            self.pictures.mkdir(parents=True, exist_ok=True)
            file = re.sub(r"[^-\w .]+", " ", name).strip()
            self.page.screenshot(path=self.pictures / f"{file}.png")

    def log_in(self, login, password):
        self.page.goto(f"{self.url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", password)
        self.page.click("button[type=submit]")
        self.page.wait_for_selector(".o_main_navbar, .o_portal_wrap")

    def open(self, path):
        """Open an address of the back office, such as ``policy-orders``."""
        self.page.goto(f"{self.url}/odoo/{path}")
        self.page.wait_for_selector(".o_main_navbar")
        self.wait()

    def wait(self):
        """Wait until the page has come to rest."""
        self.page.wait_for_load_state("networkidle")
        self.check_no_errors()
