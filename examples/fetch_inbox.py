"""Write every received file into a folder, once: `python fetch_inbox.py FOLDER`.

How far it came stands in the folder; run it as often as you like.
"""

import sys
from pathlib import Path

from acuse_client import Acuse

folder = Path(sys.argv[1])
position = folder / ".position"
after = int(position.read_text()) if position.exists() else 0

with Acuse.from_environment() as acuse:
    for event in acuse.events.list(after=after):
        if event["type"] == "message.received":
            name = event["data"]["id"]
            size = acuse.messages.download(name, folder / f"{name}.edi")
            print(name, size)
        position.write_text(str(event["position"]))
