import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import {
  altNamesMembers,
  NO_NAMES,
  readAltNames,
  uriStrings,
} from '../../../../src/policy/builtins/x509/alt-names.ts';
import { fromPlain, writeJson } from '../../../../src/policy/value-text.ts';
import { der, integer, sequence } from '../../../support/der.ts';

t.test('four kinds of names are read, others are left out', async (t) => {
  const names = readAltNames(
    sequence(
      der(0x82, 'a.example'),
      der(0x81, 'a@b'),
      der(0x87, Buffer.from([1, 2, 3, 4])),
      der(0x86, 'spiffe://a/b c'),
      der(0xa4, sequence()),
      der(0x88, 'x'),
      der(0xa2, 'y'),
      der(0x82, '*.b c'),
    ),
  );
  t.strictSame(names.dns, ['a.example', '*.b c']);
  t.strictSame(names.emails, ['a@b']);
  t.strictSame(altNamesMembers(names)['IPAddresses'], ['1.2.3.4']);
  t.strictSame(uriStrings(names), ['spiffe://a/b%20c']);
  t.match(writeJson(altNamesMembers(names)['URIs'] ?? null), /^\[\{.*"Path":"\/b c".*"Scheme":"spiffe"/);
});

t.test('where there are none, they are null', async (t) => {
  t.strictSame(altNamesMembers(NO_NAMES), {
    DNSNames: null,
    EmailAddresses: null,
    IPAddresses: null,
    URIs: null,
  });
  t.equal(uriStrings(NO_NAMES), fromPlain(null));
});

t.test('names that are not right are errors', async (t) => {
  const fails = (message: string, name: Buffer): void => {
    t.throws(() => readAltNames(sequence(name)), new BuiltinError(`x509: ${message}`), message);
  };
  fails('SAN rfc822Name is malformed', der(0x81, '\u00e9@b'));
  fails('SAN dNSName is malformed', der(0x82, '\u00e9'));
  fails('SAN uniformResourceIdentifier is malformed', der(0x86, 'x:\u00e9'));
  fails('cannot parse URI "x://a..b/": invalid domain', der(0x86, 'x://a..b/'));
  fails('cannot parse URI ":": parse ":": missing protocol scheme', der(0x86, ':'));
  fails('cannot parse IP address of length 5', der(0x87, '12345'));
  t.throws(() => readAltNames(integer(1)), new BuiltinError('x509: invalid subject alternative names'));
});
