/** What was typed after `portcullis explain`. */
import { closeSync, openSync, readSync } from 'node:fs';
import { METHODS } from 'node:http';
import { isIP } from 'node:net';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { isFieldName, isFieldValue, spelling } from '../http/headers.ts';

/** A request to be explained, as a client would send it. */
export type Asked = {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** How the client speaks to the listener. */
  readonly scheme: 'http' | 'https';
  /** Flat header fields; a Host is among them. */
  readonly fields: readonly string[];
  /** The address of whoever sends it. */
  readonly from: string;
  /** Null for none. */
  readonly token: string | null;
};

export type ExplainArguments = {
  /** The configuration. */
  readonly file: string;
  readonly asJson: boolean;
  /** Where the token is: `-` is standard input; null for none. */
  readonly tokenFrom: string | null;
  readonly asked: Omit<Asked, 'token'>;
};

/** What was typed that cannot be; the message never has the value, which may be a token. */
export class ArgumentError extends Error {}

/** Why a token is no argument. */
const NOT_HERE =
  'an argument is seen by `ps` and kept by the shell: give the token by --token -, or --token FILE';

/** Reads the arguments. Throws ArgumentError, or parseArgs's own error. */
export function readArguments(args: readonly string[]): ExplainArguments {
  const { values, positionals } = options(args);
  const [method = '', written = '', ...more] = positionals;
  if (written === '' || more.length > 0)
    throw new ArgumentError('expected a method and a target: GET /accounts/1');
  if (!METHODS.includes(method)) throw new ArgumentError('expected a method in capitals, such as GET');
  if (isIP(values.from) === 0) throw new ArgumentError('--from: expected an address, such as 192.0.2.1');
  const { scheme, host, target } = parted(written);
  const fields = values.header.flatMap(fieldOf);
  const named = fields.some((name, index) => index % 2 === 0 && spelling(name) === 'host');
  if (host !== null && named)
    throw new ArgumentError('the host stands in the target and in --header: say it once');
  return {
    file: values.config,
    asJson: values.json,
    tokenFrom: values.token ?? null,
    asked: {
      method,
      target,
      scheme,
      fields: named ? fields : ['Host', host ?? 'localhost', ...fields],
      from: values.from,
    },
  };
}

const OPTIONS = {
  config: { type: 'string', default: 'portcullis.yaml' },
  token: { type: 'string' },
  header: { type: 'string', multiple: true, default: [] },
  from: { type: 'string', default: '127.0.0.1' },
  json: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

function options(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    // base64url may begin with dashes: it is quoted where it is like the name of an option.
    const [, quoted = ''] = /'(--?[^']*)'/.exec((error as Error).message) ?? [];
    throw /^--?[a-z]{0,12}$/.test(quoted.split(/[ =]/)[0] ?? '')
      ? error
      : new ArgumentError('there is no such option; what begins with a dash goes after = (--token=-FILE)');
  }
}

/** `https://host/path`, or a path. */
function parted(written: string): Pick<Asked, 'target' | 'scheme'> & { host: string | null } {
  const [, scheme, host = '', rest = ''] = /^(https?):\/\/([^/?#]*)(.*)$/is.exec(written) ?? [];
  if (scheme === undefined) return { target: written, scheme: 'http', host: null };
  return {
    target: rest.startsWith('/') ? rest : `/${rest}`,
    scheme: scheme.toLowerCase() === 'https' ? 'https' : 'http',
    host,
  };
}

function fieldOf(written: string): [string, string] {
  const [, name = '', value = ''] = /^([^:]*):[ \t]*(.*?)[ \t]*$/s.exec(written) ?? [];
  if (!isFieldName(name) || !isFieldValue(value)) throw new ArgumentError("--header: expected 'Name: value'");
  if (spelling(name) === 'authorization') throw new ArgumentError(`--header Authorization: ${NOT_HERE}`);
  return [name, value];
}

/** No token is longer (src/oauth/token-form.ts): a file that is, was not meant. */
const LONGEST_BYTES = 65_536;
/** What an editor may put around a token: a byte order mark, line breaks. */
const AROUND_BYTES = 64;

/** The token in a text that came from where the arguments said. Throws ArgumentError. */
export function tokenIn(text: string): string {
  const token = text.trim();
  if (token === '') throw new ArgumentError('--token: there is no token');
  if (token.length > LONGEST_BYTES) throw new ArgumentError(TOO_LONG);
  if (/\s/.test(token)) throw new ArgumentError('--token: expected the token alone, without Bearer');
  return token;
}

const TOO_LONG = '--token: more than 64 KiB: no token is that long';

/** Reads the token's file, or a pipe. Throws ArgumentError: a file that is not there may be a token. */
export function tokenFile(file: string): string {
  const bytes = Buffer.alloc(LONGEST_BYTES + AROUND_BYTES + 1);
  let length = 0;
  try {
    const opened = openSync(file, 'r');
    try {
      for (let read = -1; read !== 0 && length < bytes.length; length += read)
        read = readSync(opened, bytes, length, bytes.length - length, null);
    } finally {
      closeSync(opened);
    }
  } catch {
    throw new ArgumentError(`--token: there is no such file. If it is the token itself: ${NOT_HERE}`);
  }
  return readable(bytes.subarray(0, length));
}

/** Reads the token from standard input, and no more than a token can have. Throws ArgumentError. */
export async function tokenStream(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > LONGEST_BYTES + AROUND_BYTES) break;
  }
  return readable(Buffer.concat(chunks));
}

function readable(bytes: Buffer): string {
  if (bytes.length > LONGEST_BYTES + AROUND_BYTES) throw new ArgumentError(TOO_LONG);
  return bytes.toString('utf8');
}
