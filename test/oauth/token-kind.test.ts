import t from 'tap';
import { foreignClaim, isBound } from '../../src/oauth/token-kind.ts';

t.test('an access token is what servers call one, in any case', async (t) => {
  const said = [
    {},
    { token_type: null, typ: null },
    { token_type: 'Bearer' },
    { token_type: 'bearer', typ: 'Bearer' },
    { token_type: 'DPoP', typ: 'DPoP' },
    { token_type: 'access_token' },
    { token_type: 'urn:ietf:params:oauth:token-type:access_token' },
    { typ: 'at+jwt' },
    { typ: 'JWT' },
    { token_use: 'access' },
    { token_use: 'access_token' },
    { tokenName: 'access_token' },
    { purpose: 'access_token' },
    { purpose: 'research', nonce: 'x', sid: 'x', at_hash: null },
  ];
  for (const claims of said) t.equal(foreignClaim(claims), undefined, JSON.stringify(claims));
});

t.test('anything else that a server calls a token is none', async (t) => {
  const said: [string, Record<string, unknown>][] = [
    ['token_type', { token_type: 'N_A' }],
    ['token_type', { token_type: 'refresh_token' }],
    ['token_type', { token_type: 'Refresh', typ: 'Bearer' }],
    ['token_type', { token_type: 'mac' }],
    ['token_type', { token_type: 'urn:ietf:params:oauth:token-type:refresh_token' }],
    ['token_type', { token_type: '' }],
    ['token_type', { token_type: 1 }],
    ...['Refresh', 'Offline', 'ID', 'Logout', 'Serialized-ID', 'RegistrationAccessToken', '', ['Bearer']].map(
      (typ): [string, Record<string, unknown>] => ['typ', { token_type: 'Bearer', typ }],
    ),
    ['token_use', { token_use: 'id' }],
    ['token_use', { token_use: 'refresh_token' }],
    ['tokenName', { tokenName: 'refresh_token' }],
    ['purpose', { purpose: 'id' }],
    ['purpose', { purpose: 'refresh_token' }],
  ];
  for (const [claim, claims] of said) t.equal(foreignClaim(claims), claim, JSON.stringify(claims));
});

t.test(
  'claims of ID tokens, security events and introspection answers tell them, whatever they hold',
  async (t) => {
    for (const claim of ['at_hash', 'c_hash', 's_hash', 'events', 'token_introspection'])
      for (const value of ['x', '', 0, false, {}])
        t.equal(foreignClaim({ typ: 'Bearer', [claim]: value }), claim, `${claim}: ${JSON.stringify(value)}`);
  },
);

t.test('giantswarm/mcp-oauth#383: one sign that it is bound is enough', async (t) => {
  for (const claims of [
    { cnf: { jkt: 'x' } },
    { cnf: {} },
    { cnf: false },
    { cnf: '' },
    { token_type: 'DPoP' },
    { token_type: 'Bearer', typ: 'dpop' },
  ])
    t.ok(isBound(claims), JSON.stringify(claims));
  for (const claims of [{}, { cnf: null }, { token_type: 'Bearer', typ: 'Bearer' }, { typ: 1 }])
    t.notOk(isBound(claims), JSON.stringify(claims));
});
