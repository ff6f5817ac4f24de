"""A bookshop to try things on: books of the public domain, editions, covers, and two people.

The books stand in `shelves/`, one TOML file per category; edit them there. `manage.py load_demo` puts them on sale.
"""
