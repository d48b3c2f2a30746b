import { SeededRandom } from '@switchhook/sim';
import type { FlowScript } from '../flow/flow-script.ts';
import { findFlow } from '../oracle/oracle.ts';
import { playInSimulator } from './simulate-flow.ts';
import type { SimulationOptions } from './simulation-options.ts';

/** An element loses its power and has it again. */
export interface Crash {
  readonly element: string;
  /** Milliseconds after all are registered and the flow has begun. */
  readonly at: number;
  /** Milliseconds until it is started again. */
  readonly downFor: number;
}

/** Milliseconds that an element is away at most: less than a request within a call is repeated for. */
const longestAway = 8_000;

/** How long a flow takes, by section and network. */
const spans = new Map<string, number>();

/** When which element crashes in the story of a seed: at any moment of it, and a little beyond its end. `which` may be `any`. */
export async function planCrash(script: FlowScript, which: string, options: SimulationOptions): Promise<Crash> {
  const random = new SeededRandom(`crash ${options.seed ?? 1}`);
  const elements = findFlow(script.flow)?.elements.map(({ id }) => id) ?? [];
  const element = which === 'any' ? (elements[Math.floor(random.fraction() * elements.length)] ?? which) : which;
  const span = await spanOf(script, options);
  return {
    element,
    at: Math.round(random.fraction() * (span + 1_000)),
    downFor: Math.round(random.fraction() * longestAway),
  };
}

async function spanOf(script: FlowScript, options: SimulationOptions): Promise<number> {
  const key = JSON.stringify([script.flow, { ...options, seed: 1 }]);
  const known = spans.get(key);
  if (known !== undefined) return known;
  const { conversation } = await playInSimulator(script, { ...options, seed: 1 });
  spans.set(key, conversation.end);
  return conversation.end;
}

/** `proxy@1200+800`: away for 800 ms, 1,200 ms after the flow has begun. */
export function printCrash({ element, at, downFor }: Crash): string {
  return `${element}@${at}+${downFor}`;
}

/** Reads what {@link printCrash} writes; undefined for anything else. */
export function readCrash(text: string): Crash | undefined {
  const { element, at, downFor } = /^(?<element>[\w-]+)@(?<at>\d{1,9})\+(?<downFor>\d{1,9})$/.exec(text)?.groups ?? {};
  return element === undefined ? undefined : { element, at: Number(at), downFor: Number(downFor) };
}
