import { PARTS, runTwins } from '../support/builtin-parts.ts';

await runTwins(PARTS.keys);
