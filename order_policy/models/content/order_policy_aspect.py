import hashlib
import json
from collections import defaultdict
from math import inf

from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import MissingError
from odoo.tools import format_list, formatLang

# Moments of which only the day is promised.
PROMISED = ("commitment_date",)
# What a text that was entered for an attribute of a product says of it.
ATTRIBUTE_TEXT = ("custom_product_template_attribute_value_id", "custom_value")


class OrderPolicyAspect(models.Model):
    """What a step looks at, and how the content of an order is recorded, compared and shown.

    A *snapshot* is the content of an order as plain data::

        {"order": {field: value}, "lines": [{"key": …, "label": …, "values": {field: value}}]}

    Values are what JSON holds; a related record is ``[id, name]`` so that an old snapshot can be read after the
    record was renamed or deleted. Names never count when two snapshots are compared; what follows the name does, such
    as the text that was entered for an attribute.

    Neither does it count where a line stands, nor what only one of two snapshots knows: addons come and go, and the
    fields that a snapshot holds are those that were content when it was taken. A fingerprint is therefore kept with
    its snapshot: the same one is the same content; where there is another one the snapshots are compared.
    """

    _name = "order.policy.aspect"
    _description = "Reviewed Aspect of an Order"
    _inherit = ["order.policy.rule.mixin", "order.policy.words"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True, exportable=False)
    sequence = fields.Integer(default=10)

    _code_unique = models.UniqueIndex("(code)", "There is already an aspect with this code.")

    @api.model
    @tools.ormcache()
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
        of_lines += [f"product_custom_attribute_value_ids.{name}" for name in ATTRIBUTE_TEXT]
        return ["policy_id", *content["sale.order"], *(f"order_line.{name}" for name in of_lines)]

    # ------------------------------------------------------------------
    # Recording
    # ------------------------------------------------------------------

    @api.model
    def _snapshots(self, orders):
        """Return the present content of orders: as it was recorded when it last changed, so nothing is read again.

        :param orders: sale.order records
        :return: dict of snapshots by order
        """
        stored = orders.filtered("id")
        kept = {order: order.content_snapshot for order in stored if order.content_digest}  # recorded now if it changed
        kept = {order: snapshot for order, snapshot in kept.items() if self._is_whole(snapshot)}
        return self._take_snapshots(orders - orders.browse().concat(*kept)) | kept

    def _is_whole(self, snapshot):
        """Tell whether a snapshot holds all that is content now: addons come, and bring content of their own."""
        of_orders, of_lines = (set(names) for names in self._content_fields().values())
        return (
            bool(snapshot)
            and snapshot["order"].keys() == of_orders
            and all(line["values"].keys() == of_lines for line in snapshot["lines"])
        )

    @api.model
    def _take_snapshots(self, orders):
        """Record the present content of orders.

        :param orders: sale.order records
        :return: dict of snapshots by order
        """
        if not orders:
            return {}
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
        """Name each ordered line by its product and its rank among the lines of that product."""
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
        if field.comodel_name == "product.attribute.custom.value":
            attribute, text = ATTRIBUTE_TEXT
            return sorted([entered[attribute].id, entered.display_name, entered[text] or ""] for entered in value)
        if field.type in ("many2many", "one2many"):
            return [[related.id, related.display_name] for related in value._origin.sorted("id")]
        if field.type in ("float", "monetary"):
            return round(value, 6) + 0.0
        if field.type in ("date", "datetime"):
            # Years of less than four digits are written in four, or they could not be read any more.
            return value and (value.isoformat(" ", "seconds") if field.type == "datetime" else value.isoformat())
        if field.type == "html":
            return str(value or "")
        return value or False

    # ------------------------------------------------------------------
    # Keeping a part
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
            "lines": self._restrict_lines(snapshot["lines"], line_fields),
        }

    def _restrict_lines(self, lines, names):
        """Keep of lines what some fields say.

        Lines of one product that differ in it are kept whole: it matters then which price goes with which quantity.
        """
        parts = [
            (line, {**line, "values": {name: value for name, value in line["values"].items() if name in names}})
            for line in lines
            if self._concerns(line, names)
        ]
        contents = defaultdict(set)
        for line, part in parts:
            contents[self._product_of(line)].add(self._line_print(part))
        return [
            line if self._is_amount(line) or (self._is_product(line) and len(contents[self._product_of(line)]) > 1)
            else part
            for line, part in parts
        ]  # fmt: skip

    def _concerns(self, line, names):
        """Tell whether a line concerns who looks at some fields of lines.

        Sections and notes are text alone: they concern who looks at descriptions. An amount without product, such as a
        down payment, concerns who looks at prices too.
        """
        if self._is_product(line):
            return bool(names)
        return "name" in names or ("price_unit" in names and self._is_amount(line))

    def _is_product(self, line):
        return bool(line["values"]["product_id"])

    def _is_amount(self, line):
        """Tell whether a line adds to the amount of its order without being of a product."""
        return not self._is_product(line) and bool(line["values"]["price_unit"])

    def _product_of(self, line):
        """Return what the key of a line says of its product; all lines without one are alike."""
        return line["key"].partition("#")[0] if line["key"].startswith("p") else "t"

    # ------------------------------------------------------------------
    # Comparing
    # ------------------------------------------------------------------

    @api.model
    def _digest(self, snapshot):
        """Return the fingerprint of a snapshot.

        Names of records and the order of lines do not influence it, nor do empty and usual values: what an addon adds
        to the content changes no fingerprint of orders that do without it.
        """
        lines = defaultdict(list)
        for line in snapshot["lines"]:
            lines[self._product_of(line)].append(self._line_print(line))
        plain = {
            "order": self._filled_values(snapshot["order"]),
            "lines": {product: sorted(contents) for product, contents in lines.items()},
        }
        return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def _line_print(self, line):
        return json.dumps(self._filled_values(line["values"]), sort_keys=True, ensure_ascii=False)

    def _filled_values(self, values):
        usual = self._usual_values()
        return {name: self._comparable(value) for name, value in values.items() if value and value != usual.get(name)}

    @api.model
    def _usual_values(self):
        """Return what is as good as empty in fields that are never empty, by their names. Other addons add theirs."""
        return {}

    def _comparable(self, value):
        """Return of a plain value what counts: all but the names of records."""
        if not isinstance(value, list):
            return value
        if value and not isinstance(value[0], list):
            return value[0]
        return [related[0] if len(related) == 2 else [related[0], *related[2:]] for related in value]

    @api.model
    def _is_same(self, before, after):
        """Tell whether two contents agree in all that both know: addons come and go, and bring content of their own.

        :param before: snapshot, or False where none was kept
        :param after: snapshot, of the same part of an order
        """
        if not before or not after:
            return False
        before, after = self._with_merged_contacts(before), self._with_merged_contacts(after)
        return self._digest(self._known_to(after, before)) == self._digest(self._known_to(before, after))

    def _known_to(self, other, snapshot):
        """Leave out of a snapshot what another one does not know."""
        of_lines = {name for line in other["lines"] for name in line["values"]}
        return {
            "order": {name: value for name, value in snapshot["order"].items() if name in other["order"]},
            "lines": [
                {**line, "values": {name: value for name, value in line["values"].items() if name in of_lines}}
                for line in snapshot["lines"]
            ],
        }

    def _with_merged_contacts(self, snapshot):
        """Return a snapshot with the contacts of the order as what they became, where they were merged since."""
        became = self.env["order.policy.merge"]._became()
        contacts = {
            name: [became[value[0]], value[1]]
            for name, value in snapshot["order"].items()
            if became and value and self._is_contact(name) and value[0] in became
        }
        return {**snapshot, "order": snapshot["order"] | contacts}

    def _is_contact(self, name):
        field = self.env["sale.order"]._fields.get(name)
        return field is not None and field.type == "many2one" and field.comodel_name == "res.partner"

    @api.model
    def _differences(self, before, after):
        """List what differs between two snapshots, in words.

        :return: list of (subject, label of the field, was, is); the subject is the name of a line, or False
        """
        if not before or not after:
            return []
        before, after = self._with_merged_contacts(before), self._with_merged_contacts(after)
        differences = self._field_differences("sale.order", False, before["order"], after["order"])
        for was, now in self._paired_lines(before["lines"], after["lines"]):
            if was and now:
                label = self._label_for_reader(now)
                differences += self._field_differences("sale.order.line", label, was["values"], now["values"])
                continue
            label, line = self._label_for_reader(was or now), self._line_in_words(was or now)
            said = (line, self.env._("removed")) if was else (self.env._("none"), line)
            differences.append((label, self.env._("Line"), *said))
        return differences

    def _paired_lines(self, before, after):
        """Pair the lines of two snapshots by their product: those first that are the same, then as they stand.

        :return: list of pairs; None stands for a line that is not there
        """
        left = defaultdict(list)
        for line in after:
            left[self._product_of(line)].append(line)
        pairs = []
        for was in before:
            same_product = left[self._product_of(was)]
            same = (now for now in same_product if not self._changed_names(was["values"], now["values"]))
            pairs.append((was, next(same, None)))
            same_product[:] = [now for now in same_product if now is not pairs[-1][1]]
        pairs = [
            (was, now or (left[self._product_of(was)].pop(0) if left[self._product_of(was)] else None))
            for was, now in pairs
        ]
        return pairs + [(None, now) for lines in left.values() for now in lines]

    def _changed_names(self, before, after):
        """Return which of the values that two contents both know differ; an empty one is an empty one."""
        return [
            name
            for name, was in before.items()
            if name in after and (self._comparable(was) or False) != (self._comparable(after[name]) or False)
        ]

    def _field_differences(self, model, subject, before, after):
        changed = self._changed_names(before, after)
        labels = self.env[model].fields_get(changed, ["string"]) if changed else {}
        return [
            (subject, labels.get(name, {}).get("string", name), *self._pair_in_words(model, name, before, after))
            for name in changed
        ]

    def _pair_in_words(self, model, name, before, after):
        was, now = (self._in_words(model, name, values[name]) for values in (before, after))
        if was == now and name in PROMISED:  # another hour of the same day
            return tuple(self._time_in_words(values[name]) for values in (before, after))
        return was, now

    def _line_in_words(self, line):
        labels = self.env["sale.order.line"].fields_get(list(line["values"]), ["string"])
        shown = [
            f"{labels[name]['string']} {self._in_words('sale.order.line', name, value)}"
            for name, value in line["values"].items()
            if name in labels and name not in ("product_id", "name") and value
        ]
        return format_list(self.env, shown) or self._label_for_reader(line)

    def _in_words(self, model, name, value):
        field = self.env[model]._fields.get(name)
        if isinstance(value, dict):
            return format_list(self.env, self._texts_within(value)) or self.env._("none")
        if isinstance(value, list):
            related = value if value and isinstance(value[0], list) else [value] if value else []
            return format_list(self.env, self._names_for_reader(field, related)) or self.env._("none")
        if field is not None and field.type == "boolean":
            return self.env._("yes") if value else self.env._("no")
        if isinstance(value, float):
            return formatLang(self.env, value, digits=self._digits_of(field, value))
        if not value:
            return self.env._("none")
        if field is not None and field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if field is not None and field.type in ("date", "datetime"):
            return self._moment_in_words(field, value)
        if field is not None and field.type == "html":
            value = Markup(value).striptags()
        return self._shortened(str(value))

    def _names_for_reader(self, field, related):
        if field is None or not field.relational:
            return [record[1] for record in related]
        return [self._name_for_reader(field.comodel_name, record[0], record[1]) for record in related]

    @api.model
    def _name_for_reader(self, model, record_id, recorded):
        """Return the name that a record had once, in the language of the reader.

        It stays as it was recorded where the record is called otherwise now, is gone, or has one name for everybody.
        """
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        if len(languages) == 1 or not record_id or not self._has_translated_names(model):
            return recorded
        # Superuser: who may read a name may read it in another language.
        record = self.env[model].sudo().browse(record_id).with_context(prefetch_langs=True)
        try:
            names = {code: record.with_context(lang=code).display_name for code in languages}
        except MissingError:
            return recorded
        return names.get(self.env.lang, recorded) if recorded in names.values() else recorded

    def _has_translated_names(self, model):
        field = model in self.env and self.env[model]._fields.get(self.env[model]._rec_name)
        return bool(field and field.translate)

    def _label_for_reader(self, line):
        """Return how a line is called: by its product, in the language of the reader."""
        product = self._product_of(line)[1:]
        return self._name_for_reader("product.product", int(product), line["label"]) if product else line["label"]

    def _digits_of(self, field, value):
        """Return with how many decimals Odoo shows a value of a field: none of those that it has is left out."""
        least = 2
        if field is not None and field.type == "float":
            digits = field.get_digits(self.env)
            least = digits[1] if digits else field.get_min_display_digits(self.env) or least
        return next((count for count in range(least, 6) if round(value, count) == round(value, 6)), max(least, 6))

    def _moment_in_words(self, field, value):
        """Return a day, or a moment; as it is stored where it is beyond all calendars. What is promised is a day."""
        try:
            if field.type == "date" or field.name in PROMISED:
                return self._day_in_words(value)
            return self._time_in_words(value)
        except (OverflowError, ValueError):
            return str(value)

    @api.model
    def _differences_as_text(self, before, after):
        return "\n".join(
            "• "
            + self.env._("%(what)s: %(said)s", what=f"{subject}, {label}" if subject else label, said=f"{was} → {now}")
            for subject, label, was, now in self._differences(before, after)
        )

    @api.model
    def _differences_as_html(self, before, after):
        """Return what differs between two snapshots, what changed of one line below its name."""
        groups = []
        for subject, label, was, now in self._differences(before, after):
            # Two lines of one product have the same name, and what changed of each stays by itself.
            if not groups or not subject or groups[-1][0] != subject or label in groups[-1][1]:
                groups.append((subject, {}))
            groups[-1][1][label] = Markup("<b>%s</b> <del>%s</del> → <b>%s</b>") % (label, was, now)
        items = Markup().join(self._changes_as_html(subject, rows.values()) for subject, rows in groups)
        return items and Markup("<ul class='o_order_policy_changes mb-0 ps-3'>%s</ul>") % items

    def _changes_as_html(self, subject, rows):
        if not subject:
            return Markup("<li>%s</li>") % Markup("<br/>").join(rows)
        rows = Markup().join(Markup("<div class='ps-2'>%s</div>") % row for row in rows)
        return Markup("<li>%s%s</li>") % (subject, rows)
