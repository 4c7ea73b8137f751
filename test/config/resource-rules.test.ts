import * as fc from 'fast-check';
import t from 'tap';
import { resourceFaults } from '../../src/config/resource-rules.ts';
import { metadataUrl } from '../../src/config/resource.ts';
import type { ServiceConfig } from '../../src/config/service.ts';
import { changed, faults, load, withService } from '../support/config.ts';

const words = (text: string): string[] => text.split(' ');
const told = (identifier: string): string[] => faults(withService({ resource: { identifier } }));
const AT = 'services.api.resource.identifier';

t.test('an identifier is a plain https:// URL without query and fragment', async (t) => {
  const right =
    'https://api.example.com https://api.example.com/ https://api.example.com:8443/mcp https://a/b/ https://[::1]/x ' +
    'https://a/%C3%A4 http://localhost:8080/x http://127.0.0.1:8080 http://[::1]:8080/';
  for (const identifier of words(right)) t.strictSame(told(identifier), [], identifier);

  for (const identifier of words(
    'https://a?x https://a/#x https://u:p@a https://a\\b https:///x https://a:99999',
  ))
    t.strictSame(
      told(identifier),
      [`${AT}: expected a URL without query, fragment and credentials`],
      identifier,
    );
  for (const identifier of words(
    'http://api.example.com http://localhost.example.com http://10.0.0.1 http://0.0.0.0',
  ))
    t.match(
      told(identifier),
      [/https:\/\/ \(RFC 9728 section 1\.2\); http:\/\/ is for loopback alone$/],
      identifier,
    );
  const crooked =
    'https://API.example.com https://a:443/ https://a/b/../c https://a/%2e%2e/c https://a//b https://a/b;c https://a/%2Fb ' +
    'https://a/%zz https://a/%c3%a4 https://a/"b https://ä.example https://a/[b] http://0x7f.1/ https://a/%61';
  for (const identifier of words(crooked))
    t.match(told(identifier), [/expected it as clients write it/], identifier);
  t.match(told('ftp://a'), [/expected an http/]);
});

t.test('what passes is nothing that could end the quoted string of a challenge', async (t) => {
  const piece = fc.constantFrom(
    'a',
    '/',
    '"',
    '\\',
    '%22',
    '\u0007',
    '\r\n',
    '%0d',
    "'",
    'ä',
    '.',
    ':',
    ' ',
    ',',
  );
  fc.assert(
    fc.property(fc.array(piece), fc.array(piece), (host, path) => {
      const identifier = `https://h${host.join('')}/${path.join('')}`;
      const service = { resource: { identifier } } as unknown as ServiceConfig;
      if (resourceFaults({ api: service }).length === 0)
        t.match(metadataUrl(identifier), /^https:\/\/[\w.:-]+\/[\w./%':,-]*$/);
    }),
    { numRuns: 2_000 },
  );
});

t.test('no two services are one resource', async (t) => {
  const two = (one: string, other: string): string[] =>
    faults(
      changed({
        services: Object.fromEntries(
          [one, other].map((identifier, index) => [
            index === 0 ? 'api' : 'other',
            { upstream: 'http://x', resource: { identifier } },
          ]),
        ),
      }),
    );
  for (const other of ['https://a/', 'https://a', 'https://a:8443'])
    t.match(
      two('https://a', other),
      [/^services\.other\.resource\.identifier: another service has this/],
      other,
    );
  for (const other of ['https://b', 'https://a/b', 'https://a.b'])
    t.strictSame(two('https://a', other), [], other);
});

t.test('documentation is a URL', async (t) => {
  const resource = { identifier: 'https://a', documentation: 'https://docs.example.com/api#start' };
  t.equal(load(withService({ resource })).services['api']?.resource?.documentation, resource.documentation);
  for (const documentation of ['https://', 'http://a b'])
    t.match(faults(withService({ resource: { ...resource, documentation } })), [
      /resource\.documentation: expected/,
    ]);
});
