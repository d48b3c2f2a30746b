import { readOracle } from '@switchhook/flows';

/** The devices of docs/devices.md. */
const deviceKinds = ['baresip', 'linphone', 'SIPp', 'Switchhook'] as const;
export type DeviceKind = (typeof deviceKinds)[number];

/** What a device is not driven in, and why. */
interface AbsentRoles {
  readonly devices: readonly DeviceKind[];
  /** Each with its flow: `2.3 bob`. */
  readonly roles: readonly string[];
  readonly why: string;
}

const ofOthers = ['baresip', 'linphone'] as const;

/** Every role of a phone that is in no row of docs/devices.md. */
export const absentRoles: readonly AbsentRoles[] = [
  {
    devices: ofOthers,
    roles: ['2.3 bob', '2.15 bob', '2.15 carol', '2.18 pc'],
    why: "A REFER or a SUBSCRIBE outside of a call, to a server or a phone. baresip's commands (`/help`) have `dial`, `hold`, `resume`, `transfer`, `hangup` and `message` for calls, linphonec's (`help`, `help advanced`) `call`, `pause`, `resume`, `transfer`, `redirect`, `conference` and `chat`; `transfer` refers the far end of a call.",
  },
  {
    devices: ofOthers,
    roles: ['2.6 bob'],
    why: 'The link that he sends has Call-ID and tags of his call. Both send what is typed as a message, and show nobody these three.',
  },
  {
    devices: ofOthers,
    roles: ['2.11 carol', '2.16 bill'],
    why: 'An INVITE with Join, or with Replaces, of a dialog of which one learns by a SUBSCRIBE for the package `dialog`: neither has a command for that.',
  },
  { devices: ofOthers, roles: ['2.17 alice'], why: 'A redial on a notice of the same package.' },
  {
    devices: ofOthers,
    roles: ['2.13 bob'],
    why: "A refusal with 305: linphonec's `redirect` says 302, baresip has none.",
  },
  {
    devices: ['Switchhook'],
    roles: ['2.13 bob'],
    why: 'A refusal with 305 is a setting of the library (`screeningProxy`), for which the command has no option.',
  },
  { devices: deviceKinds, roles: ['2.14 bob'], why: 'He is never called.' },
  {
    devices: deviceKinds,
    roles: ['2.13 alice'],
    why: 'She calls past the proxy, by a name that only our phones can find: `--as alice` says so.',
  },
];

const isServer = (role: string): boolean => role === 'proxy' || role.endsWith('-server');

/** Every role of a phone, with its flow. */
const phoneRoles = readOracle().flows.flatMap(({ id, elements }) =>
  elements.filter(({ role }) => !isServer(role)).map((element) => [id, element.id] as const),
);

const isAbsent = (device: DeviceKind, flow: string, role: string): boolean =>
  absentRoles.some(({ devices, roles }) => devices.includes(device) && roles.includes(`${flow} ${role}`));

/** Every role that each is driven in: all but those that are absent, with why. */
export const deviceRoles: readonly (readonly [DeviceKind, string, string])[] = deviceKinds.flatMap((device) =>
  phoneRoles
    .filter(([flow, role]) => !isAbsent(device, flow, role))
    .map(([flow, role]) => [device, flow, role] as const),
);
