/** Requests as somebody would write them who wants two programs to read them differently; as bytes, in latin1. */
import * as fc from 'fast-check';
import { words } from './judged.ts';

/** The value of every field that a client may not set. */
export const MARK = 'set-by-the-client';

export type HostileRequest = {
  readonly method: string;
  /** As it is written in the request line. */
  readonly target: string;
  readonly host: string;
  readonly bytes: string;
};

type Written = Partial<Record<'method' | 'host' | 'framing' | 'body', string>> & {
  readonly lines?: readonly string[];
};

/** A request for this target, as it is written. */
export function written(target: string, more: Written = {}): HostileRequest {
  const { method = 'GET', host = 'api.example.com', lines = [], framing = '', body = '' } = more;
  const fields = [`Host: ${host}`, ...lines].map((line) => `${line}\r\n`).join('');
  return { method, target, host, bytes: `${method} ${target} HTTP/1.1\r\n${fields}${framing}\r\n${body}` };
}

const PATHS = words`/admin /admin/people /files/1 /files/1/settings /public/a /raw/a/b /api/v1 /api/v1/users /users/42 /old /old/a/b
  /status / /a /a/b/c/`;
const PIECES = words`/ // /. /.. /./ /../ /..;/ . .. ... %2e %2E %2f %2F %5c %5C \ ; ;a=b %3b %3B %3f %23 %25 %00 %09 %0a %0d%0a %20 %7f
  %2525 %252e %252f %255c %25%32%65 %c0%ae %c0%af %e0%80%af %ff %u002f % %zz %c3%a4 %e2%80%8b %c2%ad %ef%bc%8f %ef%bc%8e %ef%bc%bc
  %e2%81%84 %e2%88%95 %c4%b1 %c5%bf %e2%84%aa %ef%bb%bf %ef%b8%8f %cc%81 %e2%84%80 %e1%ba%9e | [ ] ^ { } " < > ~ @ : , = & $ ! ' ( ) *
  - _ + %7e %41 %2d * # admin ADMIN Admin files settings public raw api v1 users old status`;
const RAW = ['`', '\x7f', '\xc3\xa4', '\xe2\x80\x8b', '\xc0\xaf', '\xff', '\t', '\x01'];

const piece = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.constantFrom(...RAW) },
);

const hex = (character: string): string => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
/** Of ASCII alone: requests are bytes, and ÿ in capitals is none. */
const upperCase = (text: string): string => text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase());
const fullwidth = (character: string): string => {
  const code = character.charCodeAt(0);
  return code > 0x20 && code < 0x7f ? encodeURIComponent(String.fromCharCode(code + 0xfee0)) : character;
};
/** One character of a path, written otherwise. */
const WRITTEN: readonly ((character: string) => string)[] = [
  hex,
  (character) => hex(character).toUpperCase(),
  (character) => `%25${hex(character).slice(1)}`,
  upperCase,
  (character) => character.toLowerCase(),
  fullwidth,
  () => '',
];

type Change = { readonly at: number; readonly write: (character: string) => string };
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(40),
  write: fc.oneof(
    fc.constantFrom(...WRITTEN),
    piece.map((text) => (character: string) => character + text),
  ),
});

/** A path that leads somewhere, with some of it written otherwise. */
const bent = fc.tuple(fc.constantFrom(...PATHS), fc.array(change, { maxLength: 3 })).map(([path, changes]) =>
  changes.reduce((text, { at, write }) => {
    const index = at % (text.length || 1);
    return text.slice(0, index) + write(text[index] ?? '') + text.slice(index + 1);
  }, path),
);
const heaped = fc.array(piece, { maxLength: 6 }).map((pieces) => `/${pieces.join('')}`);
const path = fc.oneof({ weight: 5, arbitrary: bent }, { weight: 1, arbitrary: heaped });

const query = fc
  .array(fc.oneof(piece, fc.constantFrom('?', '=', '&', 'a', '/admin', '\\', '%0d%0aX-User:%20root')), {
    maxLength: 4,
  })
  .map((pieces) => `?${pieces.join('')}`);

