from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

CHANGED = "order_policy_execution.changed_documents"


class SaleOrderDue(models.Model):
    """An order of which documents changed, until the job has brought its milestones in line.

    A row for each change, and none is ever altered: nobody who produces or moves goods waits for another, and what
    changes while the job looks is looked at again.
    """

    _name = "sale.order.due"
    _description = "Order of Which Documents Changed"
    _inherit = "order.policy.backlog.mixin"
    _log_access = False

    _at_once = 200

    order_id = fields.Many2one("sale.order", required=True, readonly=True, index=True, ondelete="cascade")

    @api.model
    def _changed_documents(self):
        """Return the ids of documents that changed in this transaction, by model; what is added is noted at its end."""
        precommit = self.env.cr.precommit
        if CHANGED not in precommit.data:
            precommit.data[CHANGED] = {}
            # Superuser: whoever changes a document, its orders follow.
            precommit.add(self.sudo()._note_orders)
        return precommit.data[CHANGED]

    @api.model
    def _note_orders(self):
        """Note the orders with milestones of the documents that changed, in one statement for all of them."""
        changed = self.env.cr.precommit.data.pop(CHANGED, {})
        queries = [self.env[name].browse(ids)._query_of_orders() for name, ids in changed.items() if ids]
        if not queries:
            return
        noted = self.env.execute_query(
            SQL(
                """
                INSERT INTO sale_order_due (order_id)
                SELECT DISTINCT concerned.order_id
                  FROM (%s) concerned (order_id)
                 WHERE EXISTS (SELECT FROM sale_order_milestone WHERE order_id = concerned.order_id)
                RETURNING id
                """,
                SQL(" UNION ").join(queries),
            )
        )
        if noted:
            self._job()._trigger()

    # ------------------------------------------------------------------
    # The job
    # ------------------------------------------------------------------

    @api.model
    def _job(self):
        # Superuser: jobs are not for people to see, and are started for them.
        job_id = self.env["ir.model.data"]._xmlid_to_res_id("order_policy_execution.ir_cron_follow_documents")
        return self.env["ir.cron"].sudo().browse(job_id)

    @api.model
    def _job_domain(self):
        return Domain("policy_due_ids", "!=", False)

    def _do_job(self, orders, prepared):
        orders.policy_due_ids.unlink()
        orders._follow_documents()

    @api.model
    def _cron_follow_documents(self):
        self._work_off()
