# Installs the npm packages from a local registry, as `npx` does.

from_registry() {
  node "$root/tests/packages/registry.mjs" "$packages" "$@"
}

npx_calls() {
  expect "$version" from_registry "${npx[@]}" --version
  expect '"items"' from_registry "${npx[@]}" call search-tickets openOnly=true maxRecords=1 --sandbox
  expect_code 1 from_registry "${npx[@]}" call get-ticket id=nonsense --sandbox
}

# The packages depend on each other in the same version, and have no install scripts.
npm_installs() {
  from_registry npm install --no-audit --no-fund --prefix . @owner/autotask-mcp
  expect "$version" node_modules/.bin/autotask-mcp --version
  absent grep -r '"scripts"' node_modules/@owner/*/package.json
}

# The launcher passes a signal to the program, which exits with 0.
npm_signal() {
  from_registry npm install --no-audit --no-fund --prefix . @owner/autotask-mcp
  mkfifo input
  node_modules/.bin/autotask-mcp --sandbox <input >/dev/null 2>&1 &
  local started=$!
  exec 9>input
  sleep 1
  kill -TERM $started
  expect_code 0 wait $started
}

npm_without_platform() {
  from_registry npm install --no-audit --no-fund --omit=optional --prefix . @owner/autotask-mcp
  expect 'is not installed' node_modules/.bin/autotask-mcp --version
}

check 'npm: npx' npm npx_calls
check 'npm: install' npm npm_installs
# Windows has no signals.
[[ $OSTYPE == msys* ]] || check 'npm: signals' npm npm_signal
check 'npm: without the platform package' npm npm_without_platform
