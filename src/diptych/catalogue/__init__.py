"""What is true of each component, and what its exercises ask.

It has the names, defaults and exercises of every component, the ledger of all public symbols, and
the atlas that prints them. The site reads this without either framework, so everything here is
NumPy and plain data. It must not import any other room; components are loaded by name.
"""
