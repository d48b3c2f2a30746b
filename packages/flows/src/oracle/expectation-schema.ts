import { z } from 'zod';

/**
 * The expectations of SCHEMA: what has to hold of one message, in symbols. Elements, dialogs and messages are named by
 * their ids in the flow; what they stand for is found in the conversation.
 */

const number = z.string().regex(/^F\d+$/);
const element = z.string();
const texts = z.array(z.string());

const targetSchema = z.strictObject({
  /** The address of record of an element. */
  aor: element.optional(),
  /** The Contact of an element. */
  contact: element.optional(),
  /** The address by which a server offers its service. */
  service: element.optional(),
  /** The Error-Info of a message. */
  errorInfo: number.optional(),
  /** Any address of an announcement. */
  announcement: z.string().optional(),
  /** A message, and behind a space what of it is meant. */
  sameAs: z.string().optional(),
  gruu: z.boolean().optional(),
  mixer: z.boolean().optional(),
  e164: z.string().optional(),
  userParam: z.string().optional(),
});

const replacesSchema = z.strictObject({
  dialog: z.string(),
  toTag: element,
  fromTag: element,
  earlyOnly: z.boolean(),
});

const referenceSchema = z.strictObject({
  target: targetSchema,
  headers: z.strictObject({ replaces: replacesSchema.optional(), require: texts.optional() }),
  escaped: z.boolean().optional(),
});

const parametersSchema = z.record(z.string(), z.union([z.string(), z.literal(true)]));

const directionSchema = z.enum(['sendrecv', 'sendonly', 'recvonly', 'inactive']);

const relationSchema = z.union([
  z.literal('new'),
  z.strictObject({ sameAs: number }),
  z.strictObject({ differsFrom: number }),
  z.strictObject({ greaterThan: number }),
]);

const credentialsSchema = z.strictObject({
  scheme: z.literal('Digest'),
  username: element.optional(),
  present: texts,
  absent: texts.optional(),
  algorithm: texts.optional(),
  nonceFrom: number.optional(),
  realmFrom: number.optional(),
  qop: z.string().optional(),
  sameAs: number.optional(),
});

export const expectationSchema = z.strictObject({
  requestUri: targetSchema.optional(),
  tags: z.strictObject({ from: element, to: element.nullable() }),
  viaCount: z.number().int().positive().optional(),
  recordRoute: texts.optional(),
  route: texts.optional(),
  routeLr: z.literal(true).optional(),
  maxForwards: z.enum(['decremented', 'present']).optional(),
  contact3xx: z.strictObject({ proxy: element, lr: z.boolean() }).optional(),
  to: z.strictObject({ unchanged: z.literal(true) }).optional(),
  branch: relationSchema.optional(),
  cseqNumber: relationSchema.optional(),
  toTagSameAs: number.optional(),
  toTagDistinctFrom: z.array(number).optional(),
  sdp: z
    .strictObject({
      role: z.enum(['offer', 'answer']),
      direction: directionSchema,
      allowed: z.array(directionSchema).optional(),
      version: z.enum(['initial', 'incremented', 'same', 'unchanged-by-proxy']),
      mediaPort: z.string().optional(),
      mediaAddress: z.string().optional(),
    })
    .optional(),
  contact: z
    .strictObject({
      of: element,
      gruu: z.boolean().optional(),
      mixer: z.boolean().optional(),
      sameUriAs: number.optional(),
      params: parametersSchema.optional(),
      notParams: parametersSchema.optional(),
      absentParams: texts.optional(),
    })
    .optional(),
  require: texts.optional(),
  supported: texts.optional(),
  allowIncludes: texts.optional(),
  absent: texts.optional(),
  replaces: replacesSchema.optional(),
  join: z.strictObject({ dialog: z.string(), toTag: element, fromTag: element }).optional(),
  referTo: referenceSchema.optional(),
  bodyUri: referenceSchema.optional(),
  referredBy: targetSchema.optional(),
  referSub: z.boolean().optional(),
  event: z.strictObject({ package: z.string(), id: z.string().optional() }).optional(),
  subscriptionState: z
    .strictObject({
      state: z.string(),
      stateAccept: texts.optional(),
      reason: z.string().optional(),
      expires: z.literal('present').optional(),
    })
    .optional(),
  expires: z.union([z.literal(0), z.literal('present')]).optional(),
  accept: z.string().optional(),
  contentType: z.string().optional(),
  sipfrag: z
    .strictObject({
      status: z.number().int(),
      class: z.number().int(),
      dialog: z
        .strictObject({
          id: z.string(),
          callId: z.literal('present'),
          fromTag: element,
          toTag: element,
          contact: targetSchema,
        })
        .optional(),
    })
    .optional(),
  dialogInfo: z
    .strictObject({
      entity: targetSchema,
      state: z.enum(['full', 'partial']),
      version: z.enum(['initial', 'incremented']).optional(),
      dialogs: z.array(
        z.strictObject({
          state: z.string(),
          dialog: z.string().optional(),
          localTag: element.optional(),
          remoteTag: element.optional(),
          direction: z.string().optional(),
          remoteTarget: targetSchema.optional(),
          sameIdAs: number.optional(),
          newId: z.literal(true).optional(),
          /** The session that it is, where its other party is the subscriber. */
          withSubscriber: z.string().optional(),
        }),
      ),
    })
    .optional(),
  proxyAuthenticate: credentialsSchema.optional(),
  proxyAuthorization: credentialsSchema.optional(),
  errorInfo: targetSchema.optional(),
  closes: z.string().optional(),
  endsUsage: z.strictObject({ dialog: z.string(), usage: z.string() }).optional(),
  statusAccept: z.array(z.number().int()).optional(),
});

/** What RFC 5359 has in a header field, a URI or a body, as the files of `oracle/` write it. */
export type Expectation = z.infer<typeof expectationSchema>;
export type ExpectationKey = keyof Expectation;
export type Target = z.infer<typeof targetSchema>;
/** A dialog as a document of RFC 4235 is to tell of it. */
export type ToldDialog = NonNullable<Expectation['dialogInfo']>['dialogs'][number];
export type Reference = z.infer<typeof referenceSchema>;
export type ReplacedDialog = z.infer<typeof replacesSchema>;
export type Relation = z.infer<typeof relationSchema>;
export type CredentialsExpectation = z.infer<typeof credentialsSchema>;
