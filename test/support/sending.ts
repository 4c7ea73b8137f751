/** Requests sent to an upstream without a gateway around. */
import { Readable } from 'node:stream';
import type { Test } from 'tap';
import type { Send, UpstreamRequest } from '../../src/chain/ports.ts';
import { upstreams } from '../../src/upstream/send.ts';
import { route } from './exchange.ts';
import { type Recording, recording } from './sink.ts';

export type Service = UpstreamRequest['service'];

type Sending = (
  request?: Partial<UpstreamRequest>,
  sink?: Recording,
) => { readonly sink: Recording; readonly result: ReturnType<Send> };

/** Sends to an upstream over connections of its own, which close when the test ends. */
export function sending(t: Test, upstream: string, changes: Partial<Service> = {}): Sending {
  const service: Service = { ...route().service, upstream, ...changes };
  const { send, close } = upstreams({ [service.name]: service });
  t.teardown(close);
  return (request = {}, sink = recording()) => {
    const result = send(
      {
        service,
        method: 'GET',
        target: '/',
        fields: [],
        body: null,
        client_ip: '192.0.2.1',
        body_max_size: 1_000,
        responseFields: [],
        ...request,
      },
      sink,
    );
    return { sink, result };
  };
}

/** A body of these pieces; `length` is what its Content-Length announces, null for a chunked one. */
export const bodyOf = (length: number | null, ...pieces: string[]): UpstreamRequest['body'] => ({
  length,
  stream: () => Readable.from(pieces.map((piece) => Buffer.from(piece))),
});
