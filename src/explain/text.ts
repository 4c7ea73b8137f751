/** What came of a request, as text for a terminal. */
import { printable } from '../config/fault.ts';
import type { Explained } from './explain.ts';

/** The whole explanation, a line for each thing learnt; what a terminal would obey is escaped. */
export function explainedText({ request, stages, outcome }: Explained): string {
  const lines = [
    `${request.method} ${request.url}`,
    ...listed({ from: request.from, token: request.token }),
    ...stages.flatMap(({ stage, learnt }, index) => {
      const last = index === stages.length - 1;
      const refused = last && outcome.result === 'refused' ? `: ${outcome.denial}` : '';
      return ['', `${index + 1} ${stage}${refused}`, ...listed(learnt)];
    }),
    '',
    ...ended(outcome),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function ended(outcome: Explained['outcome']): string[] {
  switch (outcome.result) {
    case 'forwarded':
      return [
        'It would be forwarded:',
        `    ${outcome.method} ${outcome.url}`,
        ...outcome.fields.map(([name, value]) => `    ${name}: ${value}`),
      ];
    case 'answered':
      return [`It would be answered with ${outcome.status} by ${outcome.by}; no stage is asked.`];
    case 'refused':
      return [
        `The client would get ${outcome.status} ${outcome.title}: ${outcome.detail}`,
        ...outcome.fields.map(([name, value]) => `    ${name}: ${value}`),
        '',
        `Why: ${outcome.denial}${outcome.explanation === outcome.denial ? '' : `: ${outcome.explanation}`}`,
        ...outcome.remedy.map((line) => `  - ${line}`),
      ];
  }
}

const listed = (things: object): string[] =>
  Object.entries(things).map(([name, value]: [string, unknown]) => `    ${name}: ${shown(value)}`);

const shown = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (value === null || (Array.isArray(value) && value.length === 0)) return 'none';
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(' ');
  return JSON.stringify(value);
};
