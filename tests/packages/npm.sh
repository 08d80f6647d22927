# The npm packages from a registry on this machine, as `npx` finds them.

from_registry() {
  node "$root/tests/packages/registry.mjs" "$packages" "$@"
}

npx_calls() {
  expect "$version" from_registry "${npx[@]}" --version
  expect '"items"' from_registry "${npx[@]}" call search-tickets openOnly=true maxRecords=1 --sandbox
  expect_code 1 from_registry "${npx[@]}" call get-ticket id=nonsense --sandbox
}

# The packages depend on each other in this version, and nothing runs at installation.
npm_installs() {
  from_registry npm install --no-audit --no-fund --prefix . @owner/autotask-mcp
  expect "$version" node_modules/.bin/autotask-mcp --version
  absent grep -r '"scripts"' node_modules/@owner/*/package.json
}

# A signal reaches the program, which ends in order.
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
