from ast import literal_eval
from functools import cache

from babel.dates import get_date_format, get_datetime_format, get_time_format

from odoo import api, models
from odoo.addons.base.models.res_lang import intersperse
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

    @api.model
    def _amount_writer(self):
        """Return a function that writes amounts as ``format_amount`` does, for pages with hundreds of them.

        What the language asks for, and what the currencies are, is looked up once.

        :return: a function of an amount and a res.currency record
        """
        lang = get_lang(self.env)
        groups, separator = literal_eval(lang.grouping), lang.thousands_sep or ""

        @cache
        def style(currency):
            symbol = currency.symbol or ""
            before = currency.position == "before"
            return (
                f"%.{currency.decimal_places}f",
                f"{symbol}\N{NO-BREAK SPACE}" if before else "",
                "" if before else f"\N{NO-BREAK SPACE}{symbol}",
            )

        def write(amount, currency):
            number, before, after = style(currency)
            whole, *decimals = (number % currency.round(amount)).split(".")
            text = lang.decimal_point.join([intersperse(whole, groups, separator)[0], *decimals])
            text = text.replace(" ", "\N{NO-BREAK SPACE}").replace("-", "-\N{ZERO WIDTH NO-BREAK SPACE}")
            return f"{before}{text}{after}"

        return write
