/**
 * An OpenID provider on loopback: the real `oidc-provider`, which requires PKCE and checks codes, clients and redirects. Its
 * pages are replaced by an automatic yes, as whoever `user` is at that moment.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { interactionPolicy, Provider } from "oidc-provider";

export const CLIENT_ID = "atrium-test";
export const CLIENT_SECRET = "atrium-test-secret-0123456789abcdef";

const CALLBACKS = ["127.0.0.1", "localhost"].flatMap((host) =>
  ["google", "microsoft"].map((name) => `http://${host}/api/auth/oidc/${name}/callback`),
);

/** Who is signed in at the provider. */
export type FakeUser = {
  sub: string;
  name?: string;
  email?: string;
  /** absent: the provider says nothing, as Microsoft does for work accounts */
  email_verified?: boolean;
};

export class FakeOpenIdProvider {
  readonly issuer: string;
  user: FakeUser;
  /** the next sign-in is refused at the provider, as by "Cancel" */
  cancels = false;
  readonly #server: Server;

  private constructor(issuer: string, server: Server, user: FakeUser) {
    this.issuer = issuer;
    this.#server = server;
    this.user = user;
  }

  static async start(): Promise<FakeOpenIdProvider> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("the provider has no port");
    const issuer = `http://127.0.0.1:${address.port}`;
    const fake = new FakeOpenIdProvider(issuer, server, { sub: "nobody" });
    const policy = interactionPolicy.base();
    policy.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }), 0);
    const provider = new Provider(issuer, {
      // A native client may come back to any port of loopback (RFC 8252): tests do not know theirs beforehand.
      clients: [{ client_id: CLIENT_ID, client_secret: CLIENT_SECRET, application_type: "native", redirect_uris: CALLBACKS }],
      pkce: { required: () => true },
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
      // As Google and Microsoft do: address and name stand in the ID token itself.
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      cookies: { keys: ["a key for cookies of tests"] },
      interactions: { policy, url: (_context, interaction) => `/interaction/${interaction.uid}` },
      findAccount: (_context, id) => ({ accountId: id, claims: () => ({ ...fake.user, sub: id }) }),
    });
    const serve = provider.callback();
    server.on("request", (request, response) => {
      if (request.url?.startsWith("/interaction/") !== true) return void serve(request, response);
      void fake.#answer(provider, request, response);
    });
    return fake;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((closed) => this.#server.close(() => closed()));
  }

  /** Says yes to whatever the provider asks: who are you, may this client know it. */
  async #answer(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { prompt, params, grantId } = await provider.interactionDetails(request, response);
    if (this.cancels) {
      this.cancels = false;
      await provider.interactionFinished(request, response, { error: "access_denied" }, { mergeWithLastSubmission: false });
      return;
    }
    if (prompt.name === "login" || prompt.name === "select_account") {
      await provider.interactionFinished(request, response, { login: { accountId: this.user.sub }, select_account: {} });
      return;
    }
    const grant =
      (grantId && (await provider.Grant.find(grantId))) ||
      new provider.Grant({ accountId: this.user.sub, clientId: String(params.client_id) });
    grant.addOIDCScope("openid email profile");
    await provider.interactionFinished(
      request,
      response,
      { consent: { grantId: await grant.save() } },
      { mergeWithLastSubmission: true },
    );
  }
}
