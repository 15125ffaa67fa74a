"""What is asked, and what is true of each component.

The names, defaults and exercises of every component, the ledger of all public symbols, and the
atlas that prints them. Everything here is NumPy and plain data: it is read by the site, which has
neither framework. It must not import any other room; components are loaded by name.
"""
