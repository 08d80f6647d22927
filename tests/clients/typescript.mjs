// Calls the server through both major versions of the TypeScript MCP SDK and both protocol eras; writes nothing.
//
//   node tests/clients/typescript.mjs autotask-mcp --sandbox
//   AUTOTASK_HTTP_TOKEN=… node tests/clients/typescript.mjs http://127.0.0.1:3000/mcp
import assert from "node:assert/strict";
import * as second from "@modelcontextprotocol/client";
import { StdioClientTransport as SecondStdio } from "@modelcontextprotocol/client/stdio";
import { Client as FirstClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as FirstStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as FirstHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [command, ...args] = process.argv.slice(2);
const clientInfo = { name: "typescript.mjs", version: "1" };
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("AUTOTASK_")));
const headers = { Authorization: `Bearer ${process.env.AUTOTASK_HTTP_TOKEN}` };

const generations = [
  { sdk: 1, client: () => new FirstClient(clientInfo), Stdio: FirstStdio, Http: FirstHttp },
  ...["legacy", "auto"].map((mode) => ({
    sdk: 2,
    mode,
    client: () => new second.Client(clientInfo, { versionNegotiation: { mode } }),
    Stdio: SecondStdio,
    Http: second.StreamableHTTPClientTransport,
  })),
];

const text = (result) => result.content[0].text;

async function callServer(client) {
  const tools = (await client.listTools()).tools.map((tool) => tool.name);
  assert(tools.includes("search-tickets") && tools.includes("query-entity"), tools.join());
  const resources = (await client.listResources()).resources.map((resource) => resource.uri);
  assert(resources.includes("autotask://threshold"), resources.join());

  const entities = await client.callTool({ name: "list-known-entities", arguments: { search: "ticketnote" } });
  assert.match(text(entities), /TicketNotes/);
  const found = await client.callTool({ name: "search-tickets", arguments: { openOnly: true, maxRecords: 3 } });
  assert(!found.isError, text(found));
  const [ticket] = JSON.parse(text(found)).items;
  const { contents } = await client.readResource({ uri: `autotask://tickets/${ticket.id}` });
  assert(contents[0].text.includes(ticket.ticketNumber), contents[0].text);

  const prompts = (await client.listPrompts()).prompts.map((prompt) => prompt.name);
  assert(prompts.includes("ticket-brief"), prompts.join());
  const brief = { name: "ticket-brief", arguments: { ticket: ticket.ticketNumber } };
  const { messages } = await client.getPrompt(brief);
  assert(messages[0].content.text.includes(`"${ticket.ticketNumber}"`), messages[0].content.text);
  const reference = { type: "ref/prompt", name: "ticket-brief" };
  const argument = { name: "ticket", value: ticket.ticketNumber };
  const { completion } = await client.complete({ ref: reference, argument });
  assert(completion.values.includes(ticket.ticketNumber), completion.values.join());

  const invalid = await client.callTool({ name: "search-tickets", arguments: { nonsense: 5 } });
  assert.equal(invalid.structuredContent.error.code, "unknown-argument");
  const change = { id: ticket.id, title: "Seen by the TypeScript SDK" };
  const preview = await client.callTool({ name: "update-ticket", arguments: change });
  assert.match(text(preview), /^confirm-required/);
  await assert.rejects(client.callTool({ name: "no-such-tool", arguments: {} }), { code: -32602 });
  return `${tools.length} tools, ticket ${ticket.ticketNumber}`;
}

for (const { sdk, mode, client: newClient, Stdio, Http } of generations) {
  const client = newClient();
  await client.connect(
    command.startsWith("http")
      ? new Http(new URL(command), { requestInit: { headers } })
      : new Stdio({ command, args, env, stderr: "inherit" }),
  );
  const protocol = client.getNegotiatedProtocolVersion?.() ?? "newest protocol of the SDK";
  assert.equal(protocol === "2026-07-28", mode === "auto");
  console.log(`SDK ${sdk}, ${protocol}: ${await callServer(client)}`);
  await client.close();
}
