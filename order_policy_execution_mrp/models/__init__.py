from . import mrp_production_payment
