"""Copies a few orders into many, in SQL.

The originals were made as people make them. A copy is the row of an order with every row that belongs to it: by
foreign keys, by keys of those rows, and by the name of a model beside a number. Copies of different originals lie
between each other, as orders do in a company.
"""

from psycopg2.extras import execute_values

# What orders share is not copied, even if it points at one; tables of many2many fields are, whatever their name.
SHARED = ("res_", "ir_", "product_", "account_", "uom_", "crm_team", "bus_")
JOINED_BY_NAME = (
    ("mail_message", "model", "res_id"),
    ("mail_followers", "res_model", "res_id"),
    ("mail_activity", "res_model", "res_id"),
)


def copy(cr, models, plan, joined_by_name, others):
    """Copy orders.

    :param models: names of models by their table
    :param plan: ids of originals, one for each copy
    :param joined_by_name: tables with the two columns by which their rows belong to one of a model, besides Odoo's
    :param others: what is different in copies: SQL by table and column, where ``src`` is the original's row, and
        ``m.n`` the number of the copy
    :return: how many rows were written by table
    """
    return Copies(cr, models, (*joined_by_name, *JOINED_BY_NAME), others).make(plan)


class Copies:
    """Rows that belong to orders, and how they are copied."""

    def __init__(self, cr, models, joined_by_name, others):
        self.cr, self.models, self.joined_by_name, self.others = cr, models, joined_by_name, others
        cr.execute(
            """
            SELECT key.conrelid::regclass::text, attribute.attname, key.confrelid::regclass::text
              FROM pg_constraint key
              JOIN pg_attribute attribute ON attribute.attrelid = key.conrelid AND attribute.attnum = key.conkey[1]
             WHERE key.contype = 'f' AND array_length(key.conkey, 1) = 1
            """
        )
        self.keys = cr.fetchall()
        #: originals by table: the order that each row belongs to
        self.rows = {}
        #: tables without rows of their own, with the columns that point at originals
        self.links = {}

    def make(self, plan):
        self._find(sorted(set(plan)))
        # Copies point at each other in no particular order.
        self.cr.execute("SET LOCAL session_replication_role = replica")
        self.cr.execute("CREATE TEMP TABLE copies_plan (n int PRIMARY KEY, seed int) ON COMMIT DROP")
        execute_values(self.cr._obj, "INSERT INTO copies_plan VALUES %s", list(enumerate(plan, 1)), page_size=5000)
        for table, rows in self.rows.items():
            self._number(table, rows)
        written = {table: self._copy_rows(table) for table in self.rows}
        return {**written, **{table: self._copy_links(table, columns) for table, columns in self.links.items()}}

    # What belongs to orders

    def _find(self, order_ids):
        self.rows["sale_order"] = {order_id: order_id for order_id in order_ids}
        todo = ["sale_order"]
        while todo:
            parent = todo.pop()
            for table, rows in [*self._pointing_at(parent), *self._joined_to(parent)]:
                known = self.rows.setdefault(table, {})
                new = {row: self.rows[parent][parent_row] for row, parent_row in rows if row not in known}
                known.update(new)
                if new:
                    todo.append(table)
        self.rows = {table: rows for table, rows in self.rows.items() if rows}

    def _pointing_at(self, parent):
        """Rows with a foreign key to those of a table; notes the tables that only link them."""
        for table, column, target in self.keys:
            if target != parent:
                continue
            if "id" not in self._columns(table):
                self.links.setdefault(table, {})[column] = parent
            elif not table.startswith(SHARED):
                self.cr.execute(f"SELECT id, {column} FROM {table} WHERE {column} = ANY(%s)", [list(self.rows[parent])])
                yield table, self.cr.fetchall()

    def _joined_to(self, parent):
        """Rows that name the model and the id of those of a table."""
        for table, model_column, id_column in self.joined_by_name if parent in self.models else ():
            self.cr.execute(
                f"SELECT id, {id_column} FROM {table} WHERE {model_column} = %s AND {id_column} = ANY(%s)",
                [self.models[parent], list(self.rows[parent])],
            )
            yield table, self.cr.fetchall()

    def _columns(self, table):
        self.cr.execute(
            """
            SELECT attname FROM pg_attribute
             WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
            """,
            [table],
        )
        return [name for [name] in self.cr.fetchall()]

    # Copying

    def _number(self, table, rows):
        """Give each copy of each row its id."""
        self.cr.execute(f"CREATE TEMP TABLE copies_of_{table} (old int, seed int) ON COMMIT DROP")
        execute_values(self.cr._obj, f"INSERT INTO copies_of_{table} VALUES %s", list(rows.items()))
        self.cr.execute(
            f"""
            CREATE TEMP TABLE copies_{table} ON COMMIT DROP AS
            SELECT n, old, nextval('{table}_id_seq')::int AS new
              FROM (SELECT plan.n, original.old
                      FROM copies_plan plan JOIN copies_of_{table} original ON original.seed = plan.seed
                     ORDER BY plan.n, original.old) ordered
            """
        )
        self.cr.execute(f"CREATE INDEX ON copies_{table} (n, old)")
        self.cr.execute(f"ANALYZE copies_{table}")

    def _copy_rows(self, table):
        targets = {column: target for of, column, target in self.keys if of == table and target in self.rows}
        columns, values, joins = self._columns(table), [], []
        for number, column in enumerate(columns):
            if column == "id":
                value = "m.new"
            elif (table, column) in self.others:
                value = self.others[table, column]
            elif column in targets:
                joins.append(_join(targets[column], f"j{number}", f"src.{column}"))
                value = f"COALESCE(j{number}.new, src.{column})"
            else:
                value = self._named_value(table, column, f"j{number}", joins)
            values.append(value)
        names = ", ".join(f'"{column}"' for column in columns)
        self.cr.execute(
            f"INSERT INTO {table} ({names}) SELECT {', '.join(values)}"
            f" FROM copies_{table} m JOIN {table} src ON src.id = m.old {' '.join(joins)} ORDER BY m.n, m.old"
        )
        return self.cr.rowcount

    def _named_value(self, table, column, alias, joins):
        """The value of a column that may be an id of the model that another column names."""
        model_column = next((model for of, model, id_ in self.joined_by_name if (of, id_) == (table, column)), None)
        if not model_column:
            return f"src.{column}"
        new = []
        for parent in self.rows.keys() & self.models.keys():
            joins.append(
                _join(parent, f"{alias}_{parent}", f"src.{column}")
                + f" AND src.{model_column} = '{self.models[parent]}'"
            )
            new.append(f"{alias}_{parent}.new")
        return f"COALESCE({', '.join(new)}, src.{column})"

    def _copy_links(self, table, targets):
        (first, parent), *more = targets.items()
        values = {column: f"src.{column}" for column in self._columns(table)}
        values[first] = "m.new"
        joins = [f"JOIN copies_{parent} m ON m.old = src.{first}"]
        for number, (column, target) in enumerate(more):
            joins.append(_join(target, f"j{number}", f"src.{column}"))
            values[column] = f"COALESCE(j{number}.new, src.{column})"
        self.cr.execute(
            f"INSERT INTO {table} ({', '.join(values)}) SELECT {', '.join(values.values())}"
            f" FROM {table} src {' '.join(joins)} ORDER BY m.n ON CONFLICT DO NOTHING"
        )
        return self.cr.rowcount


def _join(target, alias, value):
    return f"LEFT JOIN copies_{target} {alias} ON {alias}.n = m.n AND {alias}.old = {value}"
