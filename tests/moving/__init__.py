"""An app whose five migrations take a while each: `migrate` is killed in them, and what stands then is looked at (killing.py)."""
