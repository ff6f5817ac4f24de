"""A local stand-in for Stripe: a separate program that imports nothing of the shop."""
