"""Use cases: one public function for each file, which reads like a procedure. They are synchronous and never
commit outside a unit.
"""
