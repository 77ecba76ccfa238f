"""Proof that an assignment's checks are good: what is right passes, what is wrong is caught."""
