import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

# Time in which a mistake is noticed and reopened before the customer hears of it.
PATIENCE = timedelta(minutes=30)
TOLD_AT_ONCE = 50


class SaleOrder(models.Model):
    """Customers hear of milestones that are done, each once: by a letter, or by sales (articles 1.10, 1.11, 2.12).

    A job tells them some time later, so that nobody who reports something waits for a letter or fails with it, and a
    mistake can be reopened before. What cannot be sent is for sales to tell.
    """

    _inherit = "sale.order"

    @api.model
    def _cron_tell_news(self):
        """Tell customers of the milestones that are done: one letter for each order."""
        Milestone, before = self.env["sale.order.milestone"], fields.Datetime.now() - PATIENCE
        orders = Milestone.search(Milestone._domain_of_news(before), order="id").order_id
        self.env["ir.cron"]._commit_progress(remaining=len(orders))
        for ids in split_every(TOLD_AT_ONCE, orders.ids):
            locked = self.browse(ids).try_lock_for_update(allow_referencing=True)
            locked.filtered(lambda order: order._is_to_be_told(before))._tell_news()
            if not self.env["ir.cron"]._commit_progress(len(ids)):
                return
        self._take_back_news()

    def _is_to_be_told(self, before):
        """Tell whether there is something to tell that nobody told since, and all of it was done before a moment."""
        self.ensure_one()
        news = self._news().filtered(lambda milestone: not milestone.customer_asked_on)
        return bool(news) and all(milestone.customer_news_on <= before for milestone in news)

    @api.model
    def _take_back_news(self):
        """Have sales tell customers of what they heard is done and is not, as goods came back or a payment failed."""
        Milestone = self.env["sale.order.milestone"]
        orders = Milestone.search(Milestone._domain_to_take_back(), limit=TOLD_AT_ONCE).order_id
        locked = orders.try_lock_for_update(allow_referencing=True)
        in_vain = locked.milestone_ids.filtered(lambda milestone: milestone._is_told_in_vain())
        locked._plan_followups()
        in_vain._ask_sales_to_take_back()

    def _tell_news(self):
        """Tell the customers of these orders what is done, or have sales tell them. In superuser mode."""
        by_letter = self.filtered(lambda order: order._hears_by_letter())
        failed = by_letter.filtered(lambda order: not order._send_news())
        (self - by_letter + failed)._ask_sales_to_tell()

    def _hears_by_letter(self):
        self.ensure_one()
        wanted = self.policy_id.milestone_news == "letter" and self.partner_id.email_normalized
        # Whom sales is about to call hears all of it then, and nothing twice.
        return bool(wanted) and not any(milestone.customer_asked_on for milestone in self._news())

    def _news(self):
        """Return the milestones of these orders that are done, and of which the customer was not told."""
        return self.milestone_ids.filtered("customer_news_on")

    def _send_news(self):
        """Write to the customer what is done, and what comes next.

        :return: whether the letter is on its way
        """
        self.ensure_one()
        problem = self.env["sale.order.milestone"]._try(self._write_news)
        if problem:
            _logger.warning("The customer of %s could not be told what is done: %s", self.name, problem)
        return not problem

    def _write_news(self):
        news = self._news()
        if news:  # it was reopened or told meanwhile
            message = self._write_to_customer(self._prepare_news_letter(news[:1]), self._news_author())
            news._note_told(message)

    def _prepare_news_letter(self, milestone):
        """Return subject and body of the letter about what is done, in the language of the customer.

        :param milestone: one of them
        """
        template = self.env.ref("order_policy_execution.mail_template_milestone").sudo()
        return {
            name: template._render_field(field, milestone.ids, compute_lang=True)[milestone.id]
            for name, field in (("subject", "subject"), ("body", "body_html"))
        }

    def _news_author(self):
        """Return in whose name the customer is told: that of who sells, or of the company."""
        self.ensure_one()
        seller = self.user_id.filtered("active").partner_id
        return next((partner for partner in (seller, self.company_id.partner_id) if partner.email), None)

    def _ask_sales_to_tell(self):
        """Make a word to the customers of these orders due by the next working day: sales tells them what is done.

        In superuser mode.
        """
        if not self:
            return
        self._news().customer_asked_on = fields.Datetime.now()
        Followup = self.env["sale.order.followup"]
        to_do = Followup.search([("order_id", "in", self.ids), ("done_on", "=", False)])
        to_do.is_for_news = True
        due = {company: Followup._next_working_day(company) for company in self.company_id}
        later = to_do.filtered(lambda followup: followup.date_due > due[followup.company_id])
        for company, followups in later.grouped("company_id").items():
            followups.date_due = due[company]
        new = (Followup._out_of_turn(order, due[order.company_id]) for order in self - to_do.order_id)
        Followup.union(*new).is_for_news = True
