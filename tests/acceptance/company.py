"""A company that is about to adopt a policy: its people, its customers, and what it sells."""

# Who there is: name, and what Odoo lets them do.
PEOPLE = {
    "seller": ("Sara Lind", "sales_team.group_sale_salesman", "base.group_partner_manager"),
    "colleague": ("Carl Berg", "sales_team.group_sale_salesman"),
    "sales-head": ("Hanna Voss", "sales_team.group_sale_manager"),
    "finance": ("Felix Braun",),
    "planner": ("Petra Horn",),
    "inspector": ("Ines Kaya",),
    "keeper": ("Karl Moser", "stock.group_stock_user"),
    "manager": ("Maria Gold",),
    "policy-admin": ("Adam Roth", "order_policy.group_order_policy_manager"),
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
        self._sit_down, self.name, self._language = sit_down, name, language
        self._at_work = {}
        self.office = office = sit_down("admin")
        self.code = name.lower()
        currency_id = self._ref(f"base.{currency}")
        office.call("res.currency", "write", [currency_id], {"active": True})
        self.id = office.call("res.company", "create", {"name": name, "currency_id": currency_id})
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
                    "lang": self._language,
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
                "lang": self._language,
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
            self._at_work[role] = self._sit_down(self.login(role))
        return self._at_work[role]

    def on_phone(self, role):
        """The same person, on the phone."""
        return self._sit_down(self.login(role), phone=True)
