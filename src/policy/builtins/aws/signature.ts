/**
 * AWS Signature Version 4 in headers, as OPA makes it: the path is signed as it is written, and the query is neither sorted nor
 * escaped anew. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHmac, hash } from 'node:crypto';
import { compareStrings } from '../../value.ts';
import type { RequestUrl } from './request-url.ts';

export type Unsigned = {
  readonly method: string;
  readonly url: RequestUrl;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  /** Null where the body is not signed. */
  readonly body: string | null;
  readonly service: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Empty where the credentials are not temporary. */
  readonly sessionToken: string;
  /** Nanoseconds since the epoch. */
  readonly now: bigint;
};

/** What a proxy may change on the way. */
const UNSIGNED_HEADERS = new Set(['authorization', 'user-agent', 'x-amzn-trace-id']);

/** The headers that a request has to have besides its own; of the same name these count. */
export function signatureHeaders(request: Unsigned): readonly (readonly [name: string, value: string])[] {
  const { method, url, body, service, region, accessKey, secretKey, sessionToken } = request;
  const digest = body === null ? 'UNSIGNED-PAYLOAD' : hash('sha256', body);
  const time = basicTime(request.now);
  const date = time.slice(0, 8);
  const added: [string, string][] = [
    ['host', url.host],
    ['x-amz-date', time],
  ];
  if (service === 's3' || service === 'glacier') added.push(['x-amz-content-sha256', digest]);
  if (sessionToken !== '') added.push(['x-amz-security-token', sessionToken]);
  const headers = signedHeaders(added, request.headers);
  const names = headers.map(([name]) => name).join(';');
  const lines = headers.map(([name, value]) => `${name}:${value}\n`).join('');
  const canonical = [method, url.path, url.query, lines, names, digest].join('\n');
  const scope = [date, region, service, 'aws4_request'];
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), hash('sha256', canonical)].join('\n');
  const key = scope.reduce<string | Buffer>((previous, part) => hmac(previous, part), `AWS4${secretKey}`);
  const signature = hmac(key, toSign).toString('hex');
  const credential = [accessKey, ...scope].join('/');
  return [
    [
      'Authorization',
      `AWS4-HMAC-SHA256 Credential=${credential},SignedHeaders=${names},Signature=${signature}`,
    ],
    ...added,
  ];
}

/** In the order of their names. A request's own count before those that are added. */
function signedHeaders(
  added: Unsigned['headers'],
  own: Unsigned['headers'],
): readonly (readonly [string, string])[] {
  const lower = [...own].map(([name, value]) => [name.toLowerCase(), value] as const);
  const signed = new Map([...added, ...lower.filter(([name]) => !UNSIGNED_HEADERS.has(name))]);
  return [...signed].toSorted(([a], [b]) => compareStrings(a, b));
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** ISO 8601 without separators and fractions, in UTC. */
function basicTime(nanoseconds: bigint): string {
  // Down to the second also before 1970.
  const fraction = ((nanoseconds % SECOND) + SECOND) % SECOND;
  const milliseconds = Number((nanoseconds - fraction) / 1_000_000n);
  return new Date(milliseconds).toISOString().replaceAll(/[-:]|\.000/g, '');
}

const SECOND = 1_000_000_000n;
