"""Asks a person through the Python MCP SDK (mcp==2.3.0), in both eras.

python tests/clients/elicit.py autotask-mcp

Accept writes; decline, cancel and an empty box do not; a client without elicitation needs a code.
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


async def asked(mode, answer):
    heard = []

    async def person(context, params):
        heard.append(params.message)
        return answer

    async with Client(server(), mode=mode, elicitation_callback=person) as client:
        result = await client.call_tool("create-contact", CONTACT)
        return result, heard


async def unasked(mode):
    async with Client(server(), mode=mode) as client:
        shown = await client.call_tool("create-contact", CONTACT)
        assert text_of(shown).startswith("confirm-required"), text_of(shown)
        refused = await client.call_tool("create-contact", CONTACT | {"confirm": "CREATE_CONTACT"})
        assert text_of(refused).startswith("confirm-mismatch"), text_of(refused)
        code = shown.structured_content["error"]["accepted"].removeprefix("confirm: ")
        written = await client.call_tool("create-contact", CONTACT | {"confirm": code})
        assert not written.is_error, text_of(written)
        print(f"{mode}: without elicitation a code was needed, and wrote {text_of(written)}")


async def main():
    for mode in ("legacy", "auto"):
        rows = [
            (ElicitResult(action="accept", content={"confirm": True}), True),
            (ElicitResult(action="accept", content={}), False),
            (ElicitResult(action="accept", content={"confirm": False}), False),
            (ElicitResult(action="decline"), False),
            (ElicitResult(action="cancel"), False),
        ]
        for answer, writes in rows:
            result, heard = await asked(mode, answer)
            assert len(heard) == 1 and heard[0].startswith("Create Contact (\"Ada Ebb\""), heard
            assert result.is_error != writes, text_of(result)
            if writes:
                assert json.loads(text_of(result))["itemId"]
            else:
                assert text_of(result).startswith("confirm-required: Not written"), text_of(result)
            print(f"{mode}: {answer.action} {answer.content}: {text_of(result).splitlines()[0]}")
        await unasked(mode)
    print("all good")


asyncio.run(main())
