"""Send a file and wait for its receipt: `python send_and_wait.py prt_000001 order.x12`."""

import sys
from pathlib import Path

from acuse_client import Acuse

partner, file = sys.argv[1], Path(sys.argv[2])
with Acuse.from_environment() as acuse:
    accepted = acuse.messages.send(partner, file, subject=f"Order in {file.name}")
    message = acuse.messages.wait(accepted["id"], timeout=60)
print(message["id"], message["status"])
sys.exit(0 if message["status"] == "delivered" else 1)
