"""Touching the network: posting to partners."""
