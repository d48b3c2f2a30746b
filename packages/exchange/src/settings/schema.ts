import { z } from 'zod';
import { days, isTimeZone } from '../plan/schedule.ts';

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

const place = z.strictObject({
  to: destination.describe('Where he may be. His own user name stands for the phones that he has registered.'),
  ringTime: seconds(1, 180).optional().describe('Seconds that it rings, from its first ringing. Default: 20.'),
  delay: seconds(0, 120).optional().describe('Seconds after which it begins to ring. Default: 0.'),
  q: z.number().min(0).max(1).optional().describe('How likely he is there; for ring: by-preference. Default: 1.'),
});

const findMe = z.strictObject({
  ring: z
    .enum(['in-turn', 'together', 'by-preference'])
    .optional()
    .describe('One place after the other (the default), all at once, or those of one q together, the highest first.'),
  places: z
    .array(z.union([destination, place]))
    .min(1)
    .max(20)
    .describe('Where he may be (RFC 5359 2.12).'),
});

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'a time of day like 08:30');
const timeZone = z.string().refine(isTimeZone, 'the name of a time zone, like Europe/Berlin');

const entry = z.union([
  destination,
  z.strictObject({
    who: destination,
    when: z
      .strictObject({
        days: z.array(z.enum(days)).min(1).optional().describe('Default: all.'),
        from: timeOfDay.optional().describe('Default: 00:00.'),
        to: timeOfDay.optional().describe('Default: 24:00. Earlier than `from`: on the next day.'),
        timeZone: timeZone.optional(),
      })
      .describe('The entry counts then only.'),
  }),
]);

const list = z
  .strictObject({
    allow: z.array(entry).min(1).max(500).optional().describe('Those who may; with such a list, nobody else.'),
    deny: z.array(entry).min(1).max(500).optional().describe('Those who may not.'),
  })
  .describe(
    'Entries are bob, bob@example.net, @example.net, +1900*, anonymous, with * for anything. The one that says most decides.',
  );

const screening = z.strictObject({
  incoming: list.optional().describe('Who may call him, by proved identity (RFC 5359 2.13).'),
  outgoing: list.optional().describe('Whom he may call or send calls to (RFC 5359 2.14).'),
});

const busy = z.strictObject({
  lines: z.int().min(1).max(100).optional().describe('Calls at a time; with so many he is busy. Default: no limit.'),
  whenOneIs: z
    .boolean()
    .optional()
    .describe('Whether one phone that is busy makes him busy, and the others stop ringing. Default: false.'),
});

/** What a subscriber decides about his calls. Everything is optional; what is absent is not done. */
export const settingsSchema = z.strictObject({
  forward: forward.optional(),
  busy: busy.optional(),
  findMe: findMe.optional(),
  screening: screening.optional(),
  timeZone: timeZone.optional().describe('In which schedules are meant. Default: that of the exchange.'),
  doNotDisturb: z.boolean().optional().describe('Whether all calls find him busy, and no phone rings.'),
});

/** What a subscriber decides about his calls, as he writes it. */
export type SubscriberSettings = z.output<typeof settingsSchema>;

/** Allow and deny lists of one direction. */
export type ScreeningList = z.output<typeof list>;

/** One entry of a list. */
export type ListEntry = z.output<typeof entry>;
