"""The documented JavaScript, unchanged but for its URL and key, run by Node.js. (Its curl line is in test_sending.)

What the samples leave to their reader (generateUUID, the store of orders, the web framework) stands around them here.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.peers.samples import send_body
from tests.peers.waiting import wait_until
from tests.peers.wire import free_port
from tests.transcripts.native.conftest import Market
from tests.transcripts.native.document import ACCEPTED, X12, assert_like

SEND = """\
// Direct message sending with immediate response
const response = await fetch('https://api.as2aas.com/v1/messages', {
method: 'POST',
headers: {
'Authorization': 'Bearer pk_live_your_api_key',
'Content-Type': 'application/json',
'Idempotency-Key': generateUUID()
},
body: JSON.stringify({
partner_id: 'prt_000001',
subject: 'Business Document',
payload: { content: documentContent },
content_type: 'application/edi-x12'
})
});
const result = await response.json();
"""

QUEUE = """\
// Queue messages for processing with webhook notifications
async function queueMessage(messageData) {
const response = await sendMessage(messageData);
// Store message ID for tracking
await storeMessageReference(response.data.id, messageData.reference);
// Webhook will notify when delivered
return response.data.id;
}
// Webhook handler for delivery notifications
app.post('/webhooks/as2', (req, res) => {
const { event, data } = req.body;
if (event === 'message.delivered') {
updateOrderStatus(data.id, 'delivered');
}
res.status(200).send('OK');
});
"""

AROUND_SEND = """
const generateUUID = () => crypto.randomUUID();
const documentContent = %s;
%s
console.log(JSON.stringify({ status: response.status, result }));
"""

AROUND_QUEUE = """
import http from 'node:http';
const handlers = {};
const app = { post: (path, handler) => { handlers[path] = handler; } };
const say = (what) => console.log(JSON.stringify(what));
const storeMessageReference = async (id, reference) => say({ stored: id, reference });
const updateOrderStatus = (id, status) => say({ updated: id, status });
const sendMessage = async (body) => (await fetch(%s, {
  method: 'POST',
  headers: { 'Authorization': %s, 'Content-Type': 'application/json' },
  body: JSON.stringify(body),
})).json();
%s
http.createServer(async (request, response) => {
  let body = '';
  for await (const piece of request) body += piece;
  const res = { status: (code) => { response.statusCode = code; return res; }, send: (text) => response.end(text) };
  handlers[request.url]({ body: JSON.parse(body) }, res);
}).listen(%d, '127.0.0.1', async () => { say({ id: await queueMessage(%s) }); });
"""


@pytest.fixture(scope="module")
def node() -> str:
    """The command; it may be missing on somebody's own machine, but not in CI."""
    found = shutil.which("node")
    if found is None and os.environ.get("CI") != "true":
        pytest.skip("the node command is missing")
    assert found, "the node command is missing"
    return found


def unchanged_but_for(market: Market, sample: str) -> str:
    replaced = sample.replace("https://api.as2aas.com", market.ours.url)
    return replaced.replace("pk_live_your_api_key", market.ours.api_key)


@pytest.mark.parametrize("document", [X12, "ISA*ünï\n" * 9000], ids=["as in the document", "other values"])
@pytest.mark.documented("Sample code", "Synchronous processing in JavaScript")
def test_documented_fetch_sends_a_message(market: Market, node: str, tmp_path: Path, document: str) -> None:
    script = tmp_path / "send.mjs"
    script.write_text(AROUND_SEND % (json.dumps(document), unchanged_but_for(market, SEND)), encoding="utf-8")

    done = subprocess.run([node, str(script)], capture_output=True, check=True, timeout=60)

    told = json.loads(done.stdout)
    assert 202 == told["status"]
    assert_like({**ACCEPTED, "data": {**ACCEPTED["data"], "compressed": False}}, told["result"])
    assert "Business Document" == market.arrived(told["result"]["data"])["subject"]
    assert document.encode() == market.payload_there(told["result"]["data"])


@pytest.mark.parametrize("partner", ["acme", "other"])
@pytest.mark.documented("Sample code", "Asynchronous processing and the webhook handler in JavaScript")
def test_documented_handler_hears_of_the_delivery(market: Market, node: str, tmp_path: Path, partner: str) -> None:
    port, script, output = free_port(), tmp_path / "queue.mjs", tmp_path / "told.jsonl"
    endpoint = market.ours.cli("webhook", "add", "--url", f"http://127.0.0.1:{port}/webhooks/as2", "--json").json
    message = send_body(market.partner(partner), b"Q") | {"reference": f"order for {partner}"}
    url, key = json.dumps(f"{market.ours.url}/v1/messages"), json.dumps(f"Bearer {market.ours.api_key}")
    script.write_text(AROUND_QUEUE % (url, key, QUEUE, port, json.dumps(message)), encoding="utf-8")

    def told() -> dict[str, object]:
        return {name: value for line in output.read_text().splitlines() for name, value in json.loads(line).items()}

    with output.open("wb") as file, subprocess.Popen([node, str(script)], stdout=file) as process:
        try:
            wait_until(lambda: "updated" in told(), timeout=30, what="the delivery in the handler")
        finally:
            process.terminate()
    assert 0 == market.ours.cli("webhook", "remove", endpoint["id"]).code

    seen = told()
    assert seen["id"] == seen["stored"] == seen["updated"]
    assert (f"order for {partner}", "delivered") == (seen["reference"], seen["status"])
    assert "delivered" == market.ours.message(str(seen["id"]))["status"]
