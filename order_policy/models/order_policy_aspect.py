import hashlib
import json
from collections import defaultdict
from math import inf

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import format_date, format_datetime, formatLang


class OrderPolicyAspect(models.Model):
    """What a step looks at, and how the content of an order is recorded, compared and shown.

    A *snapshot* is the content of an order as plain data::

        {"order": {field: value}, "lines": [{"key": …, "label": …, "values": {field: value}}]}

    Values are what JSON holds; a related record is ``[id, name]`` so that an old snapshot can be read after the
    record was renamed or deleted. Names never count when two snapshots are compared.
    """

    _name = "order.policy.aspect"
    _description = "Reviewed Aspect of an Order"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=10)

    _code_unique = models.UniqueIndex("(code)", "There is already an aspect with this code.")

    @api.model
    def _content_fields(self):
        """Return all fields that make up the content of orders, by model, without repetition."""
        aspects = self.env["sale.order"]._policy_aspect_fields().values()
        content = {
            model: dict.fromkeys(name for by_model in aspects for name in by_model[model])
            for model in ("sale.order", "sale.order.line")
        }
        return {
            "sale.order": ["special_order", *content["sale.order"]],
            "sale.order.line": [*content["sale.order.line"]],
        }

    @api.model
    def _content_dependencies(self):
        """Return on what the content of an order depends, the marks of the lines that do not belong to it included."""
        content = self._content_fields()
        of_lines = content["sale.order.line"] + self.env["sale.order.line"]._policy_mark_fields()
        return ["policy_id", *content["sale.order"], *(f"order_line.{name}" for name in of_lines)]

    # ------------------------------------------------------------------
    # Recording
    # ------------------------------------------------------------------

    @api.model
    def _take_snapshots(self, orders):
        """Record the present content of orders.

        :param orders: sale.order records
        :return: dict of snapshots by order
        """
        order_fields, line_fields = self._content_fields().values()
        lines = orders.order_line._policy_ordered_lines()  # of all orders at once
        return {
            order: {
                "order": {name: self._plain_value(order, name) for name in order_fields},
                "lines": [
                    {
                        "key": key,
                        "label": line.product_id.display_name or line.name,
                        "values": {name: self._plain_value(line, name) for name in line_fields},
                    }
                    for key, line in self._keyed_lines((order.order_line & lines).with_prefetch(lines._prefetch_ids))
                ],
            }
            for order in orders
        }

    def _keyed_lines(self, lines):
        """Name each ordered line by its product and its rank among the lines of that product.

        Moving lines around changes nothing that was reviewed; exchanging prices or quantities between lines does.
        """
        ranks = defaultdict(int)
        # Lines that are not stored yet will be the last ones of their place.
        for line in sorted(lines, key=lambda line: (line.sequence, line._origin.id or inf)):
            base = f"p{line.product_id.id}" if line.product_id else f"t{line.name}"
            ranks[base] += 1
            yield f"{base}#{ranks[base]}", line

    def _plain_value(self, record, name):
        field, value = record._fields[name], record[name]
        if field.type == "many2one":
            return [value.id, value.display_name] if value else False
        if field.type in ("many2many", "one2many"):
            return [[related.id, related.display_name] for related in value._origin.sorted("id")]
        if field.type in ("float", "monetary"):
            return round(value, 6) + 0.0
        if field.type in ("date", "datetime"):
            return fields.Datetime.to_string(value) if field.type == "datetime" else fields.Date.to_string(value)
        if field.type == "html":
            return str(value or "")
        return value or False

    # ------------------------------------------------------------------
    # Comparing
    # ------------------------------------------------------------------

    @api.model
    def _restrict(self, snapshot, codes):
        """Keep of a snapshot what some aspects cover; all of it when there are none.

        Whether the order is special concerns everybody: it decides who else is asked.

        :param codes: those of the aspects
        """
        if not codes or not snapshot:
            return snapshot
        covered = self.env["sale.order"]._policy_aspect_fields()
        order_fields = {"special_order"} | {name for code in codes for name in covered[code]["sale.order"]}
        line_fields = {name for code in codes for name in covered[code]["sale.order.line"]}
        return {
            "order": {name: value for name, value in snapshot["order"].items() if name in order_fields},
            "lines": [
                {**line, "values": {name: value for name, value in line["values"].items() if name in line_fields}}
                for line in (snapshot["lines"] if line_fields else ())
                # Sections and notes are text alone: they concern who looks at descriptions.
                if line["values"]["product_id"] or "name" in line_fields
            ],
        }

    @api.model
    def _digest(self, snapshot):
        """Return the fingerprint of a snapshot, which names of records and the order of lines do not influence."""
        plain = {
            "order": {name: self._comparable(value) for name, value in snapshot["order"].items()},
            "lines": {
                line["key"]: {name: self._comparable(value) for name, value in line["values"].items()}
                for line in snapshot["lines"]
            },
        }
        return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def _comparable(self, value):
        if not isinstance(value, list):
            return value
        return value[0] if value and not isinstance(value[0], list) else [related[0] for related in value]

    @api.model
    def _differences(self, before, after):
        """List what differs between two snapshots, in words.

        :return: list of (subject, label of the field, was, is); the subject is the name of a line, or False
        """
        if not before or not after:
            return []
        differences = self._field_differences("sale.order", False, before["order"], after["order"])
        lines_before = {line["key"]: line for line in before["lines"]}
        lines_after = {line["key"]: line for line in after["lines"]}
        for key in lines_before | lines_after:
            was, now = lines_before.get(key), lines_after.get(key)
            if was and now:
                differences += self._field_differences("sale.order.line", now["label"], was["values"], now["values"])
            elif was:
                differences.append((was["label"], self.env._("Line"), self._line_in_words(was), self.env._("removed")))
            else:
                differences.append((now["label"], self.env._("Line"), self.env._("none"), self._line_in_words(now)))
        return differences

    def _field_differences(self, model, subject, before, after):
        labels = self.env[model].fields_get(list(before | after), ["string"])
        return [
            (
                subject,
                labels.get(name, {}).get("string", name),
                self._in_words(model, name, before.get(name)),
                self._in_words(model, name, after.get(name)),
            )
            for name in before | after
            if self._comparable(before.get(name)) != self._comparable(after.get(name))
        ]

    def _line_in_words(self, line):
        labels = self.env["sale.order.line"].fields_get(list(line["values"]), ["string"])
        shown = [
            f"{labels[name]['string']} {self._in_words('sale.order.line', name, value)}"
            for name, value in line["values"].items()
            if name in labels and name not in ("product_id", "name") and value
        ]
        return ", ".join(shown) or line["label"]

    def _in_words(self, model, name, value):
        field = self.env[model]._fields.get(name)
        if isinstance(value, list):
            related = value if value and isinstance(value[0], list) else [value] if value else []
            return ", ".join(name for _id, name in related) or self.env._("none")
        if field is not None and field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if isinstance(value, float):
            return formatLang(self.env, value, digits=2 if round(value, 2) == value else 6)
        if not value:
            return self.env._("none")
        if field is not None and field.type == "datetime":
            return format_datetime(self.env, value, dt_format="short")
        if field is not None and field.type == "date":
            return format_date(self.env, value)
        if field is not None and field.type == "html":
            return Markup(value).striptags()
        return str(value)

    @api.model
    def _number_in_words(self, number, precision="Product Unit"):
        """Return a number as people write it: 1,234,567 and 2.5.

        :param str precision: name of the decimal precision, which is that of quantities when left out
        """
        most = self.env["decimal.precision"].precision_get(precision)
        digits = next(count for count in range(most + 1) if round(number, count) == round(number, most))
        return formatLang(self.env, number, digits=digits)

    @api.model
    def _differences_as_text(self, before, after):
        return "\n".join(
            f"• {subject + ', ' if subject else ''}{label}: {was} → {now}"
            for subject, label, was, now in self._differences(before, after)
        )

    @api.model
    def _differences_as_html(self, before, after):
        rows = Markup().join(
            Markup("<li>%s<b>%s</b>: <del>%s</del> → <b>%s</b></li>")
            % (Markup("%s · ") % subject if subject else "", label, was, now)
            for subject, label, was, now in self._differences(before, after)
        )
        return rows and Markup("<ul class='o_order_policy_changes mb-0 ps-3'>%s</ul>") % rows
