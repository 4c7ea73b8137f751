/**
 * Every byte, raw and escaped, at every place in a path where it might hide or end a prefix. What passes the lax route is read again
 * in all the ways in which an upstream may read it, and by none of them may it lead to what is guarded.
 */
import { posix } from 'node:path';
import t, { type Test } from 'tap';
import { startJudged } from '../support/judged.ts';
import { okay } from '../support/recording.ts';
import { openWire, type Wire } from '../support/wire.ts';

const { gateway } = await startJudged(t, {
  routes: `
  - { name: all, match: { path: "/**" }, service: api, token: none, policy: judge/all }
  - { name: item, match: { path: "/items/{id}" }, service: api, token: none, policy: judge/all }
  - { name: admin, match: { path: "/admin/**" }, service: api, policy: judge/admins }`,
  answer: ({ target }) => okay(target),
});

type Reader = (path: string) => string;

/** Escapes decoded as far as they go, as PHP and Go's PathUnescape would, bad ones left. */
const decoded: Reader = (path) =>
  Buffer.from(
    path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();
const normalised: Reader = (path) => posix.normalize(path);

/** What upstreams do with a path before they look at it. */
const READERS: Readonly<Record<string, Reader>> = {
  'as it is': (path) => path,
  'WHATWG URL': (path) => new URL(path, 'http://upstream').pathname,
  'decoded, then normalised': (path) => normalised(decoded(path)),
  'normalised, then decoded': (path) => decoded(normalised(path)),
  'decoded twice, then normalised': (path) => normalised(decoded(decoded(path))),
  'without parameters, as servlet containers read it': (path) =>
    normalised(decoded(path.replaceAll(/;[^/]*/g, ''))),
  'decoded, then without parameters': (path) => normalised(decoded(path).replaceAll(/;[^/]*/g, '')),
  'backslashes as slashes': (path) => normalised(decoded(path).replaceAll('\\', '/')),
  'cut at NUL, as C does': (path) => normalised(decoded(path).replace(/\0.*/s, '')),
  'cut at what begins a query or fragment once decoded': (path) =>
    normalised(decoded(path).replace(/[?#].*/s, '')),
  'without controls and spaces at its ends': (path) =>
    normalised(decoded(path).replaceAll(/[\0-\x1f\x7f]/g, '')),
  'NFKC, without what is not seen': (path) =>
    normalised(
      decoded(path)
        .normalize('NFKC')
        .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, ''),
    ),
  'its best fit in ASCII': (path) => normalised(decoded(path).replaceAll(/[\u2044\u2215\u29f8]/g, '/')),
};

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');
/** All but most letters and digits, which hide nothing. */
const BYTES = Array.from({ length: 256 }, (_, byte) => byte).flatMap((byte) => {
  const raw = String.fromCharCode(byte);
  return /[b-zB-Z1-9]/.test(raw) ? [] : [raw, `%${hex(byte).toUpperCase()}`];
});
const LOWER = [0x2e, 0x2f, 0x3b, 0x3f, 0x5c].map((byte) => `%${hex(byte)}`);
const TWICE = [0, 0x23, 0x25, 0x2e, 0x2f, 0x3b, 0x3f, 0x5c].flatMap((byte) => [
  `%25${hex(byte)}`,
  `%25%25${hex(byte)}`,
]);
const LIKE = [
  '\u2044',
  '\u2215',
  '\uff0f',
  '\uff0e',
  '\u2024',
  '\u2025',
  '\uff3c',
  '\u200b',
  '\ufeff',
  '\u29f8',
  '\uff05',
].map(encodeURIComponent);
const OVERLONG = ['%c0%ae', '%c0%af', '%c1%9c', '%e0%80%af', '%f0%80%80%af', '%u002f', '%u2215'];

const places = (c: string): string[] => [
  `/public${c}admin/x`,
  `/public/..${c}/admin/x`,
  `/public/${c}../admin/x`,
  `/public/.${c}./admin/x`,
  `/items/..${c}admin`,
  `/${c}admin/x`,
  `/admin${c}/x`,
  `/adm${c}in/x`,
];

/** Asks for these one after the other; gives what the upstream got of those that were admitted without a token. */
async function admitted(
  t: Test,
  targets: readonly string[],
): Promise<{ sent: string[]; statuses: Set<number> }> {
  const sent: string[] = [];
  const statuses = new Set<number>();
  let wire: Wire | null = null;
  for (const target of targets) {
    wire ??= await openWire(t, gateway.url);
    wire.send(`GET ${target} HTTP/1.1\r\nHost: api.example.com\r\n\r\n`);
    const { status, headers, text } = await wire.reply();
    statuses.add(status);
    if (status === 200) sent.push(text);
    if (headers['connection'] === 'close') wire = null;
  }
  wire?.socket.destroy();
  return { sent, statuses };
}

t.test(
  'CVE-2026-44373 (Nitro), GHSA-6jwx-7vp4-9847 (Traefik): no byte hides the guarded prefix from the gateway alone',
  async (t) => {
    const hiding = [...BYTES, ...LOWER, ...TWICE, ...LIKE, ...OVERLONG];
    const { sent, statuses } = await admitted(t, hiding.flatMap(places));
    // 404 is for what looks like the guarded prefix and is not it.
    t.strictSame(statuses.difference(new Set([200, 400, 401, 404])), new Set());
    t.ok(sent.length > 300, 'most of them are harmless, and pass');
    for (const [name, read] of Object.entries(READERS)) {
      const reached = sent.filter((target) => /^\/admin(?:\/|$)/i.test(read(target.replace(/\?.*/s, ''))));
      t.strictSame(reached, [], name);
    }
  },
);
