"""What the acceptance tests share: the served demo, a browser, and an eye on Odoo's log.

They use the product as people do. ``script/test --acceptance`` serves a copy of the demo for them; what one test
enters the next ones find there, as in any company.
"""

import json
import os
import re
from pathlib import Path
from urllib.request import urlopen

import pytest
from company import Company
from playwright.sync_api import sync_playwright
from postoffice import PostOffice
from webclient import WebClient

import odoo.addons

from devtools.counting import BROWSER

# What fails there is shown as in a test.
pytest.register_assert_rewrite("daily_work")

RECORD = re.compile(r"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ \d+ [A-Z]+ )", re.MULTILINE)
COMPLAINT = re.compile(r"^\S+ \S+ \d+ (?:WARNING|ERROR|CRITICAL) |^Traceback", re.MULTILINE)
# Two did something at once, and Odoo does it again for one of them.
TRIED_AGAIN = "could not serialize access"
# What Debian's wkhtmltopdf says of the headers and footers that it leaves out.
UNPATCHED = "using unpatched qt"
# Odoo's chat and news, whose connection may break at any time: the web client asks again by itself.
LIVE_NEWS = "odoo.addons.bus.websocket: "
# Services on the internet, which may not be there.
FAR_AWAY = ("odoo.addons.iap.", "odoo.addons.partner_autocomplete.")
# How the web client names what it loads only when it needs it.
LOADED_LATER = re.compile(r"""\bloadBundle\(\s*["']([\w.]+)["']|["'](web\.assets_backend_lazy)["']""")
# Chromium on a machine without a screen and without the internet, as root too.
CHROMIUM = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


def pytest_itemcollected(item):
    # Known before anything is set up, so that the tests count as not run where there is no browser.
    if "sit_down" in item.fixturenames:
        item.user_properties.append((BROWSER, True))


@pytest.fixture(scope="session")
def url():
    """Where Odoo is."""
    return os.environ["DEVTOOLS_URL"]


@pytest.fixture(autouse=True)
def quiet_log():
    """Nothing that a person does may make Odoo complain in its log, but for what the test puts into this list."""
    expected = [TRIED_AGAIN, UNPATCHED, LIVE_NEWS, *FAR_AWAY]
    log = Path(os.environ["DEVTOOLS_SERVER_LOG"])
    before = log.stat().st_size
    yield expected
    with open(log, encoding="utf-8", errors="replace") as file:
        file.seek(before)
        records = RECORD.split(file.read())
    complaints = [
        record if len(record) < 4000 else f"{record[:2000]}\n[…]\n{record[-2000:]}"
        for record in records
        if COMPLAINT.search(record) and not any(words in record for words in expected)
    ]
    assert not complaints, f"Odoo's log complains:\n{''.join(complaints[:5])}"


@pytest.fixture(scope="session")
def bundles(url):
    """Scripts and styles that the web client loads later are made already.

    Odoo makes a file when it is asked for first, and whoever asks for it while it is being written gets half of it:
    two people at their desks would meet "SyntaxError: missing ) after argument list" once in a while.
    """
    sources = (source for folder in odoo.addons.__path__ for source in Path(folder).glob("*/static/src/**/*.js"))
    names = {name for source in sources for found in LOADED_LATER.findall(source.read_text()) for name in found if name}
    assert "spreadsheet.o_spreadsheet" in names
    for name in sorted(names):
        with urlopen(f"{url}/web/bundle/{name}") as answer:
            files = json.load(answer)
        for file in files:
            with urlopen(f"{url}{file['src']}"):
                pass


@pytest.fixture(scope="session")
def chromium(bundles):
    program = os.environ["DEVTOOLS_BROWSER"]
    if not program:
        pytest.skip("There is no Chromium on this machine.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def sit_down(chromium, url, request):
    """Return a function that lets somebody sit down at a browser of his own and log in."""
    opened = []

    def sit_down(login, password=None, phone=False, zone=None, language=None):
        context = chromium.new_context(
            viewport=PHONE if phone else DESK,
            has_touch=phone,
            is_mobile=phone,
            accept_downloads=True,
            timezone_id=zone,
            locale=language and language.replace("_", "-"),
        )
        client = WebClient(context.new_page(), url, Path(os.environ["DEVTOOLS_PICTURES"]))
        opened.append((client, context))
        if login:
            client.log_in(login, password or login)
        return client

    yield sit_down
    for client, _context in opened:
        # Pytest shows this where the test failed.
        print(f"Left at {client}: {client.picture(f'{request.node.name} {client.login}')}")
    for _client, context in opened:
        context.close()
    for client, _context in opened:
        client.check_no_errors()


@pytest.fixture(scope="session")
def post_office():
    """Where the letters go that Odoo sends."""
    office = PostOffice()
    yield office
    office.close()


@pytest.fixture
def company(sit_down, post_office, quiet_log):
    """Return a function that founds a company whose letters go to the post office."""

    # What Odoo refuses, it also notes.
    quiet_log += ["cannot be submitted yet", "暂时不能提交", "written application"]

    def found(name, **more):
        company = Company(sit_down, name, **more)
        server = {"name": "Post office", "smtp_host": "127.0.0.1", "smtp_port": post_office.port}
        if not company.office.call("ir.mail_server", "search", [["smtp_port", "=", post_office.port]]):
            company.office.call("ir.mail_server", "create", server)
        return company

    return found
