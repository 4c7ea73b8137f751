/** The schema of what a route decides, and of what `defaults` and a service's `defaults` may decide for it: the nearest wins. */
import { Type } from 'typebox';
import { closed, Duration, FIELD_NAME, named, Size, Timeout } from './units.ts';

const headerName = Type.String({ pattern: `^${FIELD_NAME}`, errorMessage: 'expected a header name' });

const scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);

const LOCATIONS = ['header', 'query', 'body', 'cookie'] as const;
const located = (location: (typeof LOCATIONS)[number]) =>
  Type.Object({ [location]: Type.String({ minLength: 1 }) }, closed);

/** RFC 6749 section 3.3. */
const scope = Type.String({ pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$' });

const settings = {
  token: Type.Enum(['required', 'optional', 'none'], {
    description: 'Whether a caller needs a token. `none` skips introspection and scopes.',
    default: 'required',
  }),
  authorization_server: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
    description:
      'Which authorization server is asked; the only one configured is the default. Of a list, one: by a JWT’s iss, else by token_prefix.',
    errorMessage: 'expected the name of an authorization server, or a list of names',
  }),
  credential: Type.Array(
    Type.Union(
      [Type.Enum(['header', 'query', 'body', 'cookie']), ...LOCATIONS.map((location) => located(location))],
      {
        errorMessage:
          'expected header, query, body or cookie, or one of them with a name, such as { cookie: session }',
      },
    ),
    {
      minItems: 1,
      description:
        'Where a token may be: header (Authorization), query, body (a form) and cookie, the last three named access_token, or with a name of your own.',
      default: ['header'],
    },
  ),
  hide_credentials: Type.Boolean({
    description: 'Take the token out of the request before the upstream gets it.',
    default: true,
  }),
  jwt_tokens: Type.Enum(['introspect', 'verify', 'refuse'], {
    description:
      'What becomes of a token that is a JWT: it is introspected like any other, verified here (RFC 9068), or refused.',
    default: 'introspect',
  }),
  scopes: Type.Array(
    Type.Union([scope, Type.Array(scope, { minItems: 1 })], {
      description: 'A scope, or a list of which one suffices.',
      errorMessage: 'expected a scope (RFC 6749 section 3.3), or a list of which one suffices',
    }),
    {
      description: 'All of these; a nested list is any of: [[a, b], c] means (a or b) and c.',
      default: [],
    },
  ),
  audience: Type.Array(Type.String({ minLength: 1 }), {
    description: 'Audiences of which the token must carry one.',
    default: [],
  }),
  required_claims: Type.Record(
    Type.String(),
    Type.Union(
      [scalar, Type.Array(scalar, { minItems: 1 }), Type.Object({ present: Type.Boolean() }, closed)],
      {
        errorMessage:
          'expected the value that the claim must have, a list of which one suffices, or { present: true } or false',
      },
    ),
    {
      ...named,
      description:
        'Claims that the token must carry, by name or JSON Pointer (/realm_access/roles): a value, one of a list, or { present: true } or false. A claim that is a list must have one of the values.',
      default: {},
    },
  ),
  step_up: Type.Object(
    {
      acr: Type.Array(
        Type.String({
          pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$',
          errorMessage: 'expected an authentication context class, without blanks',
        }),
        {
          description:
            'Authentication context classes, of which the token’s acr must be one; the best first.',
          default: [],
        },
      ),
      max_age: Type.Optional(
        Timeout({ description: 'How long ago the user may have logged in (auth_time).' }),
      ),
    },
    {
      ...closed,
      default: {},
      description: 'How well, and how lately, the user must have authenticated (RFC 9470).',
    },
  ),
  consumer: Type.Union(
    [
      Type.Object(
        {
          claim: Type.String({
            description: 'The claim, by name or JSON Pointer, that says who it is.',
            default: 'client_id',
            minLength: 1,
          }),
          by: Type.Enum(['id', 'username', 'custom_id'], {
            description: 'What of a consumer it is compared with.',
            default: 'custom_id',
          }),
          required: Type.Boolean({
            description: 'Refuse a token for which there is no consumer.',
            default: true,
          }),
        },
        closed,
      ),
      Type.Literal(false),
    ],
    {
      description: 'Which of `consumers` calls: found by a claim of the token. false looks for none.',
      errorMessage: 'expected { claim, by, required }, or false',
      default: false,
    },
  ),
  anonymous: Type.Union([Type.String({ pattern: '^(?!(?:true|false)$).+$' }), Type.Literal(false)], {
    description:
      'With token: optional, the username of the consumer that stands for a caller without a token.',
    errorMessage: 'expected the username of a consumer, or false',
    default: false,
  }),
  policy: Type.String({
    description: 'Rego entrypoint, such as accounts/allow; `none` must be said, never implied.',
    pattern: '^(none|[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)+)$',
    errorMessage: 'expected a Rego entrypoint such as accounts/allow, or none',
  }),
  policy_timeout: Type.Union([Timeout({ description: 'A duration.' }), Type.Literal(false)], {
    description:
      'How long the policy may take, waiting for a thread of policies.threads included; it is stopped then (503). false evaluates at once, without a limit.',
    errorMessage: 'expected a duration above zero such as 50ms or 1s, or false',
    default: false,
  }),
  policy_headers: Type.Array(headerName, {
    description: 'What the policy may set towards the upstream; removed from every request first.',
    default: [],
  }),
  identity_headers: Type.Object(
    {
      claims: Type.Record(Type.String(), headerName, {
        ...named,
        description: 'Claims sent upstream, each by name or JSON Pointer, with its header name.',
        default: {},
      }),
      // `${JWT:-false}` is text at first, and no header's name.
      jwt: Type.Union([Type.String({ pattern: `^(?!(?:true|false)$)${FIELD_NAME}` }), Type.Literal(false)], {
        description: 'The header that carries the phantom JWT (authorization: as Bearer), or false.',
        errorMessage: 'expected the header that carries the phantom JWT (authorization: as Bearer), or false',
        default: 'authorization',
      }),
      credential: Type.Boolean({
        description: 'Send what is known of the token: X-Credential-Scope, -Client-ID, -Sub, -Exp and so on.',
        default: false,
      }),
      consumer: Type.Boolean({
        description:
          'Send who calls: X-Consumer-ID, -Username, -Custom-ID, -Groups, or X-Anonymous-Consumer.',
        default: false,
      }),
    },
    { ...closed, default: {} },
  ),
  forward_unverified_authorization: Type.Boolean({
    description: 'Send Authorization upstream on routes that did not verify it.',
    default: false,
  }),
  preserve_host: Type.Boolean({
    description: 'Send the client’s Host upstream instead of the upstream’s own.',
    default: false,
  }),
  strip_prefix: Type.Union([Type.String({ pattern: '^/.*[^/]$' }), Type.Literal(false)], {
    description:
      'Beginning of the path that the upstream does not get, such as /api; it gets it as X-Forwarded-Prefix.',
    errorMessage: 'expected the beginning of a path such as /api, without a slash at its end, or false',
    default: false,
  }),
  rewrite: Type.Union([Type.String({ pattern: '^/' }), Type.Literal(false)], {
    description:
      'The path that the upstream gets, as a pattern such as /v2/users/{id} or /files/** of what the route’s own matched.',
    errorMessage: 'expected a path pattern such as /v2/users/{id} or /files/**, or false',
    default: false,
  }),
  body: Type.Object(
    {
      max_size: Size({ description: 'Of a request’s body; more is 413.', default: '10MiB' }),
      credential_max_size: Size({
        description:
          'Of a form in which a token may be (credential: [body]), 1MiB at most; more is 413, and so are more than 1,000 fields.',
        default: '64KiB',
      }),
    },
    { ...closed, default: {} },
  ),
  cors: Type.Object(
    {
      origins: Type.Array(Type.String(), {
        description:
          'Origins whose pages may call, such as https://app.example.com or https://*.example.com; * is any. None: no CORS.',
        default: [],
      }),
      headers: Type.Array(headerName, {
        description: 'Header fields that such a page may send.',
        default: ['Authorization', 'Content-Type'],
      }),
      expose_headers: Type.Array(headerName, {
        description: 'Header fields of the answer that such a page may read.',
        default: ['WWW-Authenticate'],
      }),
      credentials: Type.Boolean({
        description: 'May the page’s calls carry cookies and the like? Not together with the origin *.',
        default: false,
      }),
      max_age: Duration({
        description: 'How long a browser may keep the answer to a preflight.',
        default: '10m',
      }),
    },
    { ...closed, default: {}, description: 'Cross-origin calls, answered here and not by the upstream.' },
  ),
  dangerously_forward_method_override: Type.Boolean({
    description:
      'Let X-HTTP-Method-Override and its kin pass: the upstream may then do another method than the one that was judged.',
    default: false,
  }),
  ambiguous_paths: Type.Object(
    {
      allow: Type.Array(Type.Enum(['%2F', '%3F', '%23', '%25', ';', '//']), {
        description: 'Ambiguous forms that this route’s upstream is known to read as Portcullis does.',
        default: [],
      }),
    },
    { ...closed, default: {} },
  ),
};

/** Every route setting with its default: what a merged route is completed and validated with. */
export const RouteSettings = Type.Object(settings, closed);
