"""Elicitation through the Python MCP SDK (mcp==2.3.0), with the older and the newer protocol.

python tests/clients/elicit.py autotask-mcp

Only an accepted, checked form writes; a client without elicitation needs a code.
"""

import asyncio
import json
import sys

from mcp import Client, StdioServerParameters
from mcp.types import ElicitResult

COMMAND = sys.argv[1]
SETTINGS = {"AUTOTASK_CONFIRM_MODE": "elicit"}
CONTACT = {"companyID": 412, "firstName": "Ada", "lastName": "Ebb"}


def text_of(result):
    return result.content[0].text


def server():
    return StdioServerParameters(command=COMMAND, args=["--sandbox"], env=SETTINGS)


async def call_with_elicitation(mode, reply):
    messages = []

    async def user(context, params):
        messages.append(params.message)
        return reply

    async with Client(server(), mode=mode, elicitation_callback=user) as client:
        result = await client.call_tool("create-contact", CONTACT)
        return result, messages


async def call_without_elicitation(mode):
    async with Client(server(), mode=mode) as client:
        preview = await client.call_tool("create-contact", CONTACT)
        assert text_of(preview).startswith("confirm-required"), text_of(preview)
        rejected = await client.call_tool("create-contact", CONTACT | {"confirm": "CREATE_CONTACT"})
        assert text_of(rejected).startswith("confirm-mismatch"), text_of(rejected)
        code = preview.structured_content["error"]["accepted"].removeprefix("confirm: ")
        written = await client.call_tool("create-contact", CONTACT | {"confirm": code})
        assert not written.is_error, text_of(written)
        print(f"{mode}: without elicitation, a code was required: {text_of(written)}")


async def main():
    for mode in ("legacy", "auto"):
        rows = [
            (ElicitResult(action="accept", content={"confirm": True}), True),
            (ElicitResult(action="accept", content={}), False),
            (ElicitResult(action="accept", content={"confirm": False}), False),
            (ElicitResult(action="decline"), False),
            (ElicitResult(action="cancel"), False),
        ]
        for reply, writes in rows:
            result, messages = await call_with_elicitation(mode, reply)
            assert len(messages) == 1 and messages[0].startswith("Create Contact (\"Ada Ebb\""), messages
            assert result.is_error != writes, text_of(result)
            if writes:
                assert json.loads(text_of(result))["itemId"]
            else:
                assert text_of(result).startswith("confirm-required: Not written"), text_of(result)
            print(f"{mode}: {reply.action} {reply.content}: {text_of(result).splitlines()[0]}")
        await call_without_elicitation(mode)
    print("passed")


asyncio.run(main())
