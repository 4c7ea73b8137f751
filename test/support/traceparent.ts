import type { Recorded } from './http.ts';

/** The parts of a traceparent as a server received it. */
export function received(request: Recorded | undefined): { traceId: string; spanId: string; flags: string } {
  const value = String(request?.headers['traceparent']);
  const [version, traceId = '', spanId = '', flags = ''] = value.split('-');
  if (version !== '00') throw new Error(`no traceparent: ${value}`);
  return { traceId, spanId, flags };
}
