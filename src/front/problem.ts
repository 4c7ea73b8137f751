/** RFC 9457: the body of every refusal. */
import { type Denial, refusal } from '../denial.ts';

/** What a refusal looks like on the wire; `fields` are flat and complete but for the connection's. */
export type Problem = { readonly status: number; readonly fields: string[]; readonly body: string };

/** What names the refusal for whoever asks about it later. */
type Names = { readonly traceId: string; readonly decisionId: string | null };

/** The answer for a denial. Nothing of the token, a stack or an address is in it. */
export function problem(denial: Denial, { traceId, decisionId }: Names): Problem {
  const { status, fields, title, detail, members, body } = refusal(denial);
  const own = body !== undefined;
  const text = own
    ? typeof body === 'string'
      ? body
      : JSON.stringify(body)
    : JSON.stringify({
        type: 'about:blank',
        title,
        status,
        detail,
        trace_id: traceId,
        ...(decisionId === null ? {} : { decision_id: decisionId }),
        ...members,
      });
  const type = own
    ? typeof body === 'string'
      ? 'text/plain; charset=utf-8'
      : 'application/json'
    : 'application/problem+json';
  return {
    status,
    fields: [
      ...(hasContentType(fields) ? [] : ['Content-Type', type]),
      'Content-Length',
      String(Buffer.byteLength(text)),
      'Cache-Control',
      'no-store',
      ...fields,
    ],
    body: text,
  };
}

const hasContentType = (fields: readonly string[]): boolean =>
  fields.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-type');
