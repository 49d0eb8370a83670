"""What review and approval of an order cost, measured in one run on one machine; script/benchmark runs it.

Each product has databases of its own, copied from one that holds nothing but Odoo's sales, people, customers and
products, and a process of its own for each part. The parts of the products take turns, in the other direction each
time, so that what else the machine does falls on all of them.

A *request* is what a person's click sends: a new cursor and environment of that person, so with empty caches of
records and the caches of a server that has been running, never as superuser; the call, and the commit. What is
measured of it is how many statements it sends to PostgreSQL, how long it takes, and how long the processors of Odoo
and of its PostgreSQL work for it. There is no HTTP, and nothing is drawn.

1.  The life of an order of five lines: entered, submitted, approved step by step by people of that department,
    confirmed. One order in ten is large, and goes on to the general manager.
2.  The screens of a reviewer while many orders wait: they are copied in SQL, evenly over the steps.

Statements are exact. Times of a machine with other work differ by some percent from run to run.
"""
