import t from 'tap';
import { configuredDressing, dressed } from '../../src/http/response-fields.ts';

t.test('a value replaces what is there, in any spelling; false removes it', async (t) => {
  const dressing = configuredDressing({ 'X-Frame-Options': 'DENY', Server: false });
  t.ok(dressing);
  const fields = ['server', 'nginx', 'x_frame_options', 'ALLOW', 'X-FRAME-OPTIONS', 'x', 'Set-Cookie', 'a=1'];
  t.strictSame(dressed(fields, dressing!), ['Set-Cookie', 'a=1', 'X-Frame-Options', 'DENY']);
  t.equal(fields.length, 8, 'what was given stays as it was');
});

t.test('fields that are said twice stay twice', async (t) => {
  const dressing = { removes: new Set<string>(), adds: ['Vary', 'Origin'] };
  t.strictSame(dressed(['Set-Cookie', 'a', 'Set-Cookie', 'b', 'Vary', 'Accept'], dressing), [
    'Set-Cookie',
    'a',
    'Set-Cookie',
    'b',
    'Vary',
    'Accept',
    'Vary',
    'Origin',
  ]);
});

t.test('nothing configured costs nothing', async (t) => {
  t.equal(configuredDressing({}), null);
});
