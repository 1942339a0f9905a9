"""The client for asyncio. `_sync` is made from this folder by scripts/draw_sync_client.py."""
