import type { AnnouncementName } from '../servers/announcement-names.ts';
import type { SubscriberSettings } from './schema.ts';

/** Something that a subscriber turns on and off by dialling. */
export interface Feature {
  /** What the code that turns it on does, and the one that turns it off, in words. */
  readonly does: Readonly<Record<Turn, string>>;
  /** The codes where the configuration says nothing else. */
  readonly codes: Readonly<Record<Turn, string>>;
  /** What is heard when it is done. */
  readonly said: Readonly<Record<Turn, AnnouncementName>>;
  /** Whether where to is dialled behind the code that turns it on. */
  readonly takesTarget: boolean;
  /** The change of the settings, as RFC 7396 writes it. */
  change(turn: Turn, settings: SubscriberSettings, target: string): unknown;
}

export type Turn = 'on' | 'off';

/** Those that there are, by their key in the configuration. */
export const features = {
  forwardAlways: forwarding('always', 'all calls', { on: '*72', off: '*73' }, 'forwarding'),
  forwardBusy: forwarding('busy', 'calls that find you busy', { on: '*90', off: '*91' }, 'busy-forwarding'),
  forwardNoAnswer: forwarding(
    'noAnswer',
    'calls that nobody answers',
    { on: '*92', off: '*93' },
    'no-answer-forwarding',
  ),
  forwardUnavailable: forwarding(
    'unavailable',
    'calls while no telephone of yours is there',
    { on: '*94', off: '*95' },
    'unavailable-forwarding',
  ),
  doNotDisturb: {
    does: { on: 'all calls find you busy', off: 'calls come through again' },
    codes: { on: '*78', off: '*79' },
    said: { on: 'do-not-disturb-on', off: 'do-not-disturb-off' },
    takesTarget: false,
    change: (turn) => ({ doNotDisturb: turn === 'on' ? true : null }),
  },
  anonymousRejection: {
    does: { on: 'callers who have not proved who they are are turned away', off: 'they come through again' },
    codes: { on: '*77', off: '*87' },
    said: { on: 'anonymous-rejection-on', off: 'anonymous-rejection-off' },
    takesTarget: false,
    change: (turn, { screening }) => {
      const others = (screening?.incoming?.deny ?? []).filter((entry) => entry !== anonymous);
      const deny = turn === 'on' ? [...others, anonymous] : others;
      return { screening: { incoming: { deny: deny.length === 0 ? null : deny } } };
    },
  },
} satisfies Readonly<Record<string, Feature>>;

export type FeatureName = keyof typeof features;

export const featureNames = Object.keys(features) as readonly FeatureName[];

/** The entry that counts always; one with a schedule is another matter, and stays. */
const anonymous = 'anonymous';

function forwarding(
  kind: 'always' | 'busy' | 'noAnswer' | 'unavailable',
  which: string,
  codes: Feature['codes'],
  said: 'forwarding' | 'busy-forwarding' | 'no-answer-forwarding' | 'unavailable-forwarding',
): Feature {
  return {
    does: { on: `${which} are forwarded to that number`, off: `${which} are not forwarded any more` },
    codes,
    said: { on: `${said}-on`, off: `${said}-off` },
    takesTarget: true,
    change: (turn, _settings, target) => ({ forward: { [kind]: turn === 'on' ? target : null } }),
  };
}
