/** Which of the configured consumers calls. */
import type { Consumer } from '../config/consumer.ts';

/** What of a consumer a claim is compared with. */
export type ConsumerKey = 'id' | 'username' | 'custom_id';

/**
 * The consumer whose `by` is that value of a token's claim; null without one. Names are an authorization server's own: `app` of one server
 * is not `app` of another, so that a consumer which names servers is found in their tokens only. Only text is a name: 1 is not `"1"`.
 */
export type FindConsumer = (server: string, by: ConsumerKey, value: unknown) => Consumer | null;

/** Makes the index, once: requests look up what may be thousands. */
export function consumerIndex(consumers: readonly Consumer[]): FindConsumer {
  const by = (key: ConsumerKey) =>
    Map.groupBy(
      consumers.filter((consumer) => consumer[key] !== undefined),
      (consumer) => consumer[key],
    );
  const indexes = { id: by('id'), username: by('username'), custom_id: by('custom_id') };
  return (server, key, value) =>
    (typeof value === 'string' && indexes[key].get(value)?.find((one) => callsBy(one, server))) || null;
}

/** May tokens of this authorization server be this consumer's? */
export const callsBy = ({ authorization_server: named }: Consumer, server: string): boolean =>
  named === undefined || [named].flat().includes(server);
