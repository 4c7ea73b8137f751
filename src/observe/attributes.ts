/** What spans say: OpenTelemetry's semantic conventions by their published names, and our own under `portcullis.`. */
import type { Attributes } from '@opentelemetry/api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
  ATTR_URL_FULL,
  ATTR_URL_PATH,
  ATTR_URL_SCHEME,
} from '@opentelemetry/semantic-conventions';
import type { StageName } from '../chain/stage.ts';
import { type Denial, explanation } from '../denial.ts';
import type { Permitted } from '../exchange.ts';

export const ATTRIBUTE = {
  method: ATTR_HTTP_REQUEST_METHOD,
  resends: ATTR_HTTP_REQUEST_RESEND_COUNT,
  status: ATTR_HTTP_RESPONSE_STATUS_CODE,
  httpRoute: ATTR_HTTP_ROUTE,
  scheme: ATTR_URL_SCHEME,
  path: ATTR_URL_PATH,
  url: ATTR_URL_FULL,
  serverAddress: ATTR_SERVER_ADDRESS,
  serverPort: ATTR_SERVER_PORT,
  errorType: ATTR_ERROR_TYPE,
  route: 'portcullis.route',
  cache: 'portcullis.cache',
  authorizationServer: 'portcullis.authorization_server',
  entrypoint: 'portcullis.policy.entrypoint',
  revision: 'portcullis.policy.revision',
  reason: 'portcullis.policy.reason',
  decisionId: 'portcullis.decision.id',
  denialReason: 'portcullis.denial.reason',
  denialDetail: 'portcullis.denial.detail',
} as const;

/** What a stage learnt. Neither claims nor anything of the token is in it. */
export function exchangeAttributes(stage: StageName, exchange: Partial<Permitted>): Attributes {
  if (stage === 'route' && exchange.route) return { [ATTRIBUTE.route]: exchange.route.name };
  if (stage === 'policy' && exchange.decision) {
    const { entrypoint, revision, reason } = exchange.decision;
    return {
      [ATTRIBUTE.entrypoint]: entrypoint,
      [ATTRIBUTE.revision]: revision,
      [ATTRIBUTE.decisionId]: exchange.id,
      ...(reason === null ? {} : { [ATTRIBUTE.reason]: reason }),
    };
  }
  return {};
}

/** Why it ended: the reason, and in words what the client is not told. `id` is the decision id. */
export function denialAttributes(denial: Denial, id: string): Attributes {
  return {
    [ATTRIBUTE.decisionId]: id,
    [ATTRIBUTE.denialReason]: denial.denial,
    [ATTRIBUTE.denialDetail]: explanation(denial),
    ...('entrypoint' in denial ? { [ATTRIBUTE.entrypoint]: denial.entrypoint } : {}),
    ...('revision' in denial ? { [ATTRIBUTE.revision]: denial.revision } : {}),
    ...('reason' in denial && denial.reason !== null ? { [ATTRIBUTE.reason]: denial.reason } : {}),
  };
}
