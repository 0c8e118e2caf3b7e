"""The demo's company: a contract manufacturer with 150 customers, the same on every machine.

Everything comes from one seed; dates are relative to the day of the first start.
"""
