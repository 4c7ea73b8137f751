/** The schema of a consumer (Kong's word): a caller as the upstreams know it, whatever its tokens say of it. */
import { type StaticDecode, Type } from 'typebox';
import { closed } from './units.ts';

const text = (description: string) => Type.String({ description, minLength: 1 });

/** One of `consumers`. */
export const Consumer = Type.Object(
  {
    id: Type.Optional(text('Sent as X-Consumer-ID.')),
    username: Type.Optional(text('Sent as X-Consumer-Username.')),
    custom_id: Type.Optional(text('Its name in another system; sent as X-Consumer-Custom-ID.')),
    groups: Type.Array(text('A group.'), {
      description: 'Sent as X-Consumer-Groups, and seen by policies.',
      default: [],
    }),
    authorization_server: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
        description:
          'Whose tokens it calls with: one authorization server, or a list. Needed where consumers are found in tokens of more than one.',
        errorMessage: 'expected the name of an authorization server, or a list of names',
      }),
    ),
  },
  closed,
);

export type Consumer = StaticDecode<typeof Consumer>;
