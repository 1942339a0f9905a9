"""The `openssl cms` command as a judge: what it verifies and decrypts is right, whatever we think of it.

Debian builds OpenSSL without zlib, so CompressedData is parsed by it but inflated with `asn1crypto`.
"""

import base64
import os
import shutil
import subprocess
import tempfile
import zlib
from pathlib import Path

import pytest
from asn1crypto import cms

from tests.peers.entities import read_entity
from tests.peers.identity import Identity


class OpenSSLRefused(AssertionError):
    """The openssl command said no; the message is its own."""


def require_openssl() -> None:
    """Skip where the command is missing; fail where everything must run."""
    if shutil.which("openssl") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the openssl command is missing, and with CI=true nothing may be skipped")
        pytest.skip("the openssl command is not installed")


def verify(content: bytes, signature: bytes, *, certificate: bytes) -> None:
    """Raise OpenSSLRefused unless the detached DER signature over `content` was made with this certificate's key.

    The chain is not built: in AS2 the partner's certificate is trusted as such.
    """
    with _Files(content=content, signature=signature, certificate=certificate) as files:
        files.run(
            "cms -verify -binary -inform DER -in signature -content content"
            " -nointern -certfile certificate -noverify -out verified"
        )


def signature_of(part: bytes) -> bytes:
    """The DER signature in the second part of multipart/signed, whether it came in binary or in base64."""
    entity = read_entity(part)
    is_base64 = entity.headers.get("content-transfer-encoding", "").lower() == "base64"
    return base64.b64decode(entity.body) if is_base64 else entity.body


def sign(content: bytes, identity: Identity, *, digest: str = "sha256", attributes: bool = True) -> bytes:
    """A detached DER signature. Without `attributes` the signature covers the content itself, as some products do."""
    with _Files(content=content, key=identity.key, certificate=identity.certificate) as files:
        return files.run(
            f"cms -sign -binary -in content -signer certificate -inkey key -md {digest} -outform DER"
            + ("" if attributes else " -noattr")
        )


def encrypt(content: bytes, *, certificate: bytes, cipher: str = "aes-128-cbc", stream: bool = False) -> bytes:
    """EnvelopedData in DER, or in BER of indefinite length if it is to be a `stream`."""
    with _Files(content=content, certificate=certificate) as files:
        return files.run(
            f"cms -encrypt -binary -in content -{cipher} -outform DER {'-stream' if stream else ''} certificate"
        )


def decrypt(enveloped: bytes, identity: Identity) -> bytes:
    """The content of EnvelopedData."""
    with _Files(enveloped=enveloped, key=identity.key, certificate=identity.certificate) as files:
        return files.run("cms -decrypt -binary -inform DER -in enveloped -recip certificate -inkey key")


def describe(content_info: bytes) -> str:
    """How OpenSSL prints the structure; it refuses what it cannot parse."""
    with _Files(cms=content_info) as files:
        return files.run("cms -cmsout -noout -print -inform DER -in cms").decode()


def compress(content: bytes) -> bytes:
    """CompressedData (RFC 3274) around `content`."""
    compressed = {
        "version": "v0",
        "compression_algorithm": {"algorithm": "zlib"},
        "encap_content_info": {"content_type": "data", "content": zlib.compress(content)},
    }
    der: bytes = cms.ContentInfo({"content_type": "compressed_data", "content": cms.CompressedData(compressed)}).dump()
    return der


def uncompress(compressed: bytes) -> bytes:
    """The content of CompressedData, whose structure OpenSSL agrees with."""
    assert "id-smime-ct-compressedData" in describe(compressed)
    content: bytes = cms.ContentInfo.load(compressed)["content"].decompressed
    return content


class _Files:
    """Named files in a temporary folder, and the command run inside it."""

    def __init__(self, **contents: bytes) -> None:
        self._contents = contents

    def __enter__(self) -> "_Files":
        self._folder = tempfile.TemporaryDirectory()
        for name, content in self._contents.items():
            Path(self._folder.name, name).write_bytes(content)
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def run(self, arguments: str) -> bytes:
        done = subprocess.run(["openssl", *arguments.split()], cwd=self._folder.name, capture_output=True, check=False)
        if done.returncode != 0:
            raise OpenSSLRefused(done.stderr.decode(errors="replace"))
        return done.stdout
