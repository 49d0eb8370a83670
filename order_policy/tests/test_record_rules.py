from odoo.fields import Command
from odoo.tests import tagged

from .common import TwoCompaniesCommon

# Which records a person reads: those of an order that the first salesman sells (m), of a colleague's order (c), or of
# another company's (e); of what is set up, that of the person's company (m), of all companies (s) or of another one
# (e). A capital letter: the rules let him write it too; what of it, and when, is for the model.
# The reviewer is asked about the first order only, and the colleague asked for the change of the second one. Reviewer
# and administrator sell too, which must not open to them what they only read. “elsewhere” is sales manager and
# administrator of the other company.
RULES = """
                            own  all  manager reviewer colleague archivist supervisor admin elsewhere
order.policy                ms   ms   ms      ms       ms        ms        ms         MS    SE
order.policy.step           ms   ms   ms      ms       ms        ms        ms         MS    SE
order.policy.requirement    ms   ms   ms      ms       ms        ms        ms         MS    SE
order.policy.check          ms   ms   ms      ms       ms        ms        ms         MS    SE
order.policy.department     ms   ms   ms      ms       ms        ms        ms         MS    SE
order.policy.deputy         M    m    m       m        m         m         m          M     E
order.policy.dossier.class  ms   ms   ms      ms       ms        ms        ms         MS    SE
sale.order                  M    MC   MC      m        -         mc        mc         mc    E
sale.order.line             M    MC   MC      m        -         mc        mc         mc    E
sale.order.review           m    mc   mc      m        -         mc        mc         mc    e
sale.order.check            m    mc   mc      m        -         mc        mc         mc    e
sale.order.confirmation     m    mc   mc      m        -         mc        mc         mc    e
sale.order.change           M    MC   MC      m        C         mc        mc         mc    E
sale.order.change.line      M    MC   MC      m        C         mc        mc         mc    E
sale.order.change.notice    m    mc   mc      m        c         mc        mc         mc    e
sale.order.exemption        m    mc   mc      m        -         mc        mc         mc    e
sale.order.question         m    mc   mc      m        -         mc        mc         mc    e
sale.order.dossier          m    mc   mc      m        -         MC        mc         MC    E
sale.order.dossier.item     m    mc   mc      m        -         MC        mc         MC    E
sale.order.dossier.seal     -    -    -       -        -         mc        mc         mc    e
sale.order.dossier.check    -    -    -       -        -         mc        mc         mc    e
sale.order.dossier.reading  -    -    -       -        -         mc        mc         mc    e
sale.order.disposal         -    -    -       -        -         MC        mc         MC    E
"""


