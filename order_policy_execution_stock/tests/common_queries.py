"""What operations cost with the bridges, and without them."""

from contextlib import contextmanager

from odoo.addons.order_policy.tests.common_orders import QueriesCase

BRIDGES = ("odoo.addons.order_policy_execution_stock.", "odoo.addons.order_policy_execution_mrp.")
# Odoo's own models that the bridges extend.
EXTENDED = ("mrp.production", "mrp.workorder", "stock.move", "stock.move.line", "stock.picking", "sale.order.line")


class BridgeCostCase(QueriesCase):
    """Counts the queries of an operation with the bridges, and with all that they add to Odoo's models taken away."""

    @contextmanager
    def _without_bridges(self):
        """Take away methods, constraints and dependencies of the bridges."""
        registry = self.env.registry
        classes = {name: registry[name] for name in EXTENDED if name in registry}
        bases = {name: cls.__bases__ for name, cls in classes.items()}
        triggers = registry._field_triggers
        try:
            for name, cls in classes.items():
                cls.__bases__ = tuple(base for base in bases[name] if not base.__module__.startswith(BRIDGES))
            self._forget(classes.values())
            registry._field_triggers = self._without_followers(triggers)
            yield
        finally:
            for name, cls in classes.items():
                cls.__bases__ = bases[name]
            self._forget(classes.values())
            registry._field_triggers = triggers

    def _queries(self, operation, cold=True):
        """Count what is done at the end of the transaction too."""
        self.env.cr.flush()
        return super()._queries(lambda: (operation(), self.env.cr.flush()), cold)

    def _forget(self, classes):
        """Have Odoo look up anew what it knows of its models."""
        for cls in classes:
            if "_constraint_methods" in vars(cls):
                del cls._constraint_methods
        self.env.registry._field_trigger_trees.clear()
        self.env.registry._is_modifying_relations.clear()

    @staticmethod
    def _without_followers(triggers):
        """Return the dependencies without milestones that follow what Odoo's own models hold."""
        return {
            field: {
                path: kept
                for path, followers in paths.items()
                if (kept := type(followers)(follower for follower in followers if not _follows(field, follower)))
            }
            for field, paths in triggers.items()
        }

    def _added(self, operation, records):
        """Return how many queries an operation costs more for records; it is done twice, and taken back each time."""
        self._counted_in_vain(operation, records)
        with_bridges = self._counted_in_vain(operation, records)
        with self._without_bridges():
            self._counted_in_vain(operation, records)
            return with_bridges - self._counted_in_vain(operation, records)

    def _counted_in_vain(self, operation, records):
        self.env.cr.flush()
        savepoint = self.env.cr.savepoint()
        try:
            return self._queries(lambda: operation(records))
        finally:
            savepoint.rollback()
            savepoint.close(rollback=False)
            self.env.cr.clear()


def _follows(field, follower):
    return field.model_name in EXTENDED and follower.model_name == "sale.order.milestone"
