"""Signs in through the Python SDK's OAuth support: discovery, registration, PKCE, refresh.

python tests/oauth/python.py MCP-URL ISSUER
"""

import asyncio
import sys
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientMetadata

SERVER, ISSUER = sys.argv[1:]
REDIRECT = "http://127.0.0.1:9/callback"
NOTE = {"ticketID": 8107, "title": "x", "description": "y", "noteType": 1, "publish": 2}


class Account:
    """Remembers the client's registration and its tokens, and signs in as a browser does."""

    def __init__(self):
        self.tokens = self.client = self.reached = None

    async def get_tokens(self):
        return self.tokens

    async def set_tokens(self, tokens):
        self.tokens = tokens

    async def get_client_info(self):
        return self.client

    async def set_client_info(self, client):
        self.client = client

    async def browse(self, url):
        async with httpx2.AsyncClient() as browser:
            while not url.startswith(REDIRECT):
                response = await browser.get(url)
                assert response.is_redirect, f"{response.status_code} at {url}: {response.text}"
                url = urljoin(url, response.headers["location"])
        self.reached = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}

    async def callback(self):
        return AuthorizationCodeResult(**{name: self.reached.get(name) for name in ("code", "state", "iss")})


async def preview(account):
    metadata = OAuthClientMetadata(client_name="python.py", redirect_uris=[REDIRECT])
    auth = OAuthClientProvider(SERVER, metadata, account, account.browse, account.callback)
    async with create_mcp_http_client(auth=auth) as http:
        async with Client(streamable_http_client(SERVER, http_client=http)) as client:
            shown = await client.call_tool("create-ticket-note", NOTE)
            assert "in the name of resource 3001" in shown.content[0].text, shown.content[0].text


async def control(path):
    async with httpx2.AsyncClient() as http:
        return (await http.post(f"{ISSUER}/test/{path}")).text


async def main():
    account = Account()
    await preview(account)
    print("signed in: the write is previewed in the person's name")

    # Issued some minutes ago, the token has expired; the client signs in again or gets a new one.
    await control("clock?seconds=-180")
    try:
        await preview(Account())
        raise AssertionError("an expired token was accepted")
    except AssertionError:
        raise
    except Exception as rejected:
        print(f"an expired token is rejected: {type(rejected).__name__}")
    await control("clock?seconds=0")

    await control("rotate")
    await preview(Account())
    await preview(account)
    print("tokens of the new key and of the old one are accepted")


asyncio.run(main())
