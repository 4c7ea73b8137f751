/** The schema of the public listener: where clients call, whom it believes, what it bears. */
import { Type } from 'typebox';
import { byHeaderName, closed, Duration, FIELD_NAME, listener, Size, Timeout } from './units.ts';

const Limits = Type.Object(
  {
    header_size: Size({
      description: 'Of a request’s target and header fields together; more is 431.',
      default: '32KiB',
    }),
    header_count: Type.Integer({
      description: 'Header fields of a request; more is 431.',
      default: 100,
      minimum: 1,
    }),
    url_length: Size({ description: 'Of a request’s target; more is 414.', default: '8KiB' }),
    header_timeout: Timeout({ description: 'For a request’s head to arrive; later is 408.', default: '15s' }),
    body_timeout: Timeout({
      description: 'For the next of a request’s body to arrive; later is 408.',
      default: '60s',
    }),
    idle_timeout: Timeout({ description: 'Between two requests of a connection.', default: '75s' }),
    connections: Type.Integer({
      description: 'Open connections in all; one more is answered with 503.',
      default: 10_000,
      minimum: 1,
    }),
    connections_per_address: Type.Integer({
      description:
        'Open connections of one address (of IPv6, a /64); one more is answered with 429. Trusted proxies are exempt.',
      default: 1_000,
      minimum: 1,
    }),
  },
  { ...closed, default: {}, description: 'What a client may cost.' },
);

export const Server = Type.Object(
  {
    ...listener('0.0.0.0', 8080, 'the proxy'),
    trusted_proxies: Type.Array(Type.String(), {
      description:
        'Addresses or CIDR blocks of the proxies in front of Portcullis. Only from these are ' +
        'X-Forwarded-For, -Proto, -Host, -Port and -Prefix and traceparent believed.',
      default: [],
    }),
    via: Type.String({
      description: 'How Portcullis names itself in Via (RFC 9110 section 7.6.3), both ways.',
      pattern: `^${FIELD_NAME}`,
      errorMessage: 'expected a name such as portcullis or gateway.example.com',
      default: 'portcullis',
    }),
    // `${X:-false}` is text at first, and no field's value.
    response_headers: Type.Record(
      Type.String(),
      Type.Union([Type.String({ pattern: '^(?!(?:true|false)$)' }), Type.Literal(false)], {
        errorMessage: 'expected the field’s value, or false to remove it',
      }),
      {
        ...byHeaderName,
        description:
          'Header fields of every answer, refusals included: a value replaces what the upstream said, false removes it.',
        default: {},
      },
    ),
    limits: Limits,
    drain: Duration({
      description: 'How long requests in flight may take to end after SIGTERM.',
      default: '10s',
    }),
  },
  { ...closed, default: {}, description: 'The public listener, where clients call.' },
);
