#!/usr/bin/env bash
# Calls the server through the MCP Inspector's command line (Node 22.19 or newer).
#
#   tests/clients/inspector.sh autotask-mcp --sandbox
#   tests/clients/inspector.sh autotask-mcp
#   AUTOTASK_HTTP_TOKEN=… tests/clients/inspector.sh http://127.0.0.1:3000/mcp
#
# INSPECTOR overrides the command that starts it, which is npx by default.
set -euo pipefail

inspector=${INSPECTOR:-npx --yes @modelcontextprotocol/inspector@2.12.0}
server=("$@")

# The server's command line comes after `--`, because the Inspector would parse its flags.
inspect() {
  case ${server[0]} in
    http*) $inspector --cli "$@" --format json --header "Authorization: Bearer $AUTOTASK_HTTP_TOKEN" --stored-auth-only --transport http --server-url "${server[0]}" ;;
    *) $inspector --cli "$@" --format json "${settings[@]}" -- "${server[@]}" ;;
  esac
}

settings=()
for name in $(compgen -e | grep '^AUTOTASK_' || true); do
  settings+=(-e "$name=${!name}")
done

expect() {
  if ! grep -q -- "$1" <<<"$2"; then
    printf 'expected %s in:\n%s\n' "$1" "$2" >&2
    exit 1
  fi
  printf 'ok: %s\n' "$3"
}

for era in legacy modern; do
  expect '"search-tickets"' "$(inspect --method tools/list --strict --protocol-era "$era")" "$era: tools/list, portable schemas"
done
expect 'autotask://threshold' "$(inspect --method resources/list)" 'resources/list'
expect 'autotask://tickets/{id}' "$(inspect --method resources/templates/list)" 'resources/templates/list'
expect '"my-day"' "$(inspect --method prompts/list)" 'prompts/list'
expect 'Jonah' "$(inspect --method prompts/get --prompt-name my-day --prompt-args 'resource=Jonah')" 'prompts/get'
expect 'TicketNotes' "$(inspect --method tools/call --tool-name list-known-entities --tool-arg search=ticketnote)" 'list-known-entities'

# Exit code 5 is a tool error, which is expected without credentials.
status=0
found=$(inspect --method tools/call --tool-name search-tickets --tool-args-json '{"openOnly":true,"maxRecords":2}') || status=$?
case $status in
  0) expect 'ticketNumber' "$found" 'search-tickets' ;;
  5)
    expect 'not-configured' "$found" 'search-tickets reports the missing credentials'
    exit 0
    ;;
  *) printf '%s\n' "$found" >&2 && exit "$status" ;;
esac

status=0
preview=$(inspect --method tools/call --tool-name create-company --tool-args-json '{"companyName":"Seen by the Inspector","companyType":1,"phone":"555-0100","ownerResourceID":3001}') || status=$?
expect 'confirm-required' "$preview" 'create-company returns a preview'
expect 'currentTimeframeRequestCount' "$(inspect --method resources/read --uri autotask://threshold)" 'resources/read'
