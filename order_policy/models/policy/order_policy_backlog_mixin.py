import logging
from datetime import timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import split_every

_logger = logging.getLogger(__name__)

TRIES = 5  # at once, before an administrator is told; then once a day


class OrderPolicyBacklogMixin(models.AbstractModel):
    """What is done of orders by a job, as nobody has to wait for it.

    One order after the other, each in a transaction of its own, or many at once where that is all the same to them:
    what keeps one from being done keeps no other. An order on which somebody works, or that fails, is due still: the
    job comes back to it within a minute.
    """

    _name = "order.policy.backlog.mixin"
    _description = "What Jobs Do of Orders"

    _at_once = 1  # orders in one transaction

    @api.model
    def _job(self):
        """Return the ir.cron record by which the work is done."""
        raise NotImplementedError

    @api.model
    def _job_domain(self):
        """Return the domain of the orders of which it is due."""
        raise NotImplementedError

    @api.model
    def _prepare_job(self, order):
        """Return what can be prepared while others work on the order, such as what takes long to print.

        :param order: sale.order record, or as many as are done at once, not locked
        """

    @api.model
    def _do_job(self, order, prepared):
        """Do what is due of one order.

        :param order: sale.order record, or as many as are done at once, locked
        :param prepared: see ``_prepare_job``
        """
        raise NotImplementedError

    @api.model
    def _work_off(self):
        """Do what is due, and come back for what could not be done."""
        orders = self.env["sale.order"].search_fetch(self._job_domain(), ["policy_failed_tries"])
        tries = {order.id: self._tries(order) for order in orders}
        if any(count < TRIES for count in tries.values()):
            # Ahead of the work, so that it comes back whatever ends it.
            self._job()._trigger(fields.Datetime.now() + timedelta(minutes=1))
        self.env["ir.cron"]._commit_progress(remaining=len(orders))
        in_turn = orders.sorted(lambda order: tries[order.id])
        for batch in split_every(self._at_once, in_turn.ids, orders.browse):
            self._work_on(batch)
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    def _work_on(self, orders):
        try:
            self._prepare_and_do(orders)
        except Exception as error:
            self.env.cr.rollback()
            if len(orders) > 1:  # one of them fails, and the others need not wait for it
                for order in orders:
                    self._work_on(order[0])
            elif isinstance(error, (OperationalError, ConcurrencyError)):
                # Somebody else was quicker, or the database is in need.
                _logger.info("%s of order %s has to wait: %s", self._name, orders.id, error)
            else:
                _logger.exception("%s of order %s failed", self._name, orders.id)
                self._note_failure(orders, error)

    def _prepare_and_do(self, orders):
        prepared = self._prepare_job(orders)
        self.env["ir.cron"]._commit_progress()  # what changed meanwhile has to be seen
        orders = orders.try_lock_for_update(allow_referencing=True).filtered_domain(self._job_domain())
        if orders:
            self._do_job(orders, prepared)
            for order in orders:
                self._set_tries(order, 0)
            self.env.flush_all()  # here, where it keeps no other order from being done

    # ------------------------------------------------------------------
    # What fails
    # ------------------------------------------------------------------

    def _tries(self, order):
        return (order.policy_failed_tries or {}).get(self._name, 0)

    def _set_tries(self, order, count):
        if count != self._tries(order):
            others = {name: tries for name, tries in (order.policy_failed_tries or {}).items() if name != self._name}
            order.policy_failed_tries = {**others, self._name: count} if count else others or False

    def _note_failure(self, order, error):
        try:
            order = order.try_lock_for_update(allow_referencing=True)
            if order:
                count = self._tries(order) + 1
                self._set_tries(order, count)
                if count == TRIES:
                    self._tell_of_failure(order, error)
                self.env.flush_all()
        except Exception:  # such as a full disk, of which nothing can be noted
            self.env.cr.rollback()
            _logger.exception("The failure of %s of order %s could not be noted", self._name, order.id)

    def _tell_of_failure(self, order, error):
        """Tell those who administer the policy, and whoever looks at the order, of what failed time and again."""
        group = self.env.ref("order_policy.group_order_policy_manager")
        administrators = group.all_user_ids.filtered(
            lambda user: user.active and not user._is_superuser() and order.company_id in user.company_ids
        )
        words = self.env._(
            "%(job)s: it failed %(count)s times for %(order)s, the last time with “%(error)s”. Nothing of it is lost: "
            "it is tried again once a day, and when the job is run under Settings > Technical > Scheduled Actions. "
            "Ask the administrator of Odoo to look into the log.",
            job=self._job().name,
            count=TRIES,
            order=order.name,
            error=self.env["order.policy.words"]._within_sentence(error),
        )
        order._message_log(body=words)
        if administrators:
            self.env["mail.thread"].with_context(mail_notify_force_send=False).message_notify(
                partner_ids=administrators.partner_id.ids,
                subject=self.env._("%(job)s fails for %(order)s", job=self._job().name, order=order.name),
                body=words,
            )
