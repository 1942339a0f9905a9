"""What tests of a gateway, ours and its users', put in the place of the world."""

from acuse.testing.world import FixedWorld

__all__ = ["FixedWorld"]
