"""script/screenshots: make the pictures of the README from a running script/server."""

import argparse
import shutil
import subprocess
import sys

from . import packages
from .paths import ROOT
from .steps import Stop, lock, main, step

HELP = """\
Makes the pictures of the README, in headless Chromium, from the demo data that a
running script/server serves. Start that first, with --fresh for a clean demo."""

FOLDER = ROOT / "order_policy/static/description"
SIZE = {"width": 1400, "height": 900}
CUSTOMER = "Malmö Kontor"  # has an order under review, of which a price changed


def _arguments():
    parser = argparse.ArgumentParser(
        prog="script/screenshots", description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--url", default="http://127.0.0.1:8069", help="where the server is (http://127.0.0.1:8069)")
    return parser.parse_args()


def command():
    arguments = _arguments()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        raise Stop("Chromium is missing: install it with “apt-get install chromium fonts-noto-cjk”.")
    with lock("setup", "another command of this checkout is setting up"):
        python = packages.ensure("screenshots")
    step("Taking pictures")
    ended = subprocess.run([python, __file__, chromium, arguments.url, FOLDER], check=False)
    if ended.returncode:
        raise Stop(
            f"the pictures could not be made: is script/server running at {arguments.url}, with fresh demo data?"
        )
    step(f"They are in {FOLDER.relative_to(ROOT)}")


def log_in(page, url, login):
    """Log in to the back office; in the demo the password is the login."""
    page.goto(f"{url}/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.click("button[type=submit]")
    page.wait_for_selector(".o_main_navbar")


def take(chromium, url, folder):
    """Log in as a reviewer and a salesperson of the demo, and photograph what they work with."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        with browser.new_page(viewport=SIZE) as page:
            log_in(page, url, "sales-chen")
            page.goto(f"{url}/odoo/policy-orders")
            page.click(f"tr.o_data_row:has-text('{CUSTOMER}')")
            page.click(".o_notebook a[name=policy]")
            page.wait_for_selector("[name=review_ids] .o_data_row")
            page.screenshot(path=f"{folder}/order_form.png")
        with browser.new_page(viewport=SIZE) as page:
            log_in(page, url, "finance-clerk")
            page.goto(f"{url}/odoo/order-reviews")
            page.wait_for_selector(".o_kanban_record:not(.o_kanban_ghost)")
            page.screenshot(path=f"{folder}/reviews_to_decide.png")
        browser.close()


if __name__ == "__main__":
    main(command) if len(sys.argv) < 4 else take(*sys.argv[1:])
