"""A process that takes messages on a port of its own and answers each with a signed receipt.

    python -m benchmarks.counterpart PORT IDENTITY.der CERTIFICATE... (each as AS2-ID=FILE)

Both products send to it, so that neither is measured with its own receiving side.
"""

import sys
from pathlib import Path

from aiohttp import web

from acuse import cms
from benchmarks.parties import Answering


def main() -> None:
    port, key, certificate, *partners = sys.argv[1:]
    identity = cms.KeyPair(
        cms.load_certificate(Path(certificate).read_bytes()), cms.load_private_key(Path(key).read_bytes())
    )
    known = dict(partner.split("=", 1) for partner in partners)
    answering = Answering(
        identity=identity,
        partners={name: cms.load_certificate(Path(file).read_bytes()) for name, file in known.items()},
    )

    async def take(request: web.Request) -> web.Response:
        receipt = answering.answer(tuple(request.headers.items()), await request.read())
        return web.Response(body=receipt.body, headers=dict(receipt.headers))

    async def ready(_: web.Request) -> web.Response:
        return web.Response()

    application = web.Application(client_max_size=1 << 24)
    application.add_routes([web.post("/", take), web.get("/", ready)])
    web.run_app(application, host="127.0.0.1", port=int(port), print=None, access_log=None)


if __name__ == "__main__":
    main()
