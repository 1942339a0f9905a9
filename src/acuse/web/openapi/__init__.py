"""The description of the native API in OpenAPI 3.1: the one source of `/openapi.json` and of the page `/docs`.

Each subject of the API has a file here, with its routes and the shapes of what they take and give.
"""
