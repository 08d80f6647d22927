# Checks the archive (program, completions, manual page), the checksums, the systemd unit and the crates.

unpack() {
  case $OSTYPE in
    msys*) unzip -q "$packages"/autotask-mcp-"$version"-*.zip && mv autotask-mcp-"$version"-*/* . ;;
    *) tar -xzf "$packages"/autotask-mcp-"$version"-*.tar.gz --strip-components=1 ;;
  esac
}

archive() {
  unpack
  expect "$version" ./autotask-mcp --version
  expect '"items"' ./autotask-mcp call search-tickets openOnly=true maxRecords=1 --sandbox
  expect_code 1 ./autotask-mcp call get-ticket id=nonsense --sandbox
  test -s LICENSE && test -s README.md
}

bash_completion() {
  unpack
  expect 'doctor' bash --norc -c '
    source completions/autotask-mcp.bash
    COMP_WORDS=(autotask-mcp do) COMP_CWORD=1
    [[ $(complete -p autotask-mcp) =~ -F\ ([^ ]+) ]]
    ${BASH_REMATCH[1]} autotask-mcp do autotask-mcp
    echo "${COMPREPLY[@]}"'
}

zsh_completion() {
  unpack
  expect '_autotask-mcp' zsh -f -c '
    fpath=($PWD/completions $fpath)
    autoload -Uz compinit && compinit -u -d dump
    echo $_comps[autotask-mcp]'
}

manual() {
  unpack
  expect 'autotask-mcp(1)' man -l man/autotask-mcp.1
}

checksums() {
  (cd "$packages" && sha256sum --check --strict SHA256SUMS)
}

unit() {
  unpack
  sed "s|^ExecStart=.*|ExecStart=$PWD/autotask-mcp|" "$root/deploy/systemd/autotask-mcp.service" >autotask-mcp.service
  systemd-analyze verify ./autotask-mcp.service
}

crates() {
  cargo package --workspace --exclude xtask --no-verify --allow-dirty --offline --quiet \
    --manifest-path "$root/Cargo.toml" --target-dir "$root/target/crates"
  ls "$root"/target/crates/package/*.crate
}

check 'archive' bash archive
check 'archive: completions in bash' bash bash_completion
check 'archive: completions in zsh' zsh zsh_completion
check 'archive: manual page' man manual
check 'archive: systemd unit' systemd-analyze unit
check 'checksums' sha256sum checksums
CARGO_HOME=${CARGO_HOME:-$HOME/.cargo} RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup}
export CARGO_HOME RUSTUP_HOME
check 'crates' cargo crates
