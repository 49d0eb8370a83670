from babel.dates import get_date_format, get_datetime_format, get_time_format

from odoo import api, models
from odoo.tools import babel_locale_parse, format_date, formatLang, get_lang

# How much of a text is shown of what changed.
LONGEST_SHOWN = 20_000


class OrderPolicyWords(models.AbstractModel):
    """How what is stored is told to people: in the words of their screens, their language and their time zone."""

    _name = "order.policy.words"
    _description = "Words for People"

    @api.model
    def _label_of(self, model, name):
        """Return how a field is called on screen."""
        # Superuser: a label is no secret.
        described = self.env[model].sudo().fields_get([name], ["string"])
        return described.get(name, {}).get("string", name)

    @api.model
    def _time_in_words(self, moment):
        """Return a moment as the reader's language writes it, without seconds, as the fields on screen do."""
        return self._in_time_zone().env["ir.qweb.field.datetime"].value_to_html(moment, self._moment_style())

    @api.model
    def _day_in_words(self, day):
        """Return a day, or that of a moment, as the reader's language writes it, as the fields on screen do."""
        return format_date(self._in_time_zone().env, day, date_format="medium")

    @api.model
    def _moment_style(self):
        """Return the options by which papers write moments as sentences and screens do."""
        locale = babel_locale_parse(get_lang(self.env).code)
        day, time = get_date_format("medium", locale), get_time_format("short", locale)
        pattern = get_datetime_format("medium", locale=locale).format(time.pattern, day.pattern)
        return {"widget": "datetime", "format": pattern}

    @api.model
    def _day_style(self):
        """Return the options by which papers write days, or those of moments, as sentences and screens do."""
        return {"widget": "datetime", "date_only": True, "format": "medium"}

    @api.model
    def _in_time_zone(self):
        """Work in the time zone of the reader; of the company where nobody's is known, as in letters and the portal.

        Odoo itself, which runs jobs, is nowhere: what it writes is read by people of the company.
        """
        user = self.env.user
        known = self.env.context.get("tz") or (not user._is_superuser() and user.tz)
        return self.with_context(tz=known or self.env.company._policy_timezone())

    @api.model
    def _shortened(self, text):
        """Return a text as far as a person reads it: one of megabytes would make a page that nobody can open."""
        return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]} …"

    @api.model
    def _within_sentence(self, text):
        """Return what somebody wrote as it stands within a sentence, which has a full stop of its own."""
        return str(text or "").strip().rstrip(".。")

    def _texts_within(self, value):
        """Return what a nested structure holds, as a list of texts."""
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return [text for part in value for text in self._texts_within(part)]
        return [str(value)] if value not in (None, False, "") else []

    @api.model
    def _number_in_words(self, number, precision="Product Unit"):
        """Return a number as people write it: 1,234,567 and 2.5.

        :param str precision: name of the decimal precision, which is that of quantities when left out
        """
        most = self.env["decimal.precision"].precision_get(precision)
        digits = next(count for count in range(most + 1) if round(number, count) == round(number, most))
        return formatLang(self.env, number, digits=digits)
