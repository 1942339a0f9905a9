"""The faces that speak HTTP: partners post to `as2in`, programs call `api`.

Faces translate and nothing else: bytes and fields in, a service's command out; a service's result in, an answer out.
"""
