"""The API of MFT Gateway, as its programs use it: docs/reference/mft.md says what is the same, different and absent."""
