import { z } from 'zod';
import type { LinkQuality } from '@switchhook/sim';
import type { RealOptions } from '../real/play-flow.ts';
import { realProtocols } from '../real/sockets.ts';
import type { SimulationOptions } from '../simulation/simulation-options.ts';
import { FlowError } from './flow-error.ts';
import type { FlowErrorCode } from './flow-error.ts';

const chance = z.number().min(0).max(1).optional();
const time = z.number().nonnegative().optional();
const addressFamily = z.literal([4, 6]).optional();
const any = z.unknown().optional();

/** What a program without types may get wrong; what only the compiler knows is taken as it is. */
const simulator = z.strictObject({
  on: z.literal('simulator', { error: 'it is "simulator" or "sockets"' }).optional(),
  ...({
    seed: z.int().nonnegative().optional(),
    protocol: z.enum(['UDP', 'TCP', 'TLS', 'WS', 'WSS']).optional(),
    addressFamily,
    link: z
      .strictObject({
        delay: time,
        jitter: time,
        loss: chance,
        duplication: chance,
        reordering: chance,
        heldBack: time,
      } satisfies Record<keyof LinkQuality, z.ZodType>)
      .optional(),
    misfortunes: z.array(any).optional(),
    optionalMessages: z.boolean().optional(),
    pictures: z.array(z.string()).optional(),
    crash: any,
    sound: z.literal('coarse').optional(),
    listenTime: time,
    parts: any,
    setting: any,
    permissions: any,
    phones: any,
    others: z.array(z.string()).optional(),
    certificate: any,
  } satisfies Record<keyof SimulationOptions, z.ZodType>),
});

const sockets = z.strictObject({
  on: z.literal('sockets'),
  ...({
    protocol: z.enum(realProtocols).optional(),
    addressFamily,
    guests: z.record(z.string(), z.string().optional()).optional(),
    director: z.looseObject({ direct: z.function() }).optional(),
    password: z.string().optional(),
    proxy: z.string().optional(),
    accounts: z.instanceof(Map).optional(),
    listen: z.string().optional(),
    patience: time,
    watch: z.function().optional(),
    listenTime: time,
    signal: z.instanceof(AbortSignal).optional(),
    timeLimit: time,
  } satisfies Record<keyof RealOptions, z.ZodType>),
});

const recording = z.strictObject({
  participants: z.record(
    z.string(),
    z.strictObject({ hosts: z.array(z.string()), addressOfRecord: z.string().optional() }),
  ),
  messages: z.array(
    z.strictObject({
      time: z.number(),
      from: z.string(),
      to: z.string(),
      text: z.union([z.string(), z.instanceof(Uint8Array)]),
      protocol: z.enum(['UDP', 'TCP', 'TLS', 'WS', 'WSS']).optional(),
    }),
  ),
  packets: z.array(z.strictObject({ time: z.number(), from: z.string(), to: z.string() })).optional(),
});

/** Throws a {@link FlowError} for options that there are not, and for values that they do not take. */
export function checkOptions(options: unknown): void {
  const isReal = z.looseObject({ on: z.literal('sockets') }).safeParse(options).success;
  refuse(isReal ? sockets : simulator, options, 'invalid-option', 'the options');
}

/** Throws a {@link FlowError} for what is no recording. */
export function checkRecording(given: unknown): void {
  refuse(recording, given, 'invalid-recording', 'the recording');
}

function refuse(schema: z.ZodType, value: unknown, code: FlowErrorCode, what: string): void {
  const { error } = schema.safeParse(value);
  if (error === undefined) return;
  const words = error.issues.map(({ path, message }) => [path.join('.'), message].filter((each) => each !== ''));
  throw new FlowError(code, `${what}: ${words.map((each) => each.join(': ')).join('; ')}`);
}
