from odoo import models
from odoo.exceptions import AccessError


class IrActionsServer(models.Model):
    """Odoo runs what an administrator set up as superuser, whoever starts it. What is decided stays with who may."""

    _inherit = "ir.actions.server"

    def _run_action_object_write(self, eval_context=None):
        """Write nothing that follows from decisions, and on records of the order policy as the person who runs it."""
        if not self.update_path or self.env.context.get("onchange_self"):
            return super()._run_action_object_write(eval_context=eval_context)
        records = self.env[self.model_id.model].browse(self.env.context.get("active_id"))
        for name in self.update_path.split(".")[:-1]:
            records = records[name]
        if self.env["mail.thread"]._is_evidence(records._name):
            records.sudo(False)._check_may_be_automated(self.mapped("update_field_id.name"))
        if not (records._original_module or "").startswith("order_policy"):
            return super()._run_action_object_write(eval_context=eval_context)
        values = self._eval_value(eval_context=eval_context)
        records.sudo(False).write({action.update_field_id.name: values[action.id] for action in self})
        return None

    def _run_action_object_create(self, eval_context=None):
        self._check_makes_no_evidence()
        return super()._run_action_object_create(eval_context=eval_context)

    def _run_action_object_copy(self, eval_context=None):
        self._check_makes_no_evidence()
        return super()._run_action_object_copy(eval_context=eval_context)

    def _check_makes_no_evidence(self):
        """
        :raise AccessError: when what would be made is made by methods of the order policy alone
        """
        for action in self:
            made, linked_to = (self.env[model.model] for model in (action.crud_model_id, action.model_id))
            if self.env["mail.thread"]._is_evidence(made._name) and not made._clients_create():
                raise AccessError(
                    self.env._(
                        "%s: no action of a server makes this. It is made when somebody decides, records or asks for "
                        "something, with the buttons of the order.",
                        action.crud_model_id.name,
                    )
                )
            if action.link_field_id:
                linked_to.sudo(False)._check_field_access(linked_to._fields[action.link_field_id.name], "write")
