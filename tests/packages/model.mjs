// A stand-in for the language model of Claude Code: it asks for one call, and repeats what the tool returned.
//
//   node tests/packages/model.mjs TOOL ARGUMENTS COMMAND…    TOOL is the end of a tool's name; ARGUMENTS is JSON
import { spawn } from "node:child_process";
import { createServer } from "node:http";

const [tool, input, command, ...args] = process.argv.slice(2);
const call = (id, name, input) => ({ stop: "tool_use", block: { type: "tool_use", id, name, input } });
const say = (text) => ({ stop: "end_turn", block: { type: "text", text } });

/** Claude Code may offer its tools only after a search for them. */
function next({ tools = [], messages }) {
  const blocks = messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
  const result = (id) => blocks.find((block) => block.tool_use_id === id);
  const answer = result("call");
  if (answer) return say(JSON.stringify(answer.content));
  const name = tools.map((offered) => offered.name).find((name) => name.endsWith(tool));
  if (name) return call("call", name, JSON.parse(input));
  const canSearch = tools.some((offered) => offered.name === "ToolSearch");
  return canSearch && !result("search") ? call("search", "ToolSearch", { query: tool }) : say(`${tool} is not offered`);
}

function events({ block, stop }, model) {
  const isText = block.type === "text";
  const usage = { input_tokens: 1, output_tokens: 1 };
  const message = { id: "message", type: "message", role: "assistant", model, content: [], usage };
  const delta = isText
    ? { type: "text_delta", text: block.text }
    : { type: "input_json_delta", partial_json: JSON.stringify(block.input) };
  return [
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: isText ? { ...block, text: "" } : { ...block, input: {} } },
    { type: "content_block_delta", index: 0, delta },
    { type: "content_block_stop", index: 0 },
    { type: "message_delta", delta: { stop_reason: stop }, usage },
    { type: "message_stop" },
  ];
}

async function respond(request, response) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  if (!request.url.includes("/messages")) return response.writeHead(404).end("{}");
  const body = JSON.parse(Buffer.concat(chunks));
  response.setHeader("content-type", "text/event-stream");
  const lines = events(next(body), body.model).map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  response.end(lines.join(""));
}

const server = createServer(respond);
server.listen(0, "127.0.0.1", () => {
  const env = { ...process.env, ANTHROPIC_BASE_URL: `http://127.0.0.1:${server.address().port}`, ANTHROPIC_API_KEY: "none" };
  spawn(command, args, { stdio: ["ignore", "inherit", "inherit"], env }).on("exit", (code) => process.exit(code ?? 1));
});
