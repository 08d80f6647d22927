# syntax=docker/dockerfile:1
# MCP over standard input and output, as a process of one client:
#   docker run -i --rm --env-file .env autotask-mcp
# Over HTTP on port 3000; compose.yaml and deploy/kubernetes/ do this:
#   docker run --rm --env-file .env -e AUTOTASK_TRANSPORT=http -p 127.0.0.1:3000:3000 autotask-mcp

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
# The flag as for musl in .cargo/config.toml; Debian 12 has glibc 2.36.
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    RUSTFLAGS="-C link-arg=-Wl,-z,pack-relative-relocs" \
    cargo build --profile dist --locked --bin autotask-mcp \
    && cp target/dist/autotask-mcp /autotask-mcp

# Contains the C library, the certificates of public authorities and an unprivileged user, but no shell.
FROM gcr.io/distroless/cc-debian12:nonroot
# The release workflow passes its own values; MCP's registry compares the name with the one in server.json.
ARG SERVER_NAME=io.github.OWNER/autotask-mcp
ARG SOURCE=https://github.com/OWNER/autotask-mcp
LABEL io.modelcontextprotocol.server.name="${SERVER_NAME}" \
      org.opencontainers.image.title="autotask-mcp" \
      org.opencontainers.image.description="MCP server for Kaseya Autotask PSA" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=build /autotask-mcp /usr/local/bin/autotask-mcp
# Inside the container the server must listen on all addresses; `docker run -p` decides who can reach it.
ENV AUTOTASK_HTTP_HOST=0.0.0.0
USER 65532:65532
EXPOSE 3000
ENTRYPOINT ["/usr/local/bin/autotask-mcp"]
