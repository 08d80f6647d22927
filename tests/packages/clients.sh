# Installs the packages in the clients that use them.

bundle() {
  mcpb unpack "$packages"/*.mcpb bundle
  mcpb validate bundle/manifest.json
  mcpb pack bundle again.mcpb >/dev/null
  # Without user input the server is read-only.
  expect '18 tools' node "$root/tests/packages/mcpb.mjs" bundle '{}'
  expect 'get-version: ok' node "$root/tests/packages/mcpb.mjs" bundle '{"sandbox":true}'
  expect '29 tools' node "$root/tests/packages/mcpb.mjs" bundle '{"read_only":false,"sandbox":true}'
}

inspector() {
  unpack
  INSPECTOR=mcp-inspector "$root/tests/clients/inspector.sh" "$PWD/autotask-mcp" --sandbox
}

claude_plugin() {
  claude plugin validate --strict --profile directory "$root/plugin"
  claude plugin validate "$root"
  claude plugin marketplace add "$root"
  claude plugin install autotask@autotask-mcp
  echo '{"username":"key@example.com","secret":"a secret value","integration_code":"CODE1234","sandbox":"true"}' |
    claude plugin configure autotask@autotask-mcp --values-stdin
  expect 'Connected' from_registry claude mcp list
  expect 'dueDateTime' from_registry node "$root/tests/packages/model.mjs" search-tickets \
    '{"openOnly":true,"dueBefore":"today","fields":"title,dueDateTime"}' \
    claude --print 'What is overdue?' --allowedTools mcp__plugin_autotask_autotask__search-tickets
  absent grep -r 'a secret value' "$HOME/.claude/settings.json" "$HOME/.claude.json"
  # On Linux the secrets are in a file that only the user can read; other systems have a key store.
  [[ $OSTYPE != linux* ]] || [[ $(ls -l "$HOME/.claude/.credentials.json") == -rw-------* ]]
}

claude_servers() {
  unpack
  claude mcp add --scope user autotask --env AUTOTASK_READ_ONLY=true -- "$PWD/autotask-mcp"
  claude mcp add --scope user sandbox -- "$PWD/autotask-mcp" --sandbox
  claude mcp list | tee list
  test "$(grep -c 'Connected' list)" = 2
}

codex_server() {
  unpack
  codex mcp add autotask --env AUTOTASK_SECRET=abc -- "$PWD/autotask-mcp" --sandbox
  expect 'AUTOTASK_SECRET=*****' codex mcp list
}

gemini_server() {
  unpack
  gemini mcp add --scope user autotask "$PWD/autotask-mcp" --sandbox
  expect 'autotask' gemini mcp list
  gemini extensions validate "$root/plugin"
}

skills() {
  skillsaw lint "$root/plugin"
  expect 'Errors:   0' skillsaw lint "$packages"
}

workflows() {
  local file
  for file in "$root"/.github/workflows/*.yml; do
    node "$root/tests/packages/workflows.mjs" "$file"
  done
  zizmor --offline --quiet "$root/.github"
}

licenses() {
  cargo deny --manifest-path "$root/Cargo.toml" --offline check licenses bans sources
}

check 'MCPB bundle' mcpb bundle
check 'archive: MCP Inspector' mcp-inspector inspector
check 'Claude Code: plugin, and an answer to "What is overdue?"' claude claude_plugin
check 'Claude Code: mcp add' claude claude_servers
check 'Codex: mcp add' codex codex_server
check 'Gemini CLI: mcp add, extension' gemini gemini_server
check 'skills' skillsaw skills
check 'workflows' zizmor workflows
check 'licenses, bans, sources' cargo-deny licenses
