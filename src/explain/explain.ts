/** A front for one request of an operator's own (`portcullis explain`): the real chain, but for its last step, and what came of each stage. */
import type { Chain } from '../chain/index.ts';
import type { Answer, Sink, UpstreamRequest } from '../chain/ports.ts';
import type { Observer, StageName } from '../chain/stage.ts';
import type { Route } from '../config/route.ts';
import { type Denial, explanation, isDenial, type Reason, refusal } from '../denial.ts';
import type { Permitted, Received } from '../exchange.ts';
import { field } from '../http/headers.ts';
import { nearRoutes } from '../http/near-routes.ts';
import type { RouteTable } from '../http/route-table.ts';
import { credentialsIn, described, undisclosed, unverified } from './undisclosed.ts';
import { type Known, remedy } from './remedy.ts';
import type { CrossOrigin, JudgeOrigin } from '../front/cross-origin.ts';
import type { Asked } from './arguments.ts';
import { arrive, type Listening, placeFor, shownPlace } from './imagined.ts';
import { claimsIn } from './held-back.ts';
import { type Learnt, learnt, learntOfRefused } from './learnt.ts';
import type { Published } from '../front/published.ts';

export type ExplainPorts = Listening &
  Pick<Known, 'servers' | 'consumers'> & {
    readonly serve: Chain['serve'];
    readonly table: RouteTable<Route>;
    readonly published: Published;
    readonly judgeOrigin: JudgeOrigin;
    /** What the chain would have sent; null until then. */
    readonly held: () => UpstreamRequest | null;
    /** What an authorization server said, whatever came of it; null until then. */
    readonly heard: () => Answer | null;
    readonly policies: { readonly entrypoints: readonly string[]; readonly failure: string | null };
    /** Milliseconds since the epoch. */
    readonly now: () => number;
  };

/** What came of a request. No token is in it, whatever the stages learnt; claims are. */
export type Explained = {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly from: string;
    readonly token: string;
  };
  readonly stages: readonly { readonly stage: StageName; readonly learnt: Learnt }[];
  readonly outcome: Forwarded | Refused | AnsweredHere;
};

/** What the upstream would get. Header fields as pairs. */
export type Forwarded = {
  readonly result: 'forwarded';
  readonly method: string;
  readonly url: string;
  readonly fields: readonly (readonly [string, string])[];
};

export type Refused = {
  readonly result: 'refused';
  readonly denial: Reason;
  /** What the client sees. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly fields: readonly (readonly [string, string])[];
  /** What the log says. */
  readonly explanation: string;
  readonly remedy: readonly string[];
};

/** No stage was asked. */
export type AnsweredHere = {
  readonly result: 'answered';
  readonly by: 'a document of the gateway' | 'the CORS of the route';
  readonly status: number;
};

/** Nothing is answered: there is no client. */
const NOBODY: Sink = {
  head: () => {},
  write: () => true,
  onDrain: () => {},
  end: () => {},
  abort: () => {},
  onGone: () => {},
};

/** Runs the request through the chain. Authorization servers are really asked. */
export async function explain(ports: ExplainPorts, asked: Asked): Promise<Explained> {
  const { table, held, heard, now, servers, consumers } = ports;
  const place = placeFor(asked, table, ports);
  const received = arrive(asked, place, ports);
  const stages: { stage: StageName; learnt: Learnt }[] = [];
  let exchange: Partial<Permitted> = {};
  /** Whatever could be sent again: it is shown nowhere, however it came here. */
  const secrets = new Set(asked.token === null ? [] : [asked.token]);
  const observer: Observer = {
    stage(stage, run) {
      const note = <R extends object>(result: R): R => {
        const passed = !isDenial(result) && stage !== 'forward';
        if (passed) {
          exchange = result;
          for (const secret of credentialsIn(exchange)) secrets.add(secret);
        }
        const told = passed ? learnt(stage, result, now()) : learntOfRefused(stage, heard(), now());
        stages.push({ stage, learnt: told });
        return result;
      };
      const result = run();
      return result instanceof Promise ? result.then(note) : note(result);
    },
  };
  const outcome = async (): Promise<Explained['outcome']> => {
    const own = isDenial(received) ? null : answeredHere(received, ports);
    if (own && !isDenial(own)) return own;
    const result = own ?? (isDenial(received) ? received : await ports.serve(received, NOBODY, observer));
    if (!isDenial(result)) return forwarded(held());
    return refused(
      result,
      remedy(result, {
        exchange,
        claims: claimsIn(heard()),
        said: asked.token === null ? null : unverified(asked.token),
        asked: heard()?.authorization_server ?? null,
        servers,
        consumers,
        now: now(),
        near: isDenial(received) ? [] : nearRoutes(table, { ...received, ...received.target }),
        entrypoints: ports.policies.entrypoints,
        policyFailure: ports.policies.failure,
      }),
    );
  };
  const ended = await outcome();
  const explained: Explained = {
    request: {
      method: asked.method,
      url: `${asked.scheme}://${field(asked.fields, 'host')}${asked.target}`,
      from: asked.from,
      token: asked.token === null ? 'none' : `${described(asked.token)}, in ${shownPlace(place)}`,
    },
    stages,
    outcome: ended,
  };
  return undisclosed(explained, [...secrets]);
}

/** What the gateway answers before any route is asked; null for nothing. */
function answeredHere(
  received: Received,
  { published, judgeOrigin }: ExplainPorts,
): AnsweredHere | Denial | null {
  const own = published(received);
  if (own) return { result: 'answered', by: 'a document of the gateway', status: own.status };
  const preflight: CrossOrigin['preflight'] = judgeOrigin(received)?.preflight ?? null;
  if (preflight === null || isDenial(preflight)) return preflight;
  return { result: 'answered', by: 'the CORS of the route', status: 204 };
}

function forwarded(request: UpstreamRequest | null): Forwarded {
  if (!request) throw new Error('nothing was sent');
  const { service, method, target, fields } = request;
  const sent = pairs(['Host', new URL(service.upstream).host, ...fields]);
  // `preserve_host` says another one.
  const hosts = sent.filter(([name]) => name.toLowerCase() === 'host').length;
  return {
    result: 'forwarded',
    method,
    url: service.upstream.replace(/\/$/, '') + target,
    fields: shownFields(sent.slice(hosts - 1)),
  };
}

function refused(denial: Denial, toDo: readonly string[]): Refused {
  const { status, title, detail, fields } = refusal(denial);
  return {
    result: 'refused',
    denial: denial.denial,
    status,
    title,
    detail,
    fields: shownFields(pairs(fields)),
    explanation: explanation(denial),
    remedy: toDo,
  };
}

const pairs = (flat: readonly string[]): [string, string][] =>
  flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] as string]] : []));

const shownFields = (fields: readonly (readonly [string, string])[]): [string, string][] =>
  fields.map(([name, value]) => [name, shownValue(name, value)]);

/** A value as it may be shown: of what may be a secret, only that it is there. A JWT of the gateway’s is told with its claims. */
function shownValue(name: string, value: string): string {
  const [, scheme = '', rest = value] = /^(Bearer )?(.*)$/is.exec(value) ?? [];
  if (unverified(rest)) return scheme + undisclosed(rest, []);
  return /^(?!x-credential-).*(?:authorization|cookie|token|secret|password|signature|key)/i.test(name)
    ? `(${value.length} characters)`
    : value;
}
