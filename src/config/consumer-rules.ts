/** Rules between consumers, and the routes that look for them. */
import { consumerFields } from '../http/identity-fields.ts';
import { callsBy, type ConsumerKey } from '../oauth/consumers.ts';
import type { Consumer } from './consumer.ts';
import type { Fault } from './fault.ts';
import type { Config } from './resolve.ts';

type Judged = Pick<Config, 'consumers' | 'routes' | 'authorization_servers'>;

/** Every rule that `consumers` break, and whatever looks for one that cannot be found. */
export function consumerFaults(config: Judged): Fault[] {
  const servers = Object.keys(config.authorization_servers);
  return [
    ...config.consumers.flatMap((consumer, index) =>
      ownFaults(consumer, servers).map(({ at, message }) => ({ path: ['consumers', index, ...at], message })),
    ),
    ...KEYS.flatMap((key) => sharedNames(config.consumers, key, servers)),
    ...unclearOwners(config),
    ...unfindable(config),
  ];
}

const KEYS = ['id', 'username', 'custom_id'] as const satisfies ConsumerKey[];

type Within = { readonly at: readonly string[]; readonly message: string };

/** A consumer that nothing names is nobody; one that cannot be sent would refuse its every request. */
function ownFaults(consumer: Consumer, servers: readonly string[]): Within[] {
  const faults: Within[] = [];
  if (consumer.username === undefined && consumer.custom_id === undefined)
    faults.push({ at: [], message: 'needs a username or a custom_id' });
  if (![consumer.authorization_server ?? []].flat().every((one) => servers.includes(one)))
    faults.push({
      at: ['authorization_server'],
      message: `no such authorization server; there are: ${servers.join(', ') || 'none'}`,
    });
  const sent = consumerFields(consumer, false);
  if ('unrepresentable' in sent)
    faults.push({ at: [], message: `cannot be sent upstream: ${sent.unrepresentable}` });
  return faults;
}

/**
 * Two consumers of one name would be one. A `custom_id` is a name at an authorization server, and another server may use it for somebody
 * else; ids and usernames are told apart everywhere, since upstreams see no server.
 */
function sharedNames(consumers: readonly Consumer[], key: ConsumerKey, servers: readonly string[]): Fault[] {
  const named = consumers.map((consumer, index) => ({ consumer, index, name: consumer[key] }));
  const groups = Map.groupBy(
    named.filter(({ name }) => name !== undefined),
    ({ name }) => name,
  );
  return [...groups.values()].flatMap((group) =>
    group
      .filter(({ consumer }, at) =>
        group
          .slice(0, at)
          .some((other) => key !== 'custom_id' || shareServer(consumer, other.consumer, servers)),
      )
      .map(({ index }) => ({
        path: ['consumers', index, key],
        message: `another consumer has this ${key}`,
      })),
  );
}

const shareServer = (one: Consumer, other: Consumer, servers: readonly string[]): boolean =>
  servers.some((server) => callsBy(one, server) && callsBy(other, server));

/** Consumers that name no server, and could be found in tokens of several. */
function unclearOwners({ consumers, routes }: Judged): Fault[] {
  const asked = (key: ConsumerKey): string[] =>
    routes
      .filter((route) => route.consumer?.by === key)
      .flatMap((route) => route.authorization_servers.map(({ name }) => name));
  const servers = { id: asked('id'), username: asked('username'), custom_id: asked('custom_id') };
  return consumers.flatMap((consumer, index): Fault[] => {
    const finding = new Set(KEYS.flatMap((key) => (consumer[key] === undefined ? [] : servers[key])));
    if (consumer.authorization_server !== undefined || finding.size < 2) return [];
    return [
      {
        path: ['consumers', index],
        message:
          'needs its authorization_server: routes look for consumers in tokens of more than one, where the same name can be somebody else’s',
      },
    ];
  });
}

/** Routes whose consumer nobody can be. */
const unfindable = ({ consumers, routes }: Judged): Fault[] =>
  routes.flatMap(({ consumer: sought }, index): Fault[] =>
    sought === null || consumers.some((one) => one[sought.by] !== undefined)
      ? []
      : [
          {
            path: ['routes', index, 'consumer', 'by'],
            message: `no consumer of \`consumers\` can be found by its ${sought.by}: none has one`,
          },
        ],
  );
