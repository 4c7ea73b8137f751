/** Clients and upstreams that show what really went over the wire. */
import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  request,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Test } from 'tap';

/** A request as an upstream received it. */
export type Recorded = {
  readonly method: string;
  readonly target: string;
  /** Names and values as they came: name, value, name, value … */
  readonly rawHeaders: readonly string[];
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

export type Upstream = { readonly url: string; readonly requests: Recorded[] };

/** Starts a server of the test's own; it closes, with its connections, when the test ends. */
export async function startServer(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts an upstream that records what it gets and answers with `answer`, or 200 and `{}`. */
export async function startUpstream(
  t: Test,
  answer?: (request: Recorded, response: ServerResponse) => void,
): Promise<Upstream> {
  const requests: Recorded[] = [];
  const url = await startServer(t, (incoming, response) => {
    void buffer(incoming).then(
      (body) => {
        const { method = '', url: target = '', rawHeaders, headers } = incoming;
        const recorded = { method, target, rawHeaders, headers, body: body.toString() };
        requests.push(recorded);
        if (answer) answer(recorded, response);
        else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      },
      () => {},
    );
  });
  return { url, requests };
}

export type Answer = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly text: string;
  readonly json: () => Record<string, unknown>;
};

type Call = {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | readonly string[];
  readonly token?: string;
  readonly body?: string | Buffer;
};

/** Calls by node:http, which sends the path as it is given (fetch would tidy it first). */
export async function call(
  url: string,
  { method = 'GET', path = '/', headers = {}, token, body }: Call = {},
): Promise<Answer> {
  const { hostname, port } = new URL(url);
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const sent = request({
    hostname,
    port,
    method,
    path,
    agent: false,
    headers: (Array.isArray(headers) ? headers : Object.assign(authorization, headers)) as Record<
      string,
      string
    >,
  });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const text = (await buffer(answer)).toString();
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    rawHeaders: answer.rawHeaders,
    text,
    json: () => JSON.parse(text) as Record<string, unknown>,
  };
}

/** Sends bytes over a bare socket and gives all that came back until the other side closed. */
export async function callRaw(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(bytes, 'latin1');
  return (await buffer(socket)).toString('latin1');
}
