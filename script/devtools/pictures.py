"""What script/screenshots runs in the environment that has Playwright."""

import sys

from playwright.sync_api import sync_playwright

SIZE = {"width": 1400, "height": 900}
CUSTOMER = "Maison Lyonnaise"  # has an order of which one review is overdue


def log_in(page, url, login):
    """Log in to the back office; in the demo the password is the login."""
    page.goto(f"{url}/web/login")
    page.fill("input[name=login]", login)
    page.fill("input[name=password]", login)
    page.click("button[type=submit]")
    page.wait_for_selector(".o_main_navbar")


def take(chromium, url, folder):
    """Log in as a reviewer and a salesperson of the demo, and photograph what they work with."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        with browser.new_page(viewport=SIZE) as page:
            log_in(page, url, "sales-anna")
            page.goto(f"{url}/odoo/policy-orders")
            page.click(f"td.o_data_cell:has-text('{CUSTOMER}')")
            page.click(".o_notebook a[name=policy]")
            page.wait_for_selector("[name=review_ids]")
            page.wait_for_timeout(1000)  # until the page has faded in
            page.screenshot(path=f"{folder}/order_form.png")
        with browser.new_page(viewport=SIZE) as page:
            log_in(page, url, "finance-clerk")
            page.goto(f"{url}/odoo/order-reviews")
            page.wait_for_selector(".o_kanban_record:not(.o_kanban_ghost)")
            page.screenshot(path=f"{folder}/reviews_to_decide.png")
        browser.close()


if __name__ == "__main__":
    take(*sys.argv[1:])
