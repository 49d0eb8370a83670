import logging

from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_list, split_every

_logger = logging.getLogger(__name__)

READERS_AT_ONCE = 50
ESCALATED_AT_ONCE = 100
LISTED = 20  # of each kind in one letter: whoever has more opens the list


class SaleOrderReview(models.Model):
    """How people learn of what they have to decide, and who learns of what is overdue (articles 1.6, 2.3, 2.14).

    Each person chooses: in Odoo only, one letter a day, or at once. Letters wait in the mail queue, so that nobody who
    submits or decides waits for a mail server. What was not told today is told tomorrow: a letter holds all that waits.
    """

    _inherit = "sale.order.review"

    escalation = fields.Selection(
        [("head", "To the Head"), ("management", "To the General Manager's Office")],
        "Escalated",
        readonly=True,
        help="Who learned that the review is overdue.",
    )
    escalated_on = fields.Datetime(readonly=True)
    escalated_to_ids = fields.Many2many(
        "res.users",
        "sale_order_review_escalated_to_rel",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )

    _overdue = models.Index("(policy_id, date_due) WHERE state = 'pending' AND date_due IS NOT NULL")

    def _ask(self):
        # Asked once more, after an earlier step was open again: it is due anew, and overdue no longer.
        self.filtered("escalation").write(
            {"escalation": False, "escalated_on": False, "escalated_to_ids": [Command.clear()]}
        )
        return super()._ask()

    # ------------------------------------------------------------------
    # At once
    # ------------------------------------------------------------------

    def _tell_assignees(self):
        result = super()._tell_assignees()
        at_once = self.env["res.users"]._ids_told_at_once()
        # What is told follows from the assignment, and never keeps it from being made.
        if self and at_once and (failed := self._try(lambda: self._write_at_once(at_once))):
            _logger.warning("What is to be decided could not be told at once: %s", failed)
        return result

    def _write_at_once(self, reader_ids):
        """Write to those of some readers for whom these reviews are, each in one letter."""
        mine = {}
        for review in self:
            people = review.user_id or review._people_without_part()
            for person in people.filtered(lambda person: person.id in reader_ids and person != self.env.user):
                mine[person] = mine.get(person, self.browse()) + review
        self._post_letters({person: {"to_decide": (reviews, len(reviews))} for person, reviews in mine.items()})

    # ------------------------------------------------------------------
    # One letter a day
    # ------------------------------------------------------------------

    @api.model
    def _cron_daily_letters(self):
        """Write to everybody who chose one letter a day, and to whom something waits: what, due when, and where."""
        readers = self.env["res.users"]._readers_of_daily_letters()
        self.env["ir.cron"]._commit_progress(remaining=len(readers))
        for batch in split_every(READERS_AT_ONCE, readers.ids):
            people = readers.browse(batch)
            if self._try(lambda people=people: self._write_daily(people)):
                for person in people:  # whoever it was keeps no letter from the others
                    if failed := self._try(lambda person=person: self._write_daily(person)):
                        _logger.warning("No letter to %s, it is tried again within the hour: %s", person.login, failed)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    @api.model
    def _write_daily(self, people):
        for day, readers in people._with_letter_due().items():
            self._post_letters(self._what_waits_for(readers))
            # A day on which nothing waited in the morning has had its letter, too.
            readers.policy_letter_on = day

    @api.model
    def _what_waits_for(self, people):
        """Return what people have to decide and what was escalated to them, in one query whoever they are.

        :return: dict by person of dicts of the most urgent reviews, and how many there are, by ``to_decide`` and
            ``escalated``; without people for whom nothing waits
        """
        selects = []
        for person in people:
            own = self.with_user(person)
            to_decide = own._domain_my_to_do()
            escalated = Domain("state", "=", "pending") & self._domain_naming(person, "escalated_to_ids") & ~to_decide
            for kind, domain in (("to_decide", to_decide), ("escalated", escalated)):
                # Access rules are left out: the domains hold only what this person may decide, or was told of.
                query = own._search(domain, order="date_due, id", limit=LISTED, bypass_access=True)
                columns = (SQL("%s", person.id), SQL("%s", kind), SQL.identifier(self._table, "id"))
                selects.append(SQL("(%s)", query.select(*columns, SQL("COUNT(*) OVER ()"))))
        # So many small queries in one look like a large one, which PostgreSQL would spend minutes on compiling.
        self.env.cr.execute("SET LOCAL jit = off")
        rows = self.env.execute_query(SQL(" UNION ALL ").join(selects)) if selects else []
        waiting = {}
        reviews = self.browse(row[2] for row in rows)
        for person_id, kind, review_id, count in rows:
            found = waiting.setdefault(people.browse(person_id).with_prefetch(people.ids), {})
            known, _count = found.get(kind, (reviews.browse(), 0))
            found[kind] = known + reviews.browse(review_id).with_prefetch(reviews.ids), count
        return waiting

    # ------------------------------------------------------------------
    # Letters
    # ------------------------------------------------------------------

    @api.model
    def _post_letters(self, waiting):
        """Put a letter to each of some people into the mail queue; who has no address reads it in Odoo.

        :param dict waiting: see ``_what_waits_for``
        """
        reachable = {person: found for person, found in waiting.items() if person.email_normalized}
        if not reachable:
            return
        # Superuser: what is told is the reader's own to decide, or was escalated to him.
        self.env["mail.mail"].sudo().create(
            [self.sudo()._prepare_letter(person.sudo(), found) for person, found in reachable.items()]
        )
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id("mail.ir_cron_mail_scheduler_action")
        self.env["ir.cron"].browse(cron_id)._trigger()

    def _prepare_letter(self, person, found):
        company = person.company_id
        zone = person.tz or company._policy_timezone()
        local = self.with_context(lang=person.lang, tz=zone)
        sections = {
            kind: {
                "rows": [review.with_env(local.env)._prepare_letter_row() for review in reviews],
                "more": count - len(reviews),
            }
            for kind, (reviews, count) in found.items()
        }
        body = local.env["ir.qweb"]._render(
            "order_policy.letter_to_reviewer",
            {"person": person, "company": company, "url": f"{person.get_base_url()}/odoo/order-reviews", **sections},
            lang=person.lang,
        )
        robot = person.partner_id.browse(self.env["ir.model.data"]._xmlid_to_res_id("base.partner_root"))
        sender = company.email_formatted or robot.email_formatted
        return {
            "subject": local._subject_of_letter(found),
            "body_html": body,
            "email_from": sender,
            "reply_to": sender,
            "email_to": person.email_formatted,
            "author_id": robot.id,
            "auto_delete": True,
            "state": "outgoing",
        }

    def _subject_of_letter(self, found):
        reviews, count = found.get("to_decide") or found["escalated"]
        if count == 1:
            name = reviews.with_env(self.env).display_name
            return self.env._("To decide: %s", name) if "to_decide" in found else self.env._("Overdue: %s", name)
        if "to_decide" in found:
            return self.env._("%s reviews to decide", count)
        return self.env._("%s overdue reviews", count)

    def _prepare_letter_row(self):
        self.ensure_one()
        in_words = self.env["order.policy.words"]._time_in_words
        return {
            "name": self._subject()._subject_name(),
            "customer": self.partner_id.display_name,
            "step": self.step_id.name,
            "who": self.user_id.name or self.department_id.name,
            "due": self.date_due and in_words(self.date_due),
            "overdue": self.is_overdue,
            "url": f"{self.get_base_url()}/mail/view?model={self._name}&res_id={self.id}",
        }

    # ------------------------------------------------------------------
    # What is overdue
    # ------------------------------------------------------------------

    @api.model
    def _cron_escalate(self):
        """Tell the head of the department of overdue reviews, then the general manager's office (article 2.14).

        Each of them once, at the intervals of the policy, in working time of the company.
        """
        due = [
            (level, ids)
            for level, reviews in self._to_escalate()
            for ids in split_every(ESCALATED_AT_ONCE, reviews.ids)
        ]
        self.env["ir.cron"]._commit_progress(remaining=len(due))
        for level, ids in due:
            reviews = self.browse(ids).try_lock_for_update(allow_referencing=True)
            reviews.filtered(lambda review: review.state == "pending")._escalate(level)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _to_escalate(self):
        """Return pairs of a level and the reviews that are to be escalated to it now."""
        overdue = Domain("state", "=", "pending") & Domain("date_due", "<", fields.Datetime.now())
        policies = self._read_group(overdue & Domain("escalation", "!=", "management"), ["policy_id"])
        for [policy] in policies:
            of_policy = overdue & Domain("policy_id", "=", policy.id)
            new = of_policy & Domain("escalation", "=", False)
            if hours := policy.escalation_head_hours:
                yield "head", self.search(new & Domain("date_due", "<=", policy._working_hours_ago(hours)))
                new = of_policy & Domain("escalation", "=", "head")
                field = "escalated_on"
            else:
                field = "date_due"
            if hours := policy.escalation_management_hours:
                yield "management", self.search(new & Domain(field, "<=", policy._working_hours_ago(hours)))

    def _escalate(self, level):
        """Record that reviews are overdue, leave a line with what is to be decided, and tell those concerned."""
        told = {}
        for review in self:
            reached, people = review._whom_to_tell(level)
            review.write(
                {
                    "escalation": reached,
                    "escalated_on": fields.Datetime.now(),
                    "escalated_to_ids": [Command.link(person.id) for person in people],
                }
            )
            for person in people:
                told[person] = told.get(person, self.browse()) + review
        self._log_on_subjects(lambda late: "\n".join(review._escalation_in_words() for review in late))
        at_once = self.env["res.users"]._ids_told_at_once()
        letters = {
            person: {"escalated": (reviews, len(reviews))} for person, reviews in told.items() if person.id in at_once
        }
        if failed := self._try(lambda: self._post_letters(letters)):
            _logger.warning("What is overdue could not be told at once: %s", failed)

    def _whom_to_tell(self, level):
        """Return the level that an overdue review is escalated to, and who learns of it.

        Nobody is told of what he left lying himself: then it is for the general manager's office.
        """
        self.ensure_one()
        head = self._with_deputies(self.department_id._people("head")) - self.user_id
        if level == "head" and head:
            return "head", head
        office = self.env["order.policy.department"]._people_of_management(self.company_id)
        return "management", self._with_deputies(office) - self.user_id

    def _with_deputies(self, people):
        """Return people in charge, and who stands in for them today."""
        mandates = self.env["order.policy.deputy"]._in_force(self.company_id.id)
        return people | people.browse(
            mandate.deputy
            for mandate in mandates
            if mandate.user in people.ids and (mandate.office or self.department_id.id in mandate.departments)
        )

    def _escalation_in_words(self):
        people = format_list(self.env, self.escalated_to_ids.mapped("name"))
        return self.env._(
            "%(step)s is overdue since %(date)s. Told: %(people)s.",
            step=self.step_id.name,
            date=self._dates()._time_in_words(self.date_due),
            people=people or self.env._("nobody, as nobody is in charge"),
        )
