"""What Alembic runs; each migration is one module in ``versions``."""
