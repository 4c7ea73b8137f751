/** The limits of a listener, as they are by default. */
import type { Limits } from '../../src/front/server.ts';
import { changed, load } from './config.ts';

export const LIMITS: Limits = load(changed({})).server.limits;
