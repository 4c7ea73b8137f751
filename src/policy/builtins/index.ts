/** The builtins that OPA leaves to the host of a module: which there are, and the family that each is of. */
import type { Builtin, Family } from './builtin.ts';

/** What each family has, and how it is loaded: when a policy calls one of its builtins, and not before. */
const FAMILIES: readonly (readonly [load: () => Promise<Family>, names: readonly string[]])[] = [
  [
    async () => (await import('./strings.ts')).strings,
    ['indexof_n', 'strings.any_prefix_match', 'strings.any_suffix_match', 'strings.count', 'strings.split_n'],
  ],
  [async () => (await import('./sprintf.ts')).sprintf, ['sprintf']],
  [async () => (await import('./template.ts')).template, ['strings.render_template']],
  [async () => (await import('./numbers.ts')).numbers, ['numbers.range_step', 'rand.intn']],
  [async () => (await import('./units.ts')).units, ['units.parse', 'units.parse_bytes']],
  [
    async () => (await import('./encoding.ts')).encoding,
    ['base64url.encode_no_pad', 'hex.decode', 'hex.encode'],
  ],
  [async () => (await import('./yaml.ts')).yaml, ['yaml.is_valid', 'yaml.marshal', 'yaml.unmarshal']],
  [
    async () => (await import('./urlquery.ts')).urlquery,
    ['urlquery.decode', 'urlquery.decode_object', 'urlquery.encode', 'urlquery.encode_object'],
  ],
  [async () => (await import('./uri.ts')).uri, ['uri.is_valid', 'uri.parse']],
  [
    async () => (await import('./regex.ts')).regex,
    ['regex.find_n', 'regex.replace', 'regex.split', 'regex.template_match'],
  ],
  [async () => (await import('./globs-match.ts')).globsMatch, ['regex.globs_match']],
  [async () => (await import('./glob.ts')).glob, ['glob.quote_meta']],
  [
    async () => (await import('./hash.ts')).hash,
    [
      'crypto.hmac.equal',
      'crypto.hmac.md5',
      'crypto.hmac.sha1',
      'crypto.hmac.sha256',
      'crypto.hmac.sha512',
      'crypto.md5',
      'crypto.sha1',
      'crypto.sha256',
    ],
  ],
  [
    async () => (await import('./x509.ts')).x509,
    [
      'crypto.x509.parse_and_verify_certificates',
      'crypto.x509.parse_and_verify_certificates_with_options',
      'crypto.x509.parse_certificate_request',
      'crypto.x509.parse_certificates',
      'crypto.x509.parse_keypair',
    ],
  ],
  [
    async () => (await import('./keys.ts')).keys,
    ['crypto.parse_private_keys', 'crypto.x509.parse_rsa_private_key'],
  ],
  [async () => (await import('./uuid.ts')).uuid, ['uuid.parse', 'uuid.rfc4122']],
  [async () => (await import('./jwt-decode.ts')).jwtDecode, ['io.jwt.decode', 'io.jwt.decode_verify']],
  [
    async () => (await import('./jwt-verify.ts')).jwtVerify,
    [
      'io.jwt.verify_eddsa',
      'io.jwt.verify_es256',
      'io.jwt.verify_es384',
      'io.jwt.verify_es512',
      'io.jwt.verify_hs256',
      'io.jwt.verify_hs384',
      'io.jwt.verify_hs512',
      'io.jwt.verify_ps256',
      'io.jwt.verify_ps384',
      'io.jwt.verify_ps512',
      'io.jwt.verify_rs256',
      'io.jwt.verify_rs384',
      'io.jwt.verify_rs512',
    ],
  ],
  [async () => (await import('./jwt-sign.ts')).jwtSign, ['io.jwt.encode_sign', 'io.jwt.encode_sign_raw']],
  [async () => (await import('./aws.ts')).aws, ['providers.aws.sign_req']],
  [
    async () => (await import('./time.ts')).time,
    [
      'time.add_date',
      'time.clock',
      'time.date',
      'time.diff',
      'time.format',
      'time.now_ns',
      'time.parse_duration_ns',
      'time.parse_ns',
      'time.parse_rfc3339_ns',
      'time.weekday',
    ],
  ],
  [
    async () => (await import('./cidr.ts')).cidr,
    ['net.cidr_contains_matches', 'net.cidr_expand', 'net.cidr_is_valid', 'net.cidr_merge'],
  ],
  [async () => (await import('./semver.ts')).semver, ['semver.compare', 'semver.is_valid']],
  [
    async () => (await import('./graphql.ts')).graphql,
    [
      'graphql.is_valid',
      'graphql.parse',
      'graphql.parse_and_verify',
      'graphql.parse_query',
      'graphql.parse_schema',
      'graphql.schema_is_valid',
    ],
  ],
  [async () => (await import('./object.ts')).object, ['object.subset']],
  [async () => (await import('./graph.ts')).graph, ['graph.reachable_paths']],
  [async () => (await import('./json.ts')).json, ['json.marshal_with_options', 'json.patch']],
  [async () => (await import('./json-schema.ts')).jsonSchema, ['json.match_schema', 'json.verify_schema']],
  [async () => (await import('./rego.ts')).rego, ['rego.parse_module']],
  [async () => (await import('./runtime.ts')).runtime, ['opa.runtime']],
  [async () => (await import('./print.ts')).print, ['internal.print', 'trace']],
];

const LOADERS = new Map(FAMILIES.flatMap(([load, names]) => names.map((name) => [name, load] as const)));

/** What OPA leaves to the host as well, and is not here: a decision does not wait for the network. */
export const NETWORK_BUILTINS: readonly string[] = ['http.send', 'net.lookup_ip_addr'];

/** Their names, in order. */
export const HOST_BUILTINS: readonly string[] = [...LOADERS.keys()].toSorted();

/** The builtin of this name; null where there is none. */
export async function loadBuiltin(name: string): Promise<Builtin | null> {
  const family = await LOADERS.get(name)?.();
  return family?.[name] ?? null;
}
