// Signs in through the TypeScript SDK's OAuth support: discovery, registration, PKCE, refresh.
//
//   node tests/oauth/typescript.mjs MCP-URL ISSUER
import assert from "node:assert/strict";
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [server, issuer] = process.argv.slice(2);
const REDIRECT = "http://127.0.0.1:9/callback";

/** What a browser does: follows redirects with cookies until the client's own address, and returns that. */
async function browse(url) {
  const cookies = new Map();
  for (let location = url; ; ) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(location, { redirect: "manual", headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    const next = response.headers.get("location");
    assert(next, `${response.status} at ${location}: ${await response.text()}`);
    location = new URL(next, location);
    if (location.href.startsWith(REDIRECT)) return location.searchParams;
  }
}

class Account {
  redirectUrl = REDIRECT;
  clientMetadata = {
    client_name: "typescript.mjs",
    redirect_uris: [REDIRECT],
    application_type: "native",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    token_endpoint_auth_method: "none",
  };
  saved = {};
  clientInformation = () => this.saved.client;
  saveClientInformation = (client) => (this.saved.client = client);
  tokens = () => this.saved.tokens;
  saveTokens = (tokens) => (this.saved.tokens = tokens);
  codeVerifier = () => this.saved.verifier;
  saveCodeVerifier = (verifier) => (this.saved.verifier = verifier);
  redirectToAuthorization = async (url) => {
    this.scope = url.searchParams.get("scope");
    this.code = (await browse(url)).get("code");
  };
}

async function connected(account) {
  const client = new Client({ name: "typescript.mjs", version: "1" });
  await client.connect(new StreamableHTTPClientTransport(new URL(server), { authProvider: account }));
  return client;
}

async function signIn() {
  const account = new Account();
  const transport = new StreamableHTTPClientTransport(new URL(server), { authProvider: account });
  const client = new Client({ name: "typescript.mjs", version: "1" });
  await assert.rejects(client.connect(transport), UnauthorizedError);
  assert.match(account.scope, /\bmcp\b/, "the scope comes from the server");
  await transport.finishAuth(account.code);
  return account;
}

async function preview(client) {
  const note = { ticketID: 8107, title: "x", description: "y", noteType: 1, publish: 2 };
  const { content } = await client.callTool({ name: "create-ticket-note", arguments: note });
  assert.match(content[0].text, /in the name of resource 3001/);
}

const control = (path) => fetch(`${issuer}/test/${path}`, { method: "POST" });
const refreshes = async () => Number(await (await control("refreshes")).text());

const account = await signIn();
await preview(await connected(account));
console.log("signed in: the write is previewed in the person's name");

// Issued two minutes ago, the token has expired, and the client gets a new one.
await control("clock?seconds=-180");
const expired = await signIn();
await control("clock?seconds=0");
const before = await refreshes();
await preview(await connected(expired));
assert.equal((await refreshes()) - before, 1);
console.log("an expired token is refreshed");

await control("rotate");
await preview(await connected(await signIn()));
await preview(await connected(account));
console.log("tokens of the new key and of the old one are accepted");