@tagged("post_install", "-at_install")
class TestRecordRules(TwoCompaniesCommon):
    """Who finds which records: of own orders, of colleagues, of other companies (articles 2.3, 3.17)."""

    @classmethod
    def _policy(cls, **values):
        check = {"name": "Credit", "kind": "credit", "severity": "warn"}
        return super()._policy(departments_read="always", intake_check_ids=[Command.create(check)], **values)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.general_manager.group_ids += cls.env.ref("sales_team.group_sale_salesman")
        cls.policy_admin.group_ids += cls.env.ref("sales_team.group_sale_salesman")
        everything = "sales_team.group_sale_manager", "order_policy.group_order_policy_manager"
        cls.people = {
            "own": cls.salesman,
            "all": cls._user("sales_all", "sales_team.group_sale_salesman_all_leads"),
            "manager": cls._user("sales_manager", "sales_team.group_sale_manager"),
            "reviewer": cls.general_manager,
            "colleague": cls._user("colleague", "order_policy.group_order_policy_user"),
            "archivist": cls.archivist,
            "supervisor": cls.supervisor,
            "admin": cls.policy_admin,
            "elsewhere": cls._branch_user("branch_boss", *everything),
        }
        cls.places = {
            "m": cls._handled(cls._order((cls.desk, 1, 150000.0)), cls.management, cls.salesman),
            "c": cls._handled(cls._order(user=cls.other_salesman), cls.finance_department, cls.people["colleague"]),
            "e": cls._handled(
                cls._order(user=cls.people["elsewhere"], company_id=cls.branch.id),
                cls.branch_department,
                cls.people["elsewhere"],
            ),
        }
        for place, company, department in (
            ("m", cls.company, cls.finance_department),
            ("s", cls.env["res.company"], cls.env.ref("order_policy.department_finance")),
            ("e", cls.branch, cls.branch_department),
        ):
            cls.places.setdefault(place, {}).update(cls._set_up(company, department))
        cls.env.flush_all()

    @classmethod
    def _set_up(cls, company, department):
        """Return what an administrator sets up for a company, or for all of them, by model."""
        policy = cls.env["order.policy"].create(
            {
                "name": "Next",
                "company_id": company.id,
                "step_ids": [Command.create(cls._step("Review", 10, department, ()))],
                "requirement_ids": [Command.create({"name": "Date", "kind": "document", "document_id": cls._map().id})],
                "intake_check_ids": [Command.create({"name": "Credit", "kind": "credit"})],
            }
        )
        dossier_class = cls.env["order.policy.dossier.class"].create(
            {"name": "Class", "code": f"C{company.id}", "company_id": company.id}
        )
        parts = policy, policy.step_ids, policy.requirement_ids, policy.intake_check_ids
        if company:
            parts += (cls._deputy_in(company),)
        return {records._name: records for records in (*parts, department, dossier_class)}

    @classmethod
    def _deputy_in(cls, company):
        person, deputy = (
            (cls.salesman, cls.production) if company == cls.company else (cls.branch_finance, cls.branch_salesman)
        )
        return cls.env["order.policy.deputy"].create(
            {
                "user_id": person.id,
                "deputy_id": deputy.id,
                "company_id": company.id,
                "date_from": "2090-01-01",
                "date_until": "2090-01-31",
            }
        )

    @classmethod
    def _map(cls):
        return cls.env["order.policy.document"].create({"name": "Map"})

    @classmethod
    def _handled(cls, order, department, asked_by):
        """Return all that there is of an order under which everything happened that can, by model.

        :param department: one that was asked about it
        :param asked_by: who asked for its change
        """
        order.action_policy_submit()
        order, env = order.sudo().with_user(cls.env.user), cls.env
        result = env["sale.order.check"].create(
            {"order_id": order.id, "check_id": cls.policy.intake_check_ids.id, "state": "warn"}
        )
        confirmation = env["sale.order.confirmation"].create(
            {"order_id": order.id, "method": "online", "confirmed_on": "2026-01-05 08:00:00", "digest": "-"}
        )
        change = env["sale.order.change"].with_user(asked_by)._open(order, "change", "salesman").with_env(env)
        notice = env["sale.order.change.notice"].create({"change_id": change.id, "department_id": department.id})
        question = env["sale.order.question"].create(
            {
                "review_id": order.review_ids[:1].id,
                "question": "Who pays the freight?",
                "asked_by_id": env.user.id,
                "asked_on": "2026-01-05 08:00:00",
                "asked_of_id": order.user_id.id,
            }
        )
        exemption = env["sale.order.exemption"]._record(order, "given", {order: "Import"})
        cls._cancel(order)
        dossier = env["sale.order.dossier"]._open(order)
        dossier.action_seal()
        check = env["sale.order.dossier.check"]._check(dossier)
        reading = env["sale.order.dossier.reading"].create({"dossier_id": dossier.id, "user_id": env.user.id})
        disposal = env["sale.order.disposal"].create(
            {"company_id": order.company_id.id, "dossier_ids": [Command.set(dossier.ids)]}
        )
        of_order = order, order.order_line, order.review_ids, result, confirmation, exemption, question
        of_change = change, change.line_ids, notice
        of_archive = dossier, dossier.item_ids, dossier.seal_id, check, reading, disposal
        return {records._name: records for records in (*of_order, *of_change, *of_archive)}

    def _table(self):
        header, *rows = (line.split() for line in RULES.strip().splitlines())
        self.assertEqual(header, list(self.people))
        return {row[0]: dict(zip(header, row[1:], strict=True)) for row in rows}

    def _within_reach(self, model, user):
        """Return the letters of the places of which a person reads all records of a model, and writes them.

        Where he finds only some of them there is a question mark, which is in no table.
        """
        letters = ""
        for place in "mcse":
            records = self.places[place].get(model, self.env[model]).with_user(user)
            self.env.invalidate_all()
            found = records.search([("id", "in", records.ids)]) if records.has_access("read") else records.browse()
            self.assertEqual(found, records._filtered_access("read").sorted(), "What is found is what can be opened")
            if found:
                letter = place.upper() if records._filtered_access("write") == records else place
                letters += letter if len(found) == len(records) else "?"
        return letters or "-"

    def test_each_person_finds_what_he_is_to_find(self):
        expected = self._table()
        found = {
            model: {name: self._within_reach(model, user) for name, user in self.people.items()} for model in expected
        }
        wrong = [
            f"{model}, {name}: {found[model][name]}, should be {letters}"
            for model, row in expected.items()
            for name, letters in row.items()
            if found[model][name] != letters
        ]
        self.assertFalse(wrong, "\n".join(wrong))

    def test_whoever_works_in_both_companies_finds_both(self):
        both = self.people["all"]
        both.company_ids += self.branch
        for model, companies in (("sale.order.review", "mce"), ("order.policy", "mse"), ("sale.order.change", "MCE")):
            self.assertEqual(self._within_reach(model, both), companies)
        chosen = both.with_context(allowed_company_ids=self.company.ids)
        for model in self._table():
            elsewhere = self.places["e"][model].with_user(both).with_env(chosen.with_user(both).env)
            with self.subTest(model=model):
                self.assertFalse(elsewhere.has_access("read") and elsewhere.search([("id", "in", elsewhere.ids)]))

    def test_whom_an_order_concerns_is_not_looked_for_among_its_reviews(self):
        """Rules are conditions on the order, which say in one index what departments read: so lists stay fast."""
        reviewer = self.people["reviewer"]
        for model in ("sale.order", "sale.order.line", "sale.order.check", "sale.order.dossier"):
            with self.subTest(model=model):
                code = self.env[model].with_user(reviewer)._search([]).select().code
                self.assertIn("?|", code)
                for table in ("sale_order_review", "sale_order_change", "order_policy_department"):
                    self.assertNotIn(table, code)

    def test_every_model_of_an_order_or_a_company_is_in_the_table(self):
        models = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == "order_policy"
            and not model._abstract
            and not model._transient
            and {"company_id", "order_id"} & model._fields.keys()
        }
        self.assertEqual(models - self._table().keys(), set(), "Say in the table who finds which of its records")

    def _entries(self):
        """Return values of what people enter before it becomes a record of an order or a policy, by model."""
        order, adoption = self.places["m"]["sale.order"], self.env["order.policy.adopt"].create({})
        return {
            "order.policy.adopt": {},
            "order.policy.adopt.department": {
                "wizard_id": adoption.id,
                "preset_department_id": self.env.ref("order_policy.department_sales").id,
            },
            "order.policy.exempt": {"order_ids": order.ids, "reason": "Import"},
            "sale.order.confirmation.record": {"order_id": order.id, "contact": "Ms. Wang"},
            "sale.order.dossier.export": {"dossier_ids": order.dossier_id.ids},
            "sale.order.refuse": {
                "order_id": order.id,
                "reason_id": self.env.ref("order_policy.reason_refusal_price").id,
            },
            "sale.order.question.answer": {
                "question_ids": self.places["m"]["sale.order.question"].ids,
                "answer": "The customer",
            },
            "sale.order.review.ask": {"review_ids": order.review_ids.ids, "question": "Who?"},
            "sale.order.resubmit": {"order_id": order.id, "comment": "Agreed"},
            "sale.order.review.decide": {"review_ids": order.review_ids.ids, "decision": "approved"},
        }

    def test_nobody_reads_what_somebody_else_is_entering(self):
        one, other = (
            self._user(login, "sales_team.group_sale_manager", "order_policy.group_order_policy_manager")
            for login in ("one", "other")
        )
        entries = self._entries()
        for model, values in entries.items():
            with self.subTest(model=model):
                entry = self.env[model].with_user(one).sudo().create(values).sudo(False)
                self.assertTrue(entry.has_access("read"))
                self.assertFalse(entry.with_user(other).has_access("read"))
                self.assertFalse(entry.with_user(other).search([("id", "=", entry.id)]))
        models = {
            name
            for name, model in self.env.registry.items()
            if model._original_module == "order_policy" and model._transient and not model._abstract
        }
        self.assertEqual(models, entries.keys())
