"""The names of algorithms that people and other products write, and which algorithm each means.

`sha256`, `SHA-256` and `SHA256withRSA` are one; so are `aes128_cbc`, `aes128-cbc` and `AES128_CBC`, and `3DES` and
`DES_EDE3_CBC`.
"""

from acuse.cms import AnyCipher, AnyDigest, Cipher, DecrepitCipher, DecrepitDigest, Digest

_TRIPLE_DES = ("3des", "des3", "tripledes", "desede3cbc")


def digest_named(name: str) -> AnyDigest | None:
    """The digest of a signature; None when the name means none."""
    word = name.strip().lower().replace("_", "-").removesuffix("withrsa")
    return Digest.from_micalg(word) or DecrepitDigest.from_micalg(word)


def cipher_named(name: str) -> AnyCipher | None:
    """The content encryption; None when the name means none."""
    word = name.strip().lower().replace("-", "").replace("_", "")
    if word in _TRIPLE_DES:
        return DecrepitCipher.DES_EDE3_CBC
    return next((cipher for cipher in Cipher if word == cipher.value.replace("_", "")), None)
