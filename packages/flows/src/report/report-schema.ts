import { z } from 'zod';

/** The form of `report.json`, and what the pages of a report are made from. */

const element = z.string().describe('The name of a lifeline, such as alice or proxy.');
const number = z.string().describe('The number of a message of the flow, such as F10.');
const path = z.strictObject({ from: element, to: element });

const findingSchema = z.strictObject({
  message: number.nullable().describe('The message that it is about; null for what is about none.'),
  rule: z
    .string()
    .describe(
      'A rule (R-SDP), a key of the expectation (sdp.direction), a negative (N2.1-1), or a rule of the checker.',
    ),
  key: z.string().describe('What of the message is meant.'),
  strength: z.enum(['must', 'should', 'may']),
  expected: z.string(),
  found: z.string(),
  sentence: z.string().describe('What the rule says.'),
  reference: z.string().describe('Where it is written: RFCs and sections.'),
  statements: z.array(z.string()).describe('The statements of the coverage list that are broken with it.'),
});

const saidSchema = z.strictObject({
  time: z.number().describe('Seconds from the first message of the recording.'),
  from: element,
  to: element,
  protocol: z.enum(['UDP', 'TCP', 'TLS', 'WS', 'WSS']),
  text: z.string().describe('As it went over the wire, a character a byte (ISO 8859-1).'),
});

const differenceSchema = z.strictObject({
  part: z.string().describe('start line, a header name, o= for a line of a session description, body.'),
  printed: z.string().nullable().describe('The line that the RFC prints; null where it prints none.'),
  said: z.string().nullable().describe('The line that was said; null where there was none.'),
  kind: z
    .enum(['same', 'own', 'allowed', 'erratum', 'advice', 'wrong'])
    .describe(
      'own: a value that everybody has of his own; erratum: the RFC is in error; advice: a should that was not followed; wrong: a must that was broken.',
    ),
  why: z.string().nullable(),
  tolerance: z.string().nullable().describe('The tolerance that allows it, such as T10.'),
  errata: z.array(z.string()).describe('The errata of the printed line.'),
});

const messageSchema = z.strictObject({
  number,
  from: element,
  to: element,
  label: z.string().describe('What the ladder of the RFC says: INVITE, 180 Ringing.'),
  meaning: z.string().describe('What it is for, and what the flow says of it.'),
  printed: z.string().describe('As the RFC prints it, errors and all.'),
  said: saidSchema.nullable().describe('Null when it was not said.'),
  verdict: z
    .enum(['right', 'wrong', 'missing', 'left out'])
    .describe('left out: not said, and a tolerance allows that.'),
  rules: z
    .array(
      z.strictObject({
        rule: z.string(),
        strength: z.enum(['must', 'should', 'may']),
        sentence: z.string(),
        reference: z.string(),
      }),
    )
    .describe('What it was held against.'),
  findings: z.array(findingSchema).describe('Every must and should that is broken.'),
  tolerances: z.array(z.string()).describe('The tolerances that were needed for it.'),
  errata: z.array(z.string()).describe('What is wrong with the message that the RFC prints.'),
  differences: z
    .array(differenceSchema)
    .describe('Both messages side by side, line by line; empty when it was not said.'),
});

const flowSchema = z.strictObject({
  section: z.string().describe('Of RFC 5359, such as 2.15.'),
  title: z.string(),
  summary: z.string(),
  passed: z
    .boolean()
    .describe('True when no must is broken, all was played to the end, and nobody is left with anything.'),
  stage: z.string().describe('Where it was played, in words.'),
  seconds: z.number().describe('How long that took.'),
  error: z.string().nullable().describe('Why it was not played to its end.'),
  leftOvers: z.array(z.string()).describe('What somebody still held when all was over.'),
  elements: z.array(
    z.strictObject({
      name: element,
      title: z.string(),
      role: z.string(),
      addressOfRecord: z.string().nullable(),
      hosts: z.array(z.string()).describe('Names and addresses that mean it.'),
    }),
  ),
  examined: z.strictObject({
    messages: z.int().describe('How many messages of the flow were said.'),
    rules: z.int().describe('How many rules and expectations these were held against.'),
    media: z.int().describe('In how many states it was looked at who sends RTP to whom.'),
    negatives: z.int().describe('How many things were looked for that must not be.'),
  }),
  messages: z.array(messageSchema),
  media: z.array(
    z.strictObject({
      after: number,
      label: z.string(),
      expected: z.array(z.strictObject({ from: element, to: element, rtp: z.union([z.boolean(), z.literal('any')]) })),
      sent: z.array(path).describe('Who did send RTP to whom.'),
      findings: z.array(findingSchema),
    }),
  ),
  negatives: z.array(z.strictObject({ id: z.string(), statement: z.string(), findings: z.array(findingSchema) })),
  findings: z.array(findingSchema).describe('What is about no single message, no state of media and no negative.'),
  others: z
    .array(saidSchema.extend({ tolerance: z.string().nullable().describe('Null for what nothing allows.') }))
    .describe('What was said beside the messages of the flow.'),
  tolerances: z.array(z.strictObject({ id: z.string(), times: z.int() })),
  statements: z.array(
    z.strictObject({
      id: z.string().describe('Of the coverage list, such as C2.15-03.'),
      level: z.enum(['MUST', 'SHOULD', 'MAY', 'ALT', 'NEG', 'INFO']),
      statement: z.string(),
      verdict: z
        .enum(['held', 'broken', 'not shown'])
        .describe('not shown: a ladder cannot show it; it has a test of its own.'),
    }),
  ),
  files: z.strictObject({ page: z.string(), ladder: z.string(), capture: z.string() }),
});

/** The form of `report.json`. A JSON schema is made of it: docs/flow-report.schema.json. */
export const reportSchema = z.strictObject({
  format: z.literal('switchhook-flow-report'),
  version: z.literal(1).describe('Goes up when a field changes its meaning or is taken away; not when one is added.'),
  made: z.iso.datetime().describe('When the report was made.'),
  passed: z.boolean(),
  flows: z.array(flowSchema),
});

/** A report as JSON: every flow that was played, with its messages and what was found. */
export type ReportDocument = z.infer<typeof reportSchema>;
export type FlowDocument = ReportDocument['flows'][number];
export type MessageDocument = FlowDocument['messages'][number];
export type FindingDocument = z.infer<typeof findingSchema>;
export type DifferenceDocument = z.infer<typeof differenceSchema>;

/** `report.json` for editors and for programs that check it: a JSON schema. */
export function reportJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(reportSchema, { reused: 'ref' }), null, 2)}\n`;
}
