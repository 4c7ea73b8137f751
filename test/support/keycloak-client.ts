/** What applications, users, introspecting clients and administrators do at a Keycloak under test. */
import { ADMINISTRATOR, type Keycloak } from './keycloak.ts';

/** An answer of the token endpoint: the tokens that the grant gave. */
export type Tokens = {
  readonly access_token: string;
  readonly refresh_token?: string;
  readonly id_token?: string;
};

type Application = { readonly client?: string; readonly realm?: string };

/** Where a browser comes back to; nobody listens there. */
const CALLBACK = 'http://127.0.0.1/callback';
const SECRET = 'app-secret';

/** Asks the token endpoint as the client `app`, or another one. Rejects with what it said when that is no token. */
export async function takeTokens(
  keycloak: Keycloak,
  form: Readonly<Record<string, string>>,
  { client = 'app', realm, headers = {} }: Application & { headers?: Readonly<Record<string, string>> } = {},
): Promise<Tokens> {
  const response = await fetch(`${keycloak.issuer(realm)}/protocol/openid-connect/token`, {
    method: 'POST',
    headers,
    body: new URLSearchParams({ client_id: client, client_secret: SECRET, ...form }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`no token: ${text}`);
  return JSON.parse(text) as Tokens;
}

/** An access token of an application's own (RFC 6749 section 4.4). */
export const takeToken = async (
  keycloak: Keycloak,
  scope = 'accounts:read',
  application: Application = {},
): Promise<string> =>
  (await takeTokens(keycloak, { grant_type: 'client_credentials', scope }, application)).access_token;

/** The tokens of a user, by the password grant. */
export const takeUserTokens = (
  keycloak: Keycloak,
  username: 'alice' | 'bob',
  scope = 'openid accounts:read',
  application: Application = {},
): Promise<Tokens> =>
  takeTokens(
    keycloak,
    { grant_type: 'password', username, password: `${username}-password`, scope },
    application,
  );

/** Opens the authorization endpoint as a browser without cookies does, and gives the response: a redirect, or a page. */
export const authorize = (
  keycloak: Keycloak,
  parameters: Readonly<Record<string, string>>,
): Promise<Response> =>
  fetch(
    `${keycloak.issuer()}/protocol/openid-connect/auth?${new URLSearchParams({
      client_id: 'app',
      redirect_uri: CALLBACK,
      response_type: 'code',
      ...parameters,
    })}`,
    { redirect: 'manual' },
  );

/** Logs alice in on Keycloak's own page, and gives where the browser is sent back to. */
export async function logIn(
  keycloak: Keycloak,
  parameters: Readonly<Record<string, string>> = {},
): Promise<URL> {
  const page = await authorize(keycloak, { scope: 'openid accounts:read', ...parameters });
  const cookie = page.headers
    .getSetCookie()
    .map((one) => one.split(';')[0])
    .join('; ');
  const action = /action="([^"]+)"/.exec(await page.text())?.[1]?.replaceAll('&amp;', '&');
  if (action === undefined) throw new Error('no form to log in by');
  const sent = await fetch(action, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie },
    body: new URLSearchParams({ username: 'alice', password: 'alice-password' }),
  });
  const location = sent.headers.get('location');
  if (location === null) throw new Error(`not logged in: ${sent.status}`);
  return new URL(location);
}

/** The tokens of a user who has logged in: unlike the password grant's, they say when. */
export async function takeTokensByCode(keycloak: Keycloak): Promise<Tokens> {
  const code = (await logIn(keycloak)).searchParams.get('code') ?? '';
  return takeTokens(keycloak, { grant_type: 'authorization_code', code, redirect_uri: CALLBACK });
}

/** What Keycloak itself says of a token to the client `portcullis`, or another one with its secret. */
export async function introspected(
  keycloak: Keycloak,
  token: string,
  { client = 'portcullis', accept = 'application/jwt' } = {},
): Promise<{ readonly type: string | null; readonly body: Record<string, unknown> }> {
  const response = await fetch(`${keycloak.issuer()}/protocol/openid-connect/token/introspect`, {
    method: 'POST',
    headers: { accept },
    body: new URLSearchParams({ client_id: client, client_secret: 'portcullis-secret', token }),
  });
  return {
    type: response.headers.get('content-type'),
    body: (await response.json()) as Record<string, unknown>,
  };
}

/** Ends the session that a refresh token belongs to, as an application does when its user logs out. */
export async function logOut(keycloak: Keycloak, refreshToken: string): Promise<void> {
  const response = await fetch(`${keycloak.issuer()}/protocol/openid-connect/logout`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'app', client_secret: SECRET, refresh_token: refreshToken }),
  });
  if (!response.ok) throw new Error(`not logged out: ${response.status}`);
}

/** Revokes a token (RFC 7009). */
export async function revoke(keycloak: Keycloak, token: string): Promise<void> {
  const response = await fetch(`${keycloak.issuer()}/protocol/openid-connect/revoke`, {
    method: 'POST',
    body: new URLSearchParams({ client_id: 'app', client_secret: SECRET, token }),
  });
  if (!response.ok) throw new Error(`not revoked: ${response.status}`);
}

/** One call of the administrator to the REST API below a realm; gives what it answers, null where that is nothing. */
export async function administer(
  keycloak: Keycloak,
  method: 'GET' | 'POST' | 'PUT',
  path: string,
  body?: object,
  realm = 'portcullis',
): Promise<unknown> {
  const login = { grant_type: 'password', client_id: 'admin-cli', ...ADMINISTRATOR };
  const granted = await fetch(`${keycloak.issuer('master')}/protocol/openid-connect/token`, {
    method: 'POST',
    body: new URLSearchParams(login),
  });
  const { access_token } = (await granted.json()) as Tokens;
  const response = await fetch(`${keycloak.url}/admin/realms/${realm}${path}`, {
    method,
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? null : (JSON.parse(text) as unknown);
}

/** Adds a signing key that goes before all others of the realm: one that Keycloak makes, or this one (PEM). */
export async function addSigningKey(
  keycloak: Keycloak,
  priority: number,
  pem?: string,
  realm?: string,
): Promise<void> {
  const { id } = (await administer(keycloak, 'GET', '', undefined, realm)) as { id: string };
  const config = { priority: [String(priority)], enabled: ['true'], active: ['true'], algorithm: ['RS256'] };
  await administer(
    keycloak,
    'POST',
    '/components',
    {
      name: `key-${priority}`,
      parentId: id,
      providerType: 'org.keycloak.keys.KeyProvider',
      providerId: pem === undefined ? 'rsa-generated' : 'rsa',
      config: { ...config, ...(pem === undefined ? {} : { privateKey: [pem] }) },
    },
    realm,
  );
}
