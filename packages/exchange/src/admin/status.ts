import { z } from 'zod';

const registrationSchema = z.object({
  addressOfRecord: z.string(),
  contact: z.string(),
  /** Where the REGISTER came from: `TLS 127.0.0.1:40312`, or empty when it came through other proxies. */
  via: z.string(),
  /** Seconds until it runs out. */
  expiresIn: z.number(),
  userAgent: z.string().exactOptional(),
});

const callSchema = z.object({
  callId: z.string(),
  from: z.string(),
  to: z.string(),
  state: z.enum(['ringing', 'answered']),
  /** Seconds since the INVITE. */
  since: z.number(),
  transport: z.string(),
  /** Whom the caller's certificate names, when it showed one that verified. */
  peer: z.string().exactOptional(),
});

const serverSchema = z.object({
  kind: z.enum(['announcement', 'music', 'park', 'features']),
  address: z.string(),
  /** Calls that ring or stand. */
  calls: z.number(),
});

const statusSchema = z.object({
  version: z.string(),
  startedAt: z.string(),
  draining: z.boolean(),
  domains: z.array(z.string()),
  /** Like `TLS 127.0.0.1:5061`. */
  listeners: z.array(z.string()),
  subscribers: z.number(),
  registrations: z.array(registrationSchema),
  calls: z.array(callSchema),
  servers: z.array(serverSchema),
});

/** One binding, as `switchhook status` shows it. */
export type RegistrationStatus = z.output<typeof registrationSchema>;

/** One call that is being set up or in progress. */
export type CallStatus = z.output<typeof callSchema>;

/** A server that lives in the exchange. */
export type ServerStatus = z.output<typeof serverSchema>;

/** What `GET /status` answers. */
export type ExchangeStatus = z.output<typeof statusSchema>;

/** Reads the answer of a running exchange, which may be of another version: what is missing throws. */
export function readStatus(text: string): ExchangeStatus {
  return statusSchema.parse(JSON.parse(text));
}
