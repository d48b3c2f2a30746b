import type { CallMedia, PhoneMedia } from '@switchhook/phone';
import type { MediaNegotiation } from '@switchhook/sip';

/** Stands between a phone and what it negotiates. */
export function negotiating(
  change: (negotiation: MediaNegotiation, call: CallMedia) => Partial<MediaNegotiation>,
): (media: PhoneMedia) => PhoneMedia {
  return (media) =>
    overlaid(media, {
      open: (secure) => {
        const call = media.open(secure);
        return overlaid(call, { negotiation: changed(call.negotiation, (each) => change(each, call)) });
      },
    });
}

/** The negotiation changed so, and with it those of all branches that it may fork into. */
function changed(
  negotiation: MediaNegotiation,
  change: (negotiation: MediaNegotiation) => Partial<MediaNegotiation>,
): MediaNegotiation {
  return overlaid(negotiation, {
    ...change(negotiation),
    fork: () => {
      const branch = negotiation.fork?.();
      if (branch === undefined) throw new RangeError('the media of a machine fork');
      return changed(branch, change);
    },
  });
}

/** The object with some of its members replaced. */
function overlaid<Whole extends object>(whole: Whole, members: Partial<Whole>): Whole {
  return new Proxy(whole, {
    get: (target, name) => {
      const value: unknown = Reflect.get(Object.hasOwn(members, name) ? members : target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value),
  });
}
