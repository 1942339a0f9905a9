"""The API of as2expert, as its programs use it. What is the same and what is not: docs/reference/as2expert.md."""
