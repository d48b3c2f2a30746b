import { z } from 'zod';
import { expectationSchema } from './expectation-schema.ts';

/** The flows as `rfc5359.json` has them. Everything is named, so that nothing in the file goes unread. */

const number = z.string().regex(/^F\d+$/);
const strengthSchema = z.enum(['must', 'should', 'may']);

const ruleIds = [
  'R-REQ',
  'R-RESP',
  'R-FWD-REQ',
  'R-FWD-RESP',
  'R-INDIALOG',
  'R-NEW',
  'R-ACK2',
  'R-ACKN',
  'R-CANCEL',
  'R-SDP',
  'R-REPL',
  'R-JOIN',
] as const;

const elementSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(['ua', 'proxy', 'music-server', 'park-server', 'announcement-server', 'gateway', 'pc']),
  aor: z.string().optional(),
  host: z.string().optional(),
  aorOf: z.string().optional(),
});

const dialogSchema = z.strictObject({
  id: z.string(),
  type: z.enum(['invite', 'subscription', 'early']),
  event: z.enum(['refer', 'dialog']).optional(),
  between: z.tuple([z.string(), z.string()]),
  caller: z.string(),
  callee: z.string(),
  callId: z.string(),
  callerTag: z.string(),
  calleeTag: z.string().nullable(),
  createdBy: number,
  earlyBy: number.nullable(),
  confirmedBy: number.nullable(),
  endedBy: number.nullable(),
  replacedBy: z.string().optional(),
  joins: z.string().optional(),
  routeSet: z.array(z.string()).optional(),
  usages: z.array(z.strictObject({ usage: z.string(), startedBy: number, endedBy: number.nullable() })).optional(),
  fork: z.boolean().optional(),
  note: z.string().optional(),
});

const messageSchema = z.strictObject({
  f: number,
  n: z.number().int(),
  from: z.string(),
  to: z.string(),
  kind: z.enum(['request', 'response']),
  method: z.string(),
  status: z.number().int().nullable(),
  reason: z.string().nullable(),
  optional: z.boolean(),
  phase: z.string(),
  comment: z.string().nullable(),
  rfcCommentLine: z.number().optional(),
  ladderLabel: z.string(),
  heading: z.string(),
  answers: number.optional(),
  forwards: number.optional(),
  acks: number.optional(),
  ackKind: z.enum(['2xx', 'non-2xx']).optional(),
  cancels: number.optional(),
  txn: number,
  dialog: z.string().nullable(),
  inDialog: z.boolean(),
  creates: z.array(z.string()).optional(),
  ends: z.array(z.string()).optional(),
  after: z.array(number),
  expect: expectationSchema,
  strength: z.record(z.string(), strengthSchema).optional(),
  tolerate: z.array(z.string()).optional(),
  note: z.string().optional(),
  rules: z.array(z.enum(ruleIds)),
  errata: z.array(z.string()).optional(),
  literal: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  file: z.string(),
  srcLine: z.number().int(),
});

const mediaSchema = z.strictObject({
  label: z.string(),
  flows: z.array(
    z.strictObject({
      from: z.string(),
      to: z.string(),
      rtp: z.union([z.boolean(), z.literal('any')]),
      strength: strengthSchema.optional(),
    }),
  ),
  ladder: z
    .strictObject({
      label: z.string(),
      between: z.tuple([z.string(), z.string()]),
      dir: z.enum(['both', 'left', 'right']),
    })
    .optional(),
  implied: z.boolean().optional(),
  ladderDisagrees: z.boolean().optional(),
  mix: z.strictObject({ mixer: z.string(), hears: z.record(z.string(), z.array(z.string())) }).optional(),
  note: z.string().optional(),
});

const negativeSchema = z.strictObject({
  id: z.string(),
  statement: z.string(),
  element: z.string().optional(),
  mustNot: z.enum(['receive', 'send', 'accept']).optional(),
  what: z
    .strictObject({
      kind: z.enum(['request', 'response']),
      method: z.string().optional(),
      status: z.number().int().optional(),
      statusIn: z.array(z.number().int()).optional(),
      with: z.string().optional(),
    })
    .optional(),
  after: number.optional(),
  until: number.optional(),
  ref: z.string().optional(),
});

export const flowSchema = z.strictObject({
  id: z.string(),
  slug: z.string(),
  title: z.string(),
  summary: z.string(),
  elements: z.array(elementSchema),
  phases: z.array(z.strictObject({ phase: z.string(), from: number, to: number, comment: z.string() })),
  dialogs: z.array(dialogSchema),
  messages: z.array(messageSchema),
  media: z.record(z.string(), mediaSchema),
  negative: z.array(negativeSchema),
  alternatives: z.array(z.string()),
  coverage: z.array(z.string()),
  tolerances: z.array(z.string()),
  errata: z.array(z.string()),
});

export const ruleSchema = z.strictObject({ id: z.enum(ruleIds), text: z.string(), ref: z.string() });

export const toleranceSchema = z.strictObject({ id: z.string(), title: z.string(), text: z.string(), ref: z.string() });

export const coverageSchema = z.strictObject({
  id: z.string(),
  level: z.enum(['MUST', 'SHOULD', 'MAY', 'ALT', 'NEG', 'INFO']),
  /** The section of RFC 5359, or `X` for what other RFCs ask of all flows. */
  section: z.string(),
  statement: z.string(),
  /** Why no test shows it. */
  untested: z.string().optional(),
});

export const erratumSchema = z.strictObject({
  id: z.string(),
  sev: z.enum(['breaks', 'violates', 'inconsistent', 'outdated', 'cosmetic']),
  /** Messages by flow, or in words. */
  where: z.union([z.string(), z.record(z.string(), z.array(z.string()))]),
  shows: z.string(),
  correct: z.string(),
  checker: z.string(),
  ref: z.string(),
});

/** A flow of RFC 5359: who takes part, the messages, the media and what must not be. */
export type FlowDescription = z.infer<typeof flowSchema>;
/** Somebody in a flow: a phone, a proxy, a server. */
export type FlowElement = z.infer<typeof elementSchema>;
/** A dialog of a flow, and which messages begin and end it. */
export type FlowDialog = z.infer<typeof dialogSchema>;
/** An arrow of a ladder, what it must and should be, and what it comes after. */
export type FlowMessage = z.infer<typeof messageSchema>;
/** Who hears whom after a message. */
export type FlowMedia = z.infer<typeof mediaSchema>;
/** What must not happen in a flow. */
export type FlowNegative = z.infer<typeof negativeSchema>;
/** A rule that messages of many flows name. */
export type RuleId = (typeof ruleIds)[number];
/** What every message that names it keeps, and by which RFC. */
export type Rule = z.infer<typeof ruleSchema>;
/** A deviation from the ladder that is right all the same. */
export type Tolerance = z.infer<typeof toleranceSchema>;
/** A sentence of RFC 5359, or of what it relies on, that a test has to show. */
export type CoverageStatement = z.infer<typeof coverageSchema>;
/** An error that RFC 5359 prints, and what is right. */
export type Erratum = z.infer<typeof erratumSchema>;
/** How an RFC means a thing (RFC 2119). */
export type Strength = z.infer<typeof strengthSchema>;
