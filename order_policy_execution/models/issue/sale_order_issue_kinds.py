"""What goes wrong, how badly, and who settles it unless somebody else is named."""

KINDS = [
    ("delay", "Delay"),
    ("quality", "Quality"),
    ("quantity", "Quantity"),
    ("damage", "Damage"),
    ("payment", "Payment"),
    ("customer", "Customer"),
    ("other", "Other"),
]
SEVERITIES = [("low", "Low"), ("medium", "Medium"), ("high", "High"), ("critical", "Critical")]
STATES = [("open", "Open"), ("in_progress", "In Progress"), ("settled", "Settled")]
# The ready-made departments that settle a kind.
DEPARTMENT_OF_KIND = {
    "delay": "production",
    "quality": "quality",
    "quantity": "logistics",
    "damage": "logistics",
    "payment": "finance",
    "customer": "service",
    "other": "sales",
}
