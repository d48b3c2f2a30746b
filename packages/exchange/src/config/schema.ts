import { SipUri } from '@switchhook/sip';
import { z } from 'zod';
import { isNetwork } from '../plan/networks.ts';
import { isAnnouncementName } from '../servers/announcement-names.ts';
import { features } from '../settings/features.ts';
import type { FeatureName } from '../settings/features.ts';
import { settingsSchema } from '../settings/schema.ts';
import { nameSyntax, userSyntax } from '../subscribers/subscriber.ts';

const port = z.int().min(1).max(65_535);
/** Host names and addresses as SIP URIs write them, without brackets, lower case. */
const host = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$/,
    'a host name or an IP address',
  )
  .transform((text) => text.toLowerCase());
const user = z.string().regex(userSyntax, 'the user part of a SIP URI, without "@", 128 characters at most');
const address = z
  .string()
  .regex(/^[A-Za-z0-9\-_.!~*'()&=+$,;?/]+(?:@[A-Za-z0-9.:-]+)?$/, 'a subscriber: alice, or alice@example.com');
const file = z
  .string()
  .min(1)
  .refine((text) => !text.includes('\0'), 'the path of a file');
const sipUri = z.string().transform((text, context) => {
  const uri = SipUri.parse(text);
  if (uri instanceof SipUri) return uri;
  context.addIssue({ code: 'custom', message: `not a SIP URI: ${uri.reason}` });
  return z.NEVER;
});
const announcementName = z.string().refine(isAnnouncementName, 'lower-case letters, digits and hyphens, 64 at most');
const seconds = (from: number, to: number) => z.int().min(from).max(to);
const count = (to: number) => z.int().min(1).max(to);
const hexadecimal = (length: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9A-Fa-f]{${String(length)}}$`), `${String(length)} hexadecimal digits`)
    .transform((text) => text.toLowerCase());

const domain = z.strictObject({
  name: host.describe('The domain of the addresses of record, and the realm of their digest credentials.'),
  aliases: z.array(host).default([]).describe('Other names that mean the same domain.'),
});

const listener = z.strictObject({
  protocol: z.enum(['udp', 'tcp', 'tls', 'ws', 'wss']),
  address: z.union([z.ipv4(), z.ipv6()]).describe('The IP address to bind; 0.0.0.0 or :: for all.'),
  port: port.optional().describe('Default: 5060 for udp and tcp, 5061 for tls, 8080 for ws, 8443 for wss.'),
  publicName: host
    .optional()
    .describe('What Via and Record-Route say: the name or address by which phones reach this listener.'),
});

const tls = z.strictObject({
  certificate: file.optional().describe('PEM file, the whole chain. Without it the development CA makes one.'),
  key: file.optional().describe('PEM file with the private key of the certificate.'),
  ca: file.optional().describe('PEM file with the authorities that far ends are checked against.'),
  clientCertificates: z
    .enum(['none', 'ask', 'require'])
    .default('none')
    .describe(
      'Whether phones are asked for a certificate, and whether one that verifies is required. One with the URI of a ' +
        'subscriber stands for his password.',
    ),
});

const credentials = z.strictObject({
  MD5: hexadecimal(32).optional(),
  'SHA-256': hexadecimal(64).optional(),
  'SHA-512-256': hexadecimal(64).optional(),
});

const subscriber = z.strictObject({
  user: user.describe('The user part of the address of record; also the user name of the digest.'),
  domain: host.optional().describe('Default: the first domain.'),
  name: z.string().regex(nameSyntax, 'text of one line, 200 characters at most').optional().describe('For people.'),
  password: z.string().min(1).optional().describe('Hashed as it is read; only the hashes are kept.'),
  credentials: credentials
    .optional()
    .describe('Instead of a password: H(user:domain:password) for each algorithm, hexadecimal.'),
  settings: settingsSchema
    .optional()
    .describe('What he decides about his calls, until something is set with `switchhook set` or the API.'),
});

const gateway = z.strictObject({
  name: z.string().min(1).describe('For people.'),
  uri: z
    .string()
    .min(1)
    .describe('Where it is reached, as a SIP URI without a user: sip:gw1.example.com;transport=tls.'),
  prefixes: z
    .array(z.string().regex(/^\+?[\d*#]*$/, 'the beginning of a telephone number'))
    .min(1)
    .describe('It takes numbers that begin so; the longest prefix of all gateways decides. "" is any number.'),
  strip: z.int().min(0).max(32).default(0).describe('Leading characters of the number that it is not told.'),
  prepend: z
    .string()
    .regex(/^[+\d*#]*$/, 'digits, or a plus sign before them')
    .default('')
    .describe('What it is told before the rest of the number.'),
});

const authentication = z.strictObject({
  algorithms: z
    .array(z.enum(['SHA-512-256', 'SHA-256', 'MD5']))
    .min(1)
    .default(['MD5'])
    .describe(
      'What challenges offer, most preferred first (RFC 8760). MD5 alone by default: widespread phones, baresip 1.0 ' +
        'among them, give up when a challenge names any other.',
    ),
});

const group = z.strictObject({
  user: user.describe('The user part of the address of the group.'),
  domain: host.optional().describe('Default: the first domain.'),
  members: z.array(user).min(1).describe('Users of the same domain.'),
  ring: z
    .enum(['together', 'in-turn', 'longest-idle'])
    .default('together')
    .describe('All at once, one after the other, or whoever has had no call for the longest time first.'),
  ringTime: seconds(1, 600).default(20).describe('Seconds for each member when they do not ring together.'),
});

const announcement = z.strictObject({
  at: sipUri
    .optional()
    .describe('The SIP URI of one on another machine, to send refused calls to; none runs here then.'),
  user: user.default('announcement').describe('The user part of its address; `;play=NAME` says what it plays.'),
  folder: file.optional().describe('WAV files of yours, NAME.wav; they take the place of those that come along.'),
  texts: z
    .record(announcementName, z.string().min(1).max(1_000))
    .default({})
    .describe('What is spoken, by name, where espeak-ng is installed.'),
  voice: z
    .string()
    .regex(/^[A-Za-z0-9+-]+$/, 'a voice of espeak-ng')
    .default('en-gb')
    .describe('A voice of espeak-ng.'),
});

const music = z.strictObject({
  user: user.default('music').describe('The user part of its address.'),
  files: z.array(file).default([]).describe('WAV files, one behind the other; a tune comes along.'),
  programmes: z
    .array(
      z.strictObject({
        domain: host.optional().describe('Without a user: for all whom subscribers of this domain hold.'),
        user: user.optional().describe('For all whom this subscriber holds.'),
        files: z.array(file).min(1),
      }),
    )
    .default([])
    .describe('Other music for some.'),
});

const park = z.strictObject({
  user: user.default('park').describe('The user part of the address of the lot: a call parked there gets any slot.'),
  slots: z
    .strictObject({ first: z.int().min(1).max(999_999_999), last: z.int().min(1).max(999_999_999) })
    .default({ first: 701, last: 720 })
    .describe('The slots: numbers that are dialled.'),
  returnAfter: seconds(10, 86_400).default(120).describe('Seconds until who has parked a call is rung back.'),
  ringTime: seconds(5, 180).default(30).describe('Seconds that he, and then the fallback, is rung for.'),
  fallback: user.optional().describe('A user of the domain who is rung when the parker does not answer.'),
  mayPark: z
    .array(user)
    .min(1)
    .optional()
    .describe('Users that may park calls; all subscribers of the domain without it.'),
  mayRetrieve: z.array(user).min(1).optional().describe('Users that may take parked calls; likewise.'),
});

/** A star, so that it is no number of anybody, and then what a telephone has keys for. */
const code = z.string().regex(/^\*[\d*]{1,8}$/, 'a star, and digits behind it');

/** The codes of one feature, or false. */
function codesOf(name: FeatureName) {
  const { codes, does } = features[name];
  return z
    .union([z.literal(false), z.strictObject({ on: code.default(codes.on), off: code.default(codes.off) })])
    .default(codes)
    .describe(`${codes.on}: ${does.on}; ${codes.off}: ${does.off}. false: it cannot be dialled.`);
}

const featureCodes = z.strictObject({
  user: user.default('features').describe('The user part of its address; what is dialled are the codes.'),
  codes: z
    .strictObject({
      forwardAlways: codesOf('forwardAlways'),
      forwardBusy: codesOf('forwardBusy'),
      forwardNoAnswer: codesOf('forwardNoAnswer'),
      forwardUnavailable: codesOf('forwardUnavailable'),
      doNotDisturb: codesOf('doNotDisturb'),
      anonymousRejection: codesOf('anonymousRejection'),
    })
    .prefault({}),
});

const servers = z.strictObject({
  announcement: announcement.optional().describe('Plays why a call was refused. {} for one as it comes.'),
  music: music.optional().describe('Plays to who is held. {} for one as it comes.'),
  park: park.optional().describe('Keeps calls in slots. {} for one as it comes.'),
  features: featureCodes
    .optional()
    .describe(
      'Lets subscribers change their settings by dialling codes, which begin with a star. {} for the usual ones.',
    ),
  calls: count(100_000).default(1_000).describe('Calls of one server at a time; further ones get 480.'),
  drainTime: seconds(0, 600)
    .default(30)
    .describe('Seconds that the end of the exchange waits for calls of its servers to end.'),
});

const media = z.strictObject({
  address: z.union([z.ipv4(), z.ipv6()]).default('0.0.0.0').describe('Where servers open their ports for sound.'),
  publicAddress: z
    .union([z.ipv4(), z.ipv6()])
    .optional()
    .describe('The address that phones are told to send to, behind a NAT that maps the ports.'),
  firstPort: port.default(16_384).describe('Each call of a server takes an even port and the one above it.'),
  lastPort: port.default(32_767),
});

const registration = z.strictObject({
  minimum: seconds(1, 86_400).default(60).describe('Shorter ones are refused with 423 (RFC 3261 10.3).'),
  maximum: seconds(1, 604_800).default(7_200).describe('Longer ones are shortened.'),
  default: seconds(1, 604_800).default(3_600).describe('For contacts that name none.'),
});

const authenticationFailures = z.strictObject({
  free: count(1_000).default(5).describe('Wrong answers of one source before its next ones wait.'),
  longestDelay: seconds(1, 3_600).default(30).describe('The delay doubles with each failure up to this, in seconds.'),
});

const connectionTimes = z.strictObject({
  handshake: seconds(1, 600).default(6).describe('Seconds until a connection is usable, TLS and WebSocket included.'),
  firstMessage: seconds(1, 3_600).default(32).describe('Seconds until the first message; keep-alives do not count.'),
  message: seconds(1, 600).default(10).describe('Seconds from the first byte of a message to its last.'),
  idle: seconds(60, 604_800).default(3_900).describe('Seconds without anything at all, longer than registrations.'),
});

const limits = z.strictObject({
  messageSize: z.int().min(1_300).max(1_048_576).default(65_536).describe('Bytes of one message; 513 above.'),
  headerLine: z.int().min(128).max(65_536).default(8_192).describe('Bytes of one header field; 400 above.'),
  headerFields: z.int().min(16).max(10_000).default(200).describe('Header fields of one message; 400 above.'),
  connections: count(1_000_000).default(20_000).describe('Open connections of one listener.'),
  connectionsPerAddress: count(1_000_000).default(1_000).describe('Open connections from one IP address.'),
  connectionTimes: connectionTimes.prefault({}),
  contactsPerSubscriber: count(1_000).default(10).describe('Bindings of one address of record.'),
  transactions: count(10_000_000)
    .default(200_000)
    .describe(
      'Server transactions at a time; 503 above. Half of them for one source, three quarters for all strangers.',
    ),
  requests: count(10_000_000)
    .default(50_000)
    .describe('Requests at a time that wait for their final response; 503 above. Half of them for all strangers.'),
  requestsPerSource: count(10_000_000)
    .default(5_000)
    .describe('Of these, those of one subscriber, and of one address that strangers come from; 503 above.'),
  sharedSources: z
    .array(z.string().refine(isNetwork, 'an IP address, or a network as 192.0.2.0/24'))
    .default([])
    .describe(
      'Addresses and networks of proxies and trunks, which stand for many: the limits of one source and of strangers do not hold for them.',
    ),
  reachable: z
    .array(z.string().refine(isNetwork, 'an IP address, or a network as 192.0.2.0/24'))
    .default([])
    .describe(
      'Addresses and networks of this machine and behind it to which any subscriber, and whoever takes part in a call, may have requests sent. Others there are reached only where they have registered, have called, or are a gateway.',
    ),
  registration: registration.prefault({}),
  authenticationFailures: authenticationFailures.prefault({}),
});

const admin = z.strictObject({
  address: z
    .string()
    .regex(/^(?:127(?:\.(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}|::1)$/, 'a loopback address')
    .default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(8_060).describe('0: any free port.'),
});

/** The configuration file, as a person writes it. Every description ends up in the editor's schema. */
export const configurationSchema = z
  .strictObject({
    domains: z.array(domain).min(1).describe('The domains this exchange answers for.'),
    listeners: z.array(listener).min(1).describe('Where it listens.'),
    tls: tls.prefault({}),
    subscribers: z.array(subscriber).default([]).describe('Those made with `switchhook users add` come on top.'),
    authentication: authentication.prefault({}),
    groups: z.array(group).default([]).describe('Addresses that ring several subscribers.'),
    administrators: z
      .array(address)
      .default([])
      .describe('Subscribers who may watch the registrations of all others (RFC 3680).'),
    servers: servers.prefault({}),
    media: media.prefault({}),
    emergencyNumbers: z
      .array(z.string().regex(/^\d{2,6}$/, 'a short number'))
      .default(['112', '911'])
      .describe('Numbers that no list keeps anybody from calling.'),
    gateways: z.array(gateway).default([]).describe('Ways to the telephone network.'),
    limits: limits.prefault({}),
    data: file.default('data').describe('The folder of the store, the development CA and the admin token.'),
    admin: admin.prefault({}),
    capture: file.optional().describe('pcapng file that gets every message, decrypted.'),
    log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  })
  .meta({ title: 'Switchhook configuration' });

/** What a file that fits the schema says, defaults filled in. */
export type ConfigurationFile = z.output<typeof configurationSchema>;

/** The JSON schema that editors take (`switchhook config schema`). */
export function configurationJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(configurationSchema, { io: 'input' }), null, 2)}\n`;
}
