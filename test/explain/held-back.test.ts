import t from 'tap';
import type { Answer, Question } from '../../src/chain/ports.ts';
import { claimsIn, heldBack, overheard } from '../../src/explain/held-back.ts';
import { facts } from '../support/exchange.ts';
import { question } from '../support/introspection.ts';

const said = { authorization_server: 'main', cache: 'miss', joined: null } as const;
const refused = { fault: 'wrong_issuer', detail: 'the token is from another issuer' } as const;
const asked: Question = { server: 'main', ...question('token') };

t.test('what is held back is what was to be sent', async (t) => {
  const { send, held } = heldBack();
  t.equal(held(), null);
  const request = { target: '/a' } as Parameters<typeof send>[0];
  t.match(await send(request, {} as Parameters<typeof send>[1]), { aborted: false });
  t.equal(held(), request);
});

t.test('what is overheard goes on untouched, at once or later', async (t) => {
  for (const given of [
    { ...said, facts: facts() },
    { ...said, refused: { ...refused, claims: { sub: 'alice' } } },
    { ...said, unavailable: 'main: it answered 500', retry_after: 1 },
  ] satisfies Answer[]) {
    const { overhear, heard } = overheard();
    t.equal(heard(), null);
    t.equal(overhear(() => given)(asked), given);
    t.equal(heard(), given);
    const later = overheard();
    const answer = later.overhear(() => Promise.resolve(given))(asked);
    t.ok(answer instanceof Promise);
    t.equal(later.heard(), null);
    t.equal(await answer, given);
    t.equal(later.heard(), given);
  }
});

t.test('claims are those of good tokens and of refused ones, where the answer had any', async (t) => {
  t.equal(claimsIn(null), null);
  t.strictSame(claimsIn({ ...said, facts: facts({ claims: { sub: 'alice' } }) }), { sub: 'alice' });
  t.strictSame(claimsIn({ ...said, refused: { ...refused, claims: { iss: 'x' } } }), { iss: 'x' });
  t.equal(claimsIn({ ...said, refused }), null);
  t.equal(claimsIn({ ...said, throttled: 'main: too many', retry_after: 1 }), null);
});
