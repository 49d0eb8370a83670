from datetime import date

from odoo import api, models
from odoo.tools import format_amount, format_list, formatLang
from odoo.tools.translate import LazyGettext, get_translation

TOLD = 5  # names or sentences, of many


class OrderPolicyCheck(models.Model):
    """What results of checks say is kept as a text and its parameters, and told in the language of who reads it."""

    _inherit = "order.policy.check"

    # ------------------------------------------------------------------
    # Parameters of texts
    # ------------------------------------------------------------------

    @api.model
    def _amount(self, value, currency):
        return {"is": "amount", "value": value, "currency": currency.id}

    @api.model
    def _number(self, value, digits=None, precision=None):
        """Return a number as it is kept.

        :param int digits: how many are shown; or
        :param str precision: the name of the decimal precision that says how many
        """
        return {"is": "number", "value": value, "digits": digits, "precision": precision}

    @api.model
    def _day(self, day):
        return {"is": "day", "value": date.isoformat(day)}

    @api.model
    def _one_of(self, records):
        """Return what is allowed: all of it is kept, and as much is told as can be read at a glance."""
        return {"is": "list", "value": [self._plain_text(record) for record in records], "style": "or", "most": TOLD}

    @api.model
    def _label(self, model, name):
        return {"is": "label", "model": model, "value": name}

    @api.model
    def _name_in(self, record):
        """Return the name of a part of the policy, which does not change any more."""
        return {"is": "name", "model": record._name, "value": record.id}

    @api.model
    def _own_rule(self):
        """Return the parameters of the check, as ``_describe_rule`` tells them."""
        return {"is": "rule"}

    @api.model
    def _join_lines(self, sentences):
        """Return what is to be said of lines, without filling a screen."""
        shown = [self._plain_text(sentence) for sentence in sentences[:TOLD]]
        return {"is": "lines", "value": shown, "more": max(len(sentences) - TOLD, 0)}

    @api.model
    def _plain_text(self, text):
        """Return a text as it is kept: with what it consists of, and not yet in any language."""
        if isinstance(text, LazyGettext):
            args = text._args
            plain = (
                {name: self._plain_text(value) for name, value in args.items()}
                if isinstance(args, dict)
                else [self._plain_text(value) for value in args]
            )
            return {"is": "text", "value": text._source, "module": text._module, "args": plain}
        if isinstance(text, models.BaseModel):
            name = text.display_name
            return {"is": "record", "model": text._name, "value": text._origin.id, "name": name} if text else ""
        if isinstance(text, (list, tuple)):
            return {"is": "list", "value": [self._plain_text(part) for part in text], "style": "standard"}
        return text if isinstance(text, (dict, str, int, float)) else str(text)

    # ------------------------------------------------------------------
    # Telling them
    # ------------------------------------------------------------------

    def _say(self, text):
        """Return a text of a result of this check, in the language of who reads it.

        :param text: as ``_plain_text`` keeps it; a sentence that was kept as such stays as it was
        """
        if not isinstance(text, dict):
            return text
        return {
            "text": self._say_text,
            "amount": self._say_amount,
            "number": self._say_number,
            "day": self._say_day,
            "list": self._say_list,
            "lines": self._say_lines,
            "label": self._say_label,
            "name": self._say_name,
            "record": self._say_record,
            "rule": lambda _text: self._describe_rule(),
        }[text["is"]](text)

    def _say_text(self, text):
        args = text["args"]
        said = (
            {name: self._say(value) for name, value in args.items()}
            if isinstance(args, dict)
            else tuple(self._say(value) for value in args)
        )
        return get_translation(text["module"], self.env.lang or "en_US", text["value"], said)

    def _say_amount(self, text):
        return format_amount(self.env, text["value"], self.env["res.currency"].browse(text["currency"]))

    def _say_number(self, text):
        if text["precision"]:
            return formatLang(self.env, text["value"], dp=text["precision"])
        return formatLang(self.env, text["value"], digits=text["digits"])

    def _say_day(self, text):
        return self.env["order.policy.words"]._day_in_words(text["value"])

    def _say_list(self, text):
        most = text.get("most", len(text["value"]))
        told = [self._say(value) for value in text["value"][:most]]
        if more := len(text["value"]) - len(told):
            told.append(self.env._("%s more", more))
        return format_list(self.env, told, text["style"])

    def _say_lines(self, text):
        shown = [self._say(value) for value in text["value"]]
        if text["more"]:
            shown.append(self.env._("and %s more", text["more"]))
        return "; ".join(shown)

    def _say_label(self, text):
        return self.env["order.policy.words"]._label_of(text["model"], text["value"])

    def _say_name(self, text):
        return self.env[text["model"]].browse(text["value"]).display_name

    def _say_record(self, text):
        return self.env["order.policy.aspect"]._name_for_reader(text["model"], text["value"], text["name"])
