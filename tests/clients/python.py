"""Calls the server through the Python MCP SDK (mcp==2.3.0).

python tests/clients/python.py autotask-mcp --sandbox
python tests/clients/python.py autotask-mcp
AUTOTASK_HTTP_TOKEN=… python tests/clients/python.py http://127.0.0.1:3000/mcp

With the sandbox, over HTTP, or with credentials in the environment, every step must succeed.
Without credentials the tools are still listed, and a call reports the missing variables.
"""

import asyncio
import json
import os
import sys
from contextlib import asynccontextmanager

from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client
from mcp.types import PromptReference

COMMAND, *ARGUMENTS = sys.argv[1:]
CREDENTIALS = ["AUTOTASK_USERNAME", "AUTOTASK_SECRET", "AUTOTASK_INTEGRATION_CODE"]
# By default, the SDK passes only a few variables to the server.
SETTINGS = {name: value for name, value in os.environ.items() if name.startswith("AUTOTASK_")}
OVER_HTTP = COMMAND.startswith("http")
CAN_CALL = OVER_HTTP or "--sandbox" in ARGUMENTS or any(name in SETTINGS or f"{name}_FILE" in SETTINGS for name in CREDENTIALS)


def text_of(result):
    return result.content[0].text


async def read(client):
    found = await client.call_tool("search-tickets", {"openOnly": True, "maxRecords": 3})
    assert not found.is_error, text_of(found)
    tickets = json.loads(text_of(found))["items"]
    print(f"search-tickets: {[ticket['ticketNumber'] for ticket in tickets]}")

    counted = await client.call_tool(
        "count-entity", {"entity": "Companies", "query": {"filter": [{"op": "exist", "field": "id"}]}}
    )
    print(f"count-entity: {text_of(counted)}")

    prompts = [prompt.name for prompt in (await client.list_prompts()).prompts]
    assert "ticket-brief" in prompts, prompts
    if tickets:
        number = tickets[0]["ticketNumber"]
        brief = await client.get_prompt("ticket-brief", {"ticket": number})
        assert f'"{number}"' in brief.messages[0].content.text, brief
        reference = PromptReference(type="ref/prompt", name="ticket-brief")
        completed = await client.complete(reference, {"name": "ticket", "value": number})
        assert number in completed.completion.values, completed
        print(f"ticket-brief: {completed.completion.values}")

    threshold = await client.read_resource("autotask://threshold")
    print(f"autotask://threshold: {threshold.contents[0].text}")
    return tickets


async def preview(client, ticket):
    """Without its confirm token, a write is only previewed."""
    response = await client.call_tool("update-ticket", {"id": ticket["id"], "title": "Seen by the Python SDK"})
    assert response.is_error and text_of(response).startswith("confirm-required"), text_of(response)
    print(f"update-ticket: {text_of(response).splitlines()[0]}")


async def call_without_credentials(client):
    response = await client.call_tool("get-version", {})
    assert response.is_error and text_of(response).startswith("not-configured"), text_of(response)
    print(f"get-version: {text_of(response).splitlines()[0]}")


@asynccontextmanager
async def connect(mode):
    if not OVER_HTTP:
        async with Client(StdioServerParameters(command=COMMAND, args=ARGUMENTS, env=SETTINGS), mode=mode) as client:
            yield client
        return
    headers = {"Authorization": f"Bearer {SETTINGS['AUTOTASK_HTTP_TOKEN']}"}
    async with create_mcp_http_client(headers=headers) as http:
        async with Client(streamable_http_client(COMMAND, http_client=http), mode=mode) as client:
            yield client


async def run(mode):
    async with connect(mode) as client:
        tools = (await client.list_tools()).tools
        print(f"\n{mode}: protocol {client.protocol_version}, {len(tools)} tools")
        assert {"search-tickets", "query-entity"} <= {tool.name for tool in tools}

        entities = await client.call_tool("list-known-entities", {"search": "ticketnote"})
        print(f"list-known-entities: {text_of(entities)}")
        invalid = await client.call_tool("search-tickets", {"nonsense": 5})
        assert invalid.is_error and invalid.structured_content["error"]["code"] == "unknown-argument"

        if not CAN_CALL:
            return await call_without_credentials(client)
        tickets = await read(client)
        if tickets and any(tool.name == "update-ticket" for tool in tools):
            await preview(client, tickets[0])


async def main():
    for mode in ("legacy", "auto"):
        await run(mode)
    print("\npassed")


asyncio.run(main())
