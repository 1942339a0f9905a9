"""The client that waits for each answer, made from `_async`."""
