"""A company that is about to adopt a policy: its people, its customers, what it sells, and its clock."""

from datetime import datetime, timedelta, timezone

from odoo.sql_db import db_connect
from odoo.tests.common import get_db_name

# Who there is: name, and what Odoo lets them do.
PEOPLE = {
    "seller": ("Sara Lind", "sales_team.group_sale_salesman", "base.group_partner_manager"),
    "colleague": ("Carl Berg", "sales_team.group_sale_salesman"),
    "sales-head": ("Hanna Voss", "sales_team.group_sale_manager"),
    "finance": ("Felix Braun",),
    "planner": ("Petra Horn",),
    "inspector": ("Ines Kaya",),
    "keeper": ("Karl Moser", "stock.group_stock_user"),
    "service": ("Selma Ito",),
    "manager": ("Maria Gold",),
    "policy-admin": ("Adam Roth", "order_policy.group_order_policy_manager"),
    "supervisor": ("Sven Holm", "order_policy.group_order_policy_supervisor"),
    "archivist": ("Arno Beck", "order_policy.group_order_policy_archivist"),
}
PRICES = {"Desk": 1000, "Chair": 200, "Lamp": 50, "Sofa": 900}


class Company:
    """A company of its own, set up by Odoo's administrator without the screen: none of that is what is tested."""

    def __init__(self, sit_down, name, currency="USD", language="en_US", email=True):
        """
        :param sit_down: lets somebody sit down at a browser
        :param str name: in front of everything that is the company's, so that nobody takes it for another one's
        :param email: whether the address of the customer is known
        """
        self._sit_down, self.name, self.language = sit_down, name, language
        self._zone = None
        self._at_work = {}
        self.office = office = sit_down("admin")
        self.code = name.lower()
        currency_id = self._ref(f"base.{currency}")
        office.call("res.currency", "write", [currency_id], {"active": True})
        self.id = office.call("res.company", "create", {"name": name, "currency_id": currency_id})
        [company] = office.call("res.company", "read", [self.id], ["partner_id"])
        office.call("res.partner", "write", [company["partner_id"][0]], {"lang": language})
        office.call("stock.warehouse", "create", {"name": name, "code": name[:5], "company_id": self.id})
        self._hire()
        self._make_products()
        self._find_customer(email)

    def _ref(self, xmlid):
        module, name = xmlid.split(".")
        domain = [["module", "=", module], ["name", "=", name]]
        return self.office.call("ir.model.data", "search_read", domain, ["res_id"])[0]["res_id"]

    def _hire(self):
        employee = self._ref("base.group_user")
        groups = {group: self._ref(group) for _name, *own in PEOPLE.values() for group in own}
        self.office.call(
            "res.users",
            "create",
            [
                {
                    "name": self.name_of(role),
                    "login": self.login(role),
                    "password": self.login(role),
                    "email": f"{self.login(role)}@example.com",
                    "lang": self.language,
                    # Nobody is shown around by a robot.
                    "odoobot_state": "disabled",
                    "company_id": self.id,
                    "company_ids": [[6, 0, [self.id]]],
                    "group_ids": [[6, 0, [employee, *(groups[group] for group in own)]]],
                }
                for role, (_name, *own) in PEOPLE.items()
            ],
        )

    def _make_products(self):
        self.products = {name: f"{self.name} {name}" for name in PRICES}
        self.office.call(
            "product.product",
            "create",
            [
                {
                    "name": self.products[name],
                    "list_price": price,
                    "taxes_id": [[5]],
                    "is_storable": True,
                    "company_id": self.id,
                }
                for name, price in PRICES.items()
            ],
        )

    def _find_customer(self, email):
        self.customer = f"{self.name} Stores"
        self.customer_email = f"buyer@{self.code}.example"
        addresses = {"North": "North Road 2", "South": "South Road 3"}
        self.office.call(
            "res.partner",
            "create",
            {
                "name": self.customer,
                "is_company": True,
                "lang": self.language,
                "email": email and self.customer_email,
                "street": "Harbour Street 1",
                "company_id": self.id,
                "child_ids": [
                    [0, 0, {"type": "delivery", "name": f"{self.name} {name}", "street": street, "company_id": self.id}]
                    for name, street in addresses.items()
                ],
            },
        )

    def login(self, role):
        return f"{self.code}-{role}"

    def name_of(self, role):
        """The name of the person who does this work."""
        return f"{PEOPLE[role][0]} {self.name}"

    def __getitem__(self, role):
        """The browser of the person who does this work."""
        if role not in self._at_work:
            self._at_work[role] = self._sit_down(self.login(role), zone=self._zone)
        return self._at_work[role]

    def on_phone(self, role):
        """The same person, on the phone."""
        return self._sit_down(self.login(role), phone=True, zone=self._zone)

    def is_noon(self):
        """Let it be about noon where the company is, which works from 8 to 17 every day, but was closed yesterday.

        So a test may run at any hour and on any day of the week, and tells working time from time.
        """
        now = datetime.now(timezone.utc)
        east = 12 - now.hour
        self._zone = f"Etc/GMT{-east:+d}"
        yesterday = (now + timedelta(hours=east, days=-1)).weekday()
        days = [
            [0, 0, {"name": "Open", "dayofweek": str(day), "hour_from": 8, "hour_to": 17, "day_period": "full_day"}]
            for day in range(7)
            if day != yesterday
        ]
        [company] = self.office.call("res.company", "read", [self.id], ["resource_calendar_id"])
        [calendar_id, _name] = company["resource_calendar_id"]
        hours = {"tz": self._zone, "attendance_ids": [[5], *days]}
        self.office.call("resource.calendar", "write", [calendar_id], hours)

    def let_days_pass(self, days):
        """Let days pass: what was asked, told and due in the company was so many days earlier."""
        with db_connect(get_db_name()).cursor() as cr:
            cr.execute(
                """
                UPDATE sale_order_review SET asked_on = asked_on - %(passed)s, date_due = date_due - %(passed)s,
                    escalated_on = escalated_on - %(passed)s
                WHERE company_id = %(company)s
                """,
                {"passed": timedelta(days=days), "company": self.id},
            )
            cr.execute(
                "UPDATE res_users SET policy_letter_on = policy_letter_on - %s WHERE company_id = %s", [days, self.id]
            )

    def run_job(self, name):
        """Run a job of the order policy now, as Odoo's administrator may."""
        self.office.call("ir.cron", "method_direct_trigger", [self._ref(f"order_policy.{name}")])
