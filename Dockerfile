# syntax=docker/dockerfile:1
# MCP over HTTP on port 3000. As a process of one client, over standard input and output:
#   docker run -i --rm --no-healthcheck --env-file .env -e AUTOTASK_TRANSPORT=stdio autotask-mcp

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --profile dist --locked --bin autotask-mcp \
    && cp target/dist/autotask-mcp /autotask-mcp

# It has the C library, the certificates of public authorities, a user without rights, and no shell.
FROM gcr.io/distroless/cc-debian12:nonroot
# Who publishes an image gives their own; MCP's registry compares the name with that of server.json.
ARG SERVER_NAME=io.github.example/autotask-mcp
ARG SOURCE=https://github.com/example/autotask-mcp
LABEL io.modelcontextprotocol.server.name="${SERVER_NAME}" \
      org.opencontainers.image.title="autotask-mcp" \
      org.opencontainers.image.description="MCP server for Kaseya Autotask PSA" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=build /autotask-mcp /usr/local/bin/autotask-mcp
# A container's port is published by whoever runs it; inside, only all addresses will do.
ENV AUTOTASK_TRANSPORT=http AUTOTASK_HTTP_HOST=0.0.0.0
USER 65532:65532
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=5s CMD ["/usr/local/bin/autotask-mcp", "health"]
ENTRYPOINT ["/usr/local/bin/autotask-mcp"]
