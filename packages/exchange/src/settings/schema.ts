import { z } from 'zod';

const seconds = (from: number, to: number) => z.int().min(from).max(to);

/** Longest text of an address or a pattern. */
const longestAddress = 256;

const destination = z
  .string()
  .min(1)
  .max(longestAddress)
  .describe(
    'A user of the same domain, an address (carol@example.net), a number (+19725551212), or a sip:, sips: or tel: URI.',
  );

const forward = z.strictObject({
  always: destination.optional().describe('Where all calls go (RFC 5359 2.7).'),
  busy: destination.optional().describe('Where calls go that find him busy (RFC 5359 2.8).'),
  noAnswer: destination.optional().describe('Where calls go that nobody answers (RFC 5359 2.9).'),
  unavailable: destination.optional().describe('Where calls go while no phone of his is registered or can be reached.'),
  ringTime: seconds(1, 180).optional().describe('Seconds from the first ringing until nobody answers. Default: 20.'),
  by: z
    .enum(['proxy', 'redirect'])
    .optional()
    .describe('Whether the exchange places the forwarded call (the default), or tells the caller to with 302.'),
});

const busy = z.strictObject({
  whenOneIs: z
    .boolean()
    .optional()
    .describe('Whether one phone that is busy makes him busy, and the others stop ringing. Default: false.'),
});

/** What a subscriber decides about his calls. Everything is optional; what is absent is not done. */
export const settingsSchema = z.strictObject({
  forward: forward.optional(),
  busy: busy.optional(),
  doNotDisturb: z.boolean().optional().describe('Whether all calls find him busy, and no phone rings.'),
});

/** What a subscriber decides about his calls, as he writes it. */
export type SubscriberSettings = z.output<typeof settingsSchema>;
