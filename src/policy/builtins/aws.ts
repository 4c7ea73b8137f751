/** `providers.aws.sign_req`: a request, as `http.send` takes it, with the headers of AWS Signature Version 4. */
import type { RegoNumber } from '../number.ts';
import { RegoObject, RegoSet, type Value } from '../value.ts';
import { writeValue } from '../value-text.ts';
import { signatureHeaders } from './aws/signature.ts';
import { BuiltinError, type Family, operand } from './builtin.ts';
import { int64 } from './go/integer.ts';
import { goJson } from './go/marshal-json.ts';
import { readRequestUrl } from './aws/request-url.ts';

export const aws: Family = {
  'providers.aws.sign_req': ([request, config, time]) =>
    signRequest(operand(1, request, 'object'), operand(1, config, 'object'), operand(1, time, 'number')),
};

const REQUIRED = ['method', 'url'];
/** What `http.send` knows. */
const ALLOWED = new Set(
  [
    'method url headers body raw_body timeout raise_error max_retry_attempts enable_redirect force_json_decode force_yaml_decode',
    'cache caching_mode cache_ignored_headers force_cache force_cache_duration_seconds',
    'tls_use_system_certs tls_insecure_skip_verify tls_server_name tls_ca_cert tls_ca_cert_file tls_ca_cert_env_variable',
    'tls_client_cert tls_client_cert_file tls_client_cert_env_variable tls_client_key tls_client_key_file tls_client_key_env_variable',
  ].flatMap((names) => names.split(' ')),
);
const CREDENTIALS = ['aws_service', 'aws_access_key', 'aws_secret_access_key', 'aws_region'];

function signRequest(request: RegoObject, config: RegoObject, time: RegoNumber): Value {
  checkTexts(2, 'AWS config', config, CREDENTIALS);
  const now = int64(time);
  if (now === null) throw new BuiltinError('operand 3 could not convert time_ns value into a unix timestamp');
  const unknown = request.entries
    .map(([name]) => name)
    .filter((name) => typeof name !== 'string' || !ALLOWED.has(name));
  if (unknown.length > 0)
    throw new BuiltinError(`operand 1 invalid request parameters(s): ${writeValue(new RegoSet(unknown))}`);
  checkTexts(1, 'request', request, REQUIRED);
  const headers = texts(operand(0, member(request, 'headers', new RegoObject([])), 'object'));
  const unsigned = member(config, 'disable_payload_signing', false);
  if (typeof unsigned !== 'boolean')
    throw new BuiltinError("operand 2 invalid value for 'disable_payload_signing' in AWS config");
  const made = signatureHeaders({
    method: text(request.get('method')),
    url: readRequestUrl(text(request.get('url'))),
    headers,
    body: unsigned ? null : body(request),
    service: text(config.get('aws_service')),
    region: text(config.get('aws_region')),
    accessKey: text(config.get('aws_access_key')),
    secretKey: text(config.get('aws_secret_access_key')),
    sessionToken: text(config.get('aws_session_token')),
    now,
  });
  const signed = new RegoObject([...headers, ...made]);
  return new RegoObject([...request.entries, ['headers', signed]]);
}

/** Throws BuiltinError when one of these members is missing, or is no text. */
function checkTexts(position: number, what: string, object: RegoObject, names: readonly string[]): void {
  const fail = (fault: string, bad: readonly string[]): void => {
    if (bad.length > 0)
      throw new BuiltinError(
        `operand ${position} ${fault} required ${what} parameters(s): ${writeValue(new RegoSet(bad))}`,
      );
  };
  fail(
    'missing',
    names.filter((name) => !object.has(name)),
  );
  fail(
    'invalid values for',
    names.filter((name) => typeof object.get(name) !== 'string'),
  );
}

/** What is null is there. */
function member(object: RegoObject, name: string, missing: Value): Value {
  const value = object.get(name);
  return value === undefined ? missing : value;
}

/** Empty for what is no text. */
const text = (value: Value | undefined): string => (typeof value === 'string' ? value : '');
const texts = (object: RegoObject): [string, string][] =>
  object.entries.map(([name, value]) => [text(name), text(value)]);

function body(request: RegoObject): string {
  const [raw, value] = [request.get('raw_body'), request.get('body')];
  if (raw !== undefined) return text(raw);
  return value === undefined ? '' : goJson(value);
}
