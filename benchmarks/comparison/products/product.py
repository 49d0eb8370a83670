"""What the measurement asks of a product."""

#: Steps that each order passes, in this order.
STEPS = ("finance", "production", "sales_head")
#: The step that follows for orders of at least BIG_AMOUNT.
BIG_STEP = "general_manager"
BIG_AMOUNT = 100_000.0


class Product:
    """Plain Odoo, or an addon of reviews, with a policy of STEPS and BIG_STEP, in which a step follows another."""

    #: whether there is anything to submit and to approve
    has_review = True
    #: tables whose rows belong to an order by the names of two columns, model and id
    joined_by_name = ()

    def __init__(self, requests, company):
        """
        :param requests: lets people work with Odoo, see ``Requests``
        :param company: who they are, see ``Company``
        """
        self.requests, self.company = requests, company

    def configure(self, env):
        """Set up the steps, once, as superuser."""

    def steps(self, big):
        """The steps of an order, in the order in which they are passed."""
        return (*STEPS, BIG_STEP) if big else STEPS

    def more_values(self):
        """What the salesperson enters besides customer and lines."""
        return {}

    # The life of an order

    def submit(self, order):
        """Ask for review of an order, in a request of its salesperson."""
        raise NotImplementedError

    def approve(self, ref):
        """Approve the step of an order that is next, in a request of its own.

        :param ref: ``OrderRef``
        """
        with self.requests.measured("approve", self.company.reviewer(ref.next_step)) as env:
            self.approve_as_reviewer(env["sale.order"].browse(ref.id))

    def approve_as_reviewer(self, order):
        """Approve the step that is the reviewer's, in a request of that person."""
        raise NotImplementedError

    def ask_customer(self, ref):
        """Let the customer agree, where the policy asks for it."""

    def confirm(self, order):
        """Confirm an order, in a request of its salesperson."""
        order.action_confirm()

    # The screens of a reviewer

    def count_to_do(self, env):
        """The number of orders that wait for a person, as the counter at the top of the screen shows it."""
        raise NotImplementedError

    def read_to_do(self, env, client):
        """Read the first 80 that wait for a person, as the web client does it for the list that the counter opens."""
        raise NotImplementedError

    def own_columns(self):
        """The columns of the list of orders that tell how far the review is."""
        return []

    def more_screens(self, client):
        """Functions of an environment that read something else, by name."""
        return {}
