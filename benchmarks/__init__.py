"""How fast acuse is, and how much memory it takes: measured programs, started by `make bench` and never by the tests.

Rule: every figure is set beside one of the same run, a bare operation or another product, because figures of two
machines, or of one machine at two times, do not compare.
"""
