/** The schema of what a route decides, and of what `defaults` and a service's `defaults` may decide for it: the nearest wins. */
import { Type } from 'typebox';
import { named } from './units.ts';

const closed = { additionalProperties: false } as const;

/** RFC 9110 section 5.1. */
const FIELD_NAME = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+$";
const headerName = Type.String({ pattern: `^${FIELD_NAME}`, errorMessage: 'expected a header name' });

/** RFC 6749 section 3.3. */
const scope = Type.String({ pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$' });

const settings = {
  token: Type.Enum(['required', 'optional', 'none'], {
    description: 'Whether a caller needs a token. `none` skips introspection and scopes.',
    default: 'required',
  }),
  authorization_server: Type.String({
    description: 'Which authorization server is asked; the only one configured is the default.',
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
  policy: Type.String({
    description: 'Rego entrypoint, such as accounts/allow; `none` must be said, never implied.',
    pattern: '^(none|[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)+)$',
    errorMessage: 'expected a Rego entrypoint such as accounts/allow, or none',
  }),
  policy_headers: Type.Array(headerName, {
    description: 'What the policy may set towards the upstream; removed from every request first.',
    default: [],
  }),
  identity_headers: Type.Object(
    {
      claims: Type.Record(Type.String(), headerName, {
        ...named,
        description: 'Claims sent upstream, each by its header name.',
        default: {},
      }),
      // `${JWT:-false}` is text at first, and no header's name.
      jwt: Type.Union([Type.String({ pattern: `^(?!(?:true|false)$)${FIELD_NAME}` }), Type.Literal(false)], {
        description: 'The header that carries the phantom JWT (authorization: as Bearer), or false.',
        errorMessage: 'expected the header that carries the phantom JWT (authorization: as Bearer), or false',
        default: 'authorization',
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
