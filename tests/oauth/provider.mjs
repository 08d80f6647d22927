// A real OpenID provider (npm oidc-provider) on a port of this machine; it signs everybody in without asking.
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

export const EMAIL = "Maren.Holt@tidewater.example.test";
/** Seconds that an access token is valid. */
const TTL = 60;

function signingKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" };
}

function provider(issuer, keys) {
  return new Provider(issuer, {
    jwks: { keys },
    cookies: { keys: [randomUUID()] },
    scopes: ["openid", "offline_access", "mcp"],
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    extraTokenClaims: () => ({ email: EMAIL, roles: ["full"] }),
    issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
    interactions: { url: (_, interaction) => `${issuer}/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      registration: { enabled: true },
      resourceIndicators: {
        enabled: true,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, audience) => ({
          audience,
          scope: "mcp",
          accessTokenFormat: "jwt",
          accessTokenTTL: TTL,
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
  });
}

/** Signs in and agrees to everything that the client asks for. */
async function interact(provider, request, response) {
  const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
  if (prompt.name === "login") {
    return provider.interactionFinished(request, response, { login: { accountId: "maren" } });
  }
  const grant = grantId
    ? await provider.Grant.find(grantId)
    : new provider.Grant({ accountId: session.accountId, clientId: params.client_id });
  const { missingOIDCScope: scopes = [], missingResourceScopes: resources = {} } = prompt.details;
  if (scopes.length) grant.addOIDCScope(scopes.join(" "));
  for (const [resource, scopes] of Object.entries(resources)) grant.addResourceScope(resource, scopes.join(" "));
  const consent = { grantId: await grant.save() };
  return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

/**
 * Opens a provider. Its clock and keys can be changed with `POST /test/clock?seconds=N` and `POST /test/rotate`, and
 * `GET /test/refreshes` counts refreshed tokens.
 */
export async function open() {
  const now = Date.now;
  const keys = [signingKey()];
  let refreshes = 0;
  let current;
  const server = createServer(async (request, response) => {
    const url = new URL(request.url, "http://localhost");
    if (url.pathname === "/test/clock") {
      const offset = Number(url.searchParams.get("seconds")) * 1000;
      Date.now = () => now() + offset;
      return response.end();
    }
    if (url.pathname === "/test/rotate") {
      // The first key signs; tokens of the others are still valid.
      keys.unshift(signingKey());
      current = make();
      return response.end();
    }
    if (url.pathname === "/test/refreshes") return response.end(String(refreshes));
    if (url.pathname.startsWith("/interaction/")) return interact(current, request, response);
    return current.callback()(request, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const make = () => {
    const made = provider(issuer, keys);
    made.on("grant.success", (ctx) => (refreshes += ctx.oidc.params.grant_type === "refresh_token" ? 1 : 0));
    made.on("server_error", (_, error) => console.error(error));
    return made;
  };
  current = make();
  return { issuer, stop: () => server.close() };
}
