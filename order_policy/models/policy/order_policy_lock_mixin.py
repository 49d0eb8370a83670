from psycopg2.errors import LockNotAvailable, UniqueViolation

from odoo import models
from odoo.exceptions import ConcurrencyError, LockError
from odoo.tools import SQL, format_list

PATIENCE = "5s"  # longer than what others do takes as a rule, and not too long for who clicked


class OrderPolicyLockMixin(models.AbstractModel):
    """Records on which one person works at a time."""

    _name = "order.policy.lock.mixin"
    _description = "One at a Time"

    def _lock_or_refuse(self):
        """Let nobody else work on these records until this transaction ends; who still does is waited for a moment.

        Where the other one changed a record meanwhile, PostgreSQL refuses to go on with what is known of it, and Odoo
        begins the request anew.

        :raise LockError: when somebody else goes on working on one of the records, or deleted it
        """
        if not self.ids or (len(self) == 1 and self.try_lock_for_update(allow_referencing=True)):
            return
        names = format_list(self.env, self.mapped("display_name"))
        try:
            with self.env.cr.savepoint(flush=False):
                locked = self._wait_for_locks()
        except LockNotAvailable as error:
            raise self._refusal_to_lock(names) from error
        if locked != len(self):
            raise self._refusal_to_lock(names)

    def _lock_for_one(self):
        """Let only one transaction at a time do what there is to be one of, though it alters none of these records.

        Who waited for the lock goes on with what he knew before, unless the record was written meanwhile: then Odoo
        begins his request anew, and he finds what the other one did.

        :raise LockError: see ``_lock_or_refuse``
        """
        self._lock_or_refuse()
        if self.ids:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET write_date = write_date WHERE id IN %s", SQL.identifier(self._table), tuple(self.ids)
                )
            )

    def _wait_for_locks(self):
        """Lock the records as soon as others let go of them.

        :return: how many there were to lock
        """
        cr = self.env.cr
        cr.execute(SQL("SET LOCAL lock_timeout = %s", PATIENCE))
        # In the same order whoever locks, so that no two wait for each other.
        cr.execute(
            SQL(
                "SELECT id FROM %s WHERE id IN %s ORDER BY id FOR NO KEY UPDATE",
                SQL.identifier(self._table),
                tuple(self.ids),
            ),
            log_exceptions=False,
        )
        locked = cr.rowcount
        cr.execute(SQL("SET LOCAL lock_timeout TO DEFAULT"))
        return locked

    def _refusal_to_lock(self, names):
        return LockError(
            self.env._(
                "Somebody else is working on %s at this very moment. Nothing was done. Try again in a moment; "
                "reload the page first, to see what was done meanwhile.",
                names,
            )
        )

    def _create_first(self, values):
        """Create a record of which there can be one only; where somebody else just did, Odoo begins the request anew.

        :return: the record
        """
        try:
            with self.env.cr.savepoint():
                return self.create(values)
        except UniqueViolation as error:
            raise ConcurrencyError(str(error)) from error
