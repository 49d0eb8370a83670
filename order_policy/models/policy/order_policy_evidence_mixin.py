import logging

import psycopg2

from odoo import api, models, tools
from odoo.exceptions import AccessError, UserError

_logger = logging.getLogger(__name__)

# What Odoo lets clients write of any record that people talk about: who follows it, and what is planned for it.
TALK = frozenset({
    "activity_ids", "activity_user_id", "activity_type_id", "activity_date_deadline", "activity_summary",
    "message_follower_ids", "message_partner_ids",
})  # fmt: skip


class OrderPolicyEvidenceMixin(models.AbstractModel):
    """A record of a decision or a fact: made by its own methods alone, never altered, never deleted.

    Access rights say who reads it. To write it takes the method that makes it as well, which checks the person's
    authority and then works as superuser: an access right that somebody adds opens nothing. What clients may write is
    listed; whatever is not listed, fields of other addons included, they may not.
    """

    _name = "order.policy.evidence.mixin"
    _description = "Evidence of the Order Policy"
    _inherit = ["order.policy.entry.mixin"]

    # ------------------------------------------------------------------
    # What a model says of itself
    # ------------------------------------------------------------------

    @api.model
    def _client_fields(self):
        """Return the names of the fields that clients may ever write; when they may is for the model to check.

        It is the same for everybody: what depends on the person is for ``_is_kept_from_clients``.
        """
        return frozenset()

    @api.model
    def _clients_create(self):
        """Tell whether clients make such records, as they do with lines of draft requests."""
        return False

    def _check_can_be_deleted(self):
        """
        :raise UserError: when one of these records has to stay; which is always, unless a model says when not
        """
        raise UserError(
            self.env._("%s: nothing of this can be deleted, by anybody. It shows later what was decided, and by whom.",
                       self.env["ir.model"]._get(self._name).name)
        )  # fmt: skip

    @api.model
    @tools.ormcache()
    def _known_client_fields(self):
        """Return what clients may write: asked of every field whenever a record is made, so it is put together once."""
        return self._client_fields() | TALK

    @api.model
    def _is_kept_from_clients(self, field):
        """Tell whether only methods of the model write a field."""
        return field.name not in self._known_client_fields()

    @api.model
    def _takes_defaults(self, field):
        """Tell whether people may choose the default of a field for themselves or for others."""
        return not self._is_kept_from_clients(field)

    # ------------------------------------------------------------------
    # Which holds whatever rights somebody was given
    # ------------------------------------------------------------------

    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and self._is_kept_from_clients(field):
            return False
        return super()._has_field_access(field, operation)

    def _check_field_access(self, field, operation):
        if operation == "write" and not self.env.su and self._is_kept_from_clients(field):
            raise AccessError(
                self.env._(
                    "“%s” follows from what people decided under the order policy. It can neither be entered nor "
                    "altered. Use the buttons of the form instead.",
                    field.get_description(self.env, ["string"])["string"],
                )
            )
        return super()._check_field_access(field, operation)

    def _check_may_be_automated(self, names):
        """
        :param list names: of fields that an administrator of Odoo lets a server action write
        :raise AccessError: when only methods of the model write one of them
        """
        for name in names:
            self._check_field_access(self._fields[name], "write")

    @api.model
    def default_get(self, fields):
        """Fill protected fields with nothing but their own default: not with one that somebody chose."""
        defaults = super().default_get(fields)
        for name in fields:
            field = self._fields.get(name)
            if not field or self._takes_defaults(field):
                continue
            defaults.pop(name, None)
            if field.default:
                value = field.convert_to_cache(field.default(self), self, validate=False)
                defaults[name] = field.convert_to_write(value, self)
        return defaults

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and not self._clients_create():
            raise AccessError(self._refusal_to_create())
        return super().create(vals_list)

    @api.model
    def _refusal_to_create(self):
        return self.env._(
            "%s: nobody enters this by hand. It is made when somebody decides, records or asks for something, "
            "with the buttons of the order.",
            self.env["ir.model"]._get(self._name).name,
        )

    @api.ondelete(at_uninstall=True)
    def _unlink_except_evidence(self):
        self._check_can_be_deleted()

    # ------------------------------------------------------------------
    # What follows from a decision
    # ------------------------------------------------------------------

    @api.model
    def _try(self, act):
        """Do what follows from a decision: whatever fails there undoes itself, and never the decision.

        :param act: a function without arguments
        :return: what failed, in words; False when nothing did
        """
        try:
            with self.env.cr.savepoint():
                act()
        except psycopg2.OperationalError:
            raise  # somebody else is in the way, or the database is: Odoo tries the decision again as a whole
        except UserError as error:
            return str(error)
        except Exception as error:
            _logger.exception("What follows from a decision failed")
            return self.env._(
                "The program failed (%s). Tell the administrator of Odoo, who finds more in the log of the server.",
                type(error).__name__,
            )
        return False
