import t from 'tap';
import { HOST_BUILTINS } from '../../src/policy/builtins/index.ts';
import { capabilitiesOf } from '../../src/policy/capabilities.ts';
import { OpaError, runOpa } from '../../src/policy/opa.ts';
import { opa } from '../support/opa.ts';

const OPA = await opa();
const text = await capabilitiesOf(OPA);
const capabilities = JSON.parse(text) as {
  builtins: { name: string }[];
  allow_net: string[];
  features: string[];
  future_keywords: string[];
};
const names = new Set(capabilities.builtins.map(({ name }) => name));

t.test("they are OPA's own, without the network and without opa.runtime", async (t) => {
  const all = JSON.parse(
    await runOpa(OPA, ['capabilities', '--current'], t.testdir()),
  ) as typeof capabilities;
  const gone = all.builtins.map(({ name }) => name).filter((name) => !names.has(name));
  t.strictSame(gone, ['http.send', 'net.lookup_ip_addr', 'opa.runtime']);
  t.strictSame(capabilities.allow_net, []);
  t.strictSame(capabilities.features, all.features);
});

t.test('whatever the engine brings is among them, but for opa.runtime', async (t) => {
  t.strictSame(
    HOST_BUILTINS.filter((name) => !names.has(name)),
    ['opa.runtime'],
  );
});

t.test('opa takes them, and refuses what is not among them with file and line', async (t) => {
  const folder = t.testdir({
    'capabilities.json': text,
    'good.rego': 'package a\n\nallow if io.jwt.decode(input.token)[1].sub == "alice"\n',
    'bad.rego': 'package a\n\nallow if http.send({"url": "http://x", "method": "GET"}).status_code == 200\n',
  });
  const check = (file: string): Promise<string> =>
    runOpa(OPA, ['check', '--capabilities', 'capabilities.json', file], folder);
  await check('good.rego');
  await t.rejects(check('bad.rego'), {
    constructor: OpaError,
    message: /bad\.rego:3: rego_type_error: undefined function http\.send/,
  });
});
