# Installs the wheel with uv and with pip.

uvx_calls() {
  local wheel
  wheel=$(echo "$packages"/*.whl)
  expect "$version" uvx --offline --from "$wheel" autotask-mcp --version
  expect '"items"' uvx --offline --from "$wheel" autotask-mcp call search-tickets openOnly=true maxRecords=1 --sandbox
}

pip_installs() {
  python3 -m venv venv
  local bin=venv/bin
  [ -d $bin ] || bin=venv/Scripts
  $bin/pip install --quiet --no-index "$packages"/*.whl
  expect "$version" $bin/autotask-mcp --version
  # The MCP registry looks for this line.
  grep -r 'mcp-name: io.github.' venv/[lL]ib/
}

check 'wheel: uvx' uvx uvx_calls
check 'wheel: pip' python3 pip_installs
