import t from 'tap';
import { ENDPOINT, IDENTIFIER, ORIGIN, type UrlRule } from '../../src/config/url-rules.ts';

const RULES: Readonly<Record<string, UrlRule>> = { IDENTIFIER, ENDPOINT, ORIGIN };

t.test('an identifier has a path at most, an endpoint a query too, an origin nothing', async (t) => {
  const cases: [string, string][] = [
    ['https://as', 'IDENTIFIER ENDPOINT ORIGIN'],
    ['http://as:8080/', 'IDENTIFIER ENDPOINT ORIGIN'],
    ['https://[::1]:1', 'IDENTIFIER ENDPOINT ORIGIN'],
    ['https://as/realms/x', 'IDENTIFIER ENDPOINT'],
    ['https://as//', 'IDENTIFIER ENDPOINT'],
    ['https://as/i?a=b@c', 'ENDPOINT'],
    ['https://as?a', 'ENDPOINT'],
  ];
  for (const [url, fits] of cases)
    t.strictSame(
      Object.keys(RULES).filter((name) => RULES[name]?.test(url)),
      fits.split(' '),
      url,
    );
});

t.test('what two readers could read in two ways is none of them', async (t) => {
  const doubtful = [
    'https://u:p@as/',
    'https://u@as/',
    'https://as\\evil.example/',
    'https://as/\\evil.example',
    'https://as/#x',
    'https://as/ x',
    'https://as/\n',
    ' https://as/',
    'https://',
    'https:///as',
    'https:/as',
    '//as',
    'https://as:99999/',
    'https://as:x/',
    'https://[::1/',
    'HTTPS://as/',
    'ftp://as/',
    'javascript:alert(1)',
    '',
  ];
  for (const url of doubtful)
    for (const [name, rule] of Object.entries(RULES))
      t.notOk(rule.test(url), `${name}: ${JSON.stringify(url)}`);
});