const host = fc.oneof(
  { weight: 8, arbitrary: fc.constant('api.example.com') },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      ...words`internal.example.com INTERNAL.example.com internal.example.com. Internal.Example.Com:8080 internal.example.com.:80
        internal.example.com.. x.internal.example.com internal.example.com.x a@internal.example.com internal.example.com@a
        a,internal.example.com internal.example.com;a internal_example.com internal.example.com:99999 internal.example.com:
        internal%2eexample.com xn--nternal-example-com [::1] 127.0.0.1 internal.example.com/ internal.example.com#`,
      '',
      'internal.example.com a',
      'internal\xc2\xad.example.com',
    ),
  },
);

const method = fc.oneof(
  { weight: 6, arbitrary: fc.constant('GET') },
  {
    weight: 4,
    arbitrary: fc.constantFrom(...words`HEAD POST PUT PATCH DELETE OPTIONS QUERY PROPFIND M-SEARCH`),
  },
  { weight: 1, arbitrary: fc.constantFrom(...words`TRACE CONNECT get GETX PRI DESCRIBE`) },
);

/** What only the gateway says to an upstream, or what ends at it. */
const RESERVED = words`x-user x-judged-path x-judged-route x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-port
  x-forwarded-prefix x-forwarded-path x-forwarded-server x-forwarded forwarded x-real-ip x-credential-sub x-consumer-id
  x-anonymous-consumer x-portcullis-decision x-original-url x-original-uri x-original-method x-rewrite-url x-authenticated-user
  x-userinfo x-access-token x-id-token proxy authorization proxy-authorization traceparent tracestate baggage te trailer keep-alive
  proxy-connection http2-settings`;
/** A name as upstreams that are fed by CGI and its kin would take for the same. */
const spelled = fc
  .tuple(fc.constantFrom(...RESERVED), fc.constantFrom(...words`- _ . ! ~ * ' + ^ | # $ % &`), fc.nat(3))
  .map(([name, dash, upper]) => {
    const text = name.replaceAll('-', dash);
    if (upper === 0) return upperCase(text);
    return upper === 1 ? text.replaceAll(/\b\w/g, (letter) => letter.toUpperCase()) : text;
  });
const marked = fc
  .tuple(
    fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...RESERVED) }, { weight: 3, arbitrary: spelled }),
    fc.constantFrom('', 'a, ', 'for='),
  )
  .map(([name, before]) => `${name}: ${before}${MARK}`);
const connection = fc
  .array(
    fc.oneof(
      fc.constantFrom(...RESERVED, ...words`host content-length transfer-encoding via close x-other`),
      spelled,
    ),
    { maxLength: 3 },
  )
  .map((names) => `Connection: ${names.join(', ')}`);
const other = fc.constantFrom(
  'X-Other: a',
  'x-other: b',
  'X_Other: c',
  'Accept: */*',
  'Cookie: a=b',
  'Cookie: c=d',
  'Via: 1.0 a',
  'Expect: 100-continue',
  'Upgrade: h2c',
  'X-HTTP-Method-Override: PUT',
  'X: \xff',
  'Origin: https://evil.example',
  'Host: internal.example.com',
);
const lines = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: marked },
    { weight: 2, arbitrary: connection },
    { weight: 1, arbitrary: other },
  ),
  { maxLength: 4 },
);

/** Framing lines, and the body; mostly none. */
const body = fc.oneof(
  { weight: 5, arbitrary: fc.constant(['', ''] as const) },
  { weight: 1, arbitrary: fc.constant(['Content-Length: 5\r\n', 'hello'] as const) },
  {
    weight: 2,
    arbitrary: fc
      .array(marked, { maxLength: 2 })
      .map(
        (trailers) =>
          [
            'Transfer-Encoding: chunked\r\n',
            `5;a=b\r\nhello\r\n0\r\n${trailers.map((line) => `${line}\r\n`).join('')}\r\n`,
          ] as const,
      ),
  },
);

/** Any of them: some are good requests, many are not. */
export const hostileRequest: fc.Arbitrary<HostileRequest> = fc
  .record({
    method,
    path,
    query: fc.option(query, { nil: '', freq: 2 }),
    form: fc.oneof(
      { weight: 9, arbitrary: fc.constant('') },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          ...words`http://H HTTP://H http://a https://H http://H:80 http://x@H http:/ http:// //H *`,
        ),
      },
    ),
    host,
    lines,
    body,
  })
  .map(({ path, query, form, host, body: [framing, body], ...more }) =>
    written(form.replace('H', host) + path + query, { host, framing, body, ...more }),
  );
