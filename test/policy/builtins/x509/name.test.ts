import t from 'tap';
import { BuiltinError } from '../../../../src/policy/builtins/builtin.ts';
import { DerReader, TAG } from '../../../../src/policy/builtins/x509/der.ts';
import { decodeString, nameValue, oidValue, readName } from '../../../../src/policy/builtins/x509/name.ts';
import { writeJson } from '../../../../src/policy/value-text.ts';
import { boolean, der, integer, oid, sequence, set, utf8 } from '../../../support/der.ts';

const attribute = (type: string, value: Buffer): Buffer => sequence(oid(type), value);
const read = (name: Buffer) => readName(new DerReader(name, 'it is malformed'));

t.test('attributes are read in their order, whatever set they are in', async (t) => {
  const name = sequence(
    set(attribute('2.5.4.6', der(0x13, 'DE')), attribute('2.5.4.10', utf8('Ö'))),
    set(),
    set(attribute('2.5.4.3', der(0x16, 'a'))),
  );
  t.strictSame(read(name), [
    { type: '2.5.4.6', value: 'DE', isText: true },
    { type: '2.5.4.10', value: 'Ö', isText: true },
    { type: '2.5.4.3', value: 'a', isText: true },
  ]);
});

t.test('OPA knows some by name: the last of what there is one of, else all', async (t) => {
  const attributes = [
    { type: '2.5.4.3', value: 'a', isText: true },
    { type: '2.5.4.11', value: 'u', isText: true },
    { type: '2.5.4.3', value: 'b', isText: true },
    { type: '2.5.4.11', value: 'v', isText: true },
    { type: '2.5.4.3', value: 'YQ==', isText: false },
    { type: '1.2.3', value: null, isText: false },
  ];
  const value = nameValue(attributes);
  t.equal(value.get('CommonName'), 'b');
  t.equal(value.get('SerialNumber'), '');
  t.strictSame(value.get('OrganizationalUnit'), ['u', 'v']);
  t.equal(value.get('Country'), null);
  t.equal(value.get('ExtraNames'), null);
  t.match(
    writeJson(value.get('Names') ?? null),
    '{"Type":[2,5,4,3],"Value":"YQ=="},{"Type":[1,2,3],"Value":null}]',
  );
  t.equal(nameValue([]).get('Names'), null);
});

t.test('strings are of six types, and of their characters', async (t) => {
  const decode = (tag: number, hex: string): string | null => decodeString(tag, Buffer.from(hex, 'hex'));
  t.equal(decode(TAG.t61String, '61e9'), 'a\u00e9', 'T.61 is read as Latin-1');
  t.equal(decode(TAG.printableString, Buffer.from("aZ0 '()+,-./:=?*&").toString('hex')), "aZ0 '()+,-./:=?*&");
  t.equal(decode(TAG.printableString, '40'), null);
  t.equal(decode(TAG.utf8String, 'c3a9'), '\u00e9');
  t.equal(decode(TAG.utf8String, 'c3'), null);
  t.equal(decode(TAG.ia5String, '00407f'), '\0@\u007f');
  t.equal(decode(TAG.ia5String, '80'), null);
  t.equal(decode(TAG.numericString, '302039'), '0 9');
  t.equal(decode(TAG.numericString, '61'), null);
  t.equal(decode(TAG.octetString, '61'), null);
});

t.test(
  'a string of the basic plane has neither surrogates nor non-characters, and perhaps a zero at its end',
  async (t) => {
    const decode = (hex: string): string | null => decodeString(TAG.bmpString, Buffer.from(hex, 'hex'));
    t.equal(decode('00e92764'), '\u00e9\u2764');
    t.equal(decode('00610000'), 'a');
    t.equal(decode('006100000000'), 'a\0');
    t.equal(decode(''), '');
    for (const hex of ['00', 'd83dde00', 'fffe', 'ffff', 'fdd0', 'fdef']) t.equal(decode(hex), null, hex);
  },
);

t.test('what is no name is an error', async (t) => {
  for (const name of [
    sequence(sequence()),
    sequence(set(utf8('a'))),
    sequence(set(sequence(oid('2.5.4.3')))),
    sequence(set(attribute('2.5.4.3', integer(1)))),
    sequence(set(attribute('2.5.4.3', boolean(true)))),
  ])
    t.throws(() => read(name), new BuiltinError('x509: invalid RDNSequence'));
});

t.test('an identifier is shown as its numbers', async (t) => {
  t.equal(writeJson(oidValue('2.5.29.17')), '[2,5,29,17]');
});
