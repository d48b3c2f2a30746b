import type { PhoneMedia, PhoneSettings } from '@switchhook/phone';
import type { LinkQuality, Misfortune } from '@switchhook/sim';
import type { PeerIdentity, Transport, TransportProtocol } from '@switchhook/sip';
import type { ExchangeSetting, FlowScript } from '../flow/flow-script.ts';
import type { Crash } from './crash.ts';

/** How a flow is played on a network and a clock that are made up. */
export interface SimulationOptions {
  /** The same seed tells the same story. */
  readonly seed?: number | undefined;
  /** `sips` and TLS without it, as the RFC has it. */
  readonly protocol?: TransportProtocol | undefined;
  /** The family of everybody's addresses; 4 without it. */
  readonly addressFamily?: 4 | 6 | undefined;
  /** What the network does to messages and to sound. */
  readonly link?: Partial<LinkQuality> | undefined;
  /** All that is to happen to what is sent, in the place of what would by chance. */
  readonly misfortunes?: readonly Misfortune[] | undefined;
  /** False: the exchange leaves out what the ladders have in parentheses, 100 and 181. */
  readonly optionalMessages?: boolean | undefined;
  /** Who has a picture beside the sound of his calls: a second stream. */
  readonly pictures?: readonly string[] | undefined;
  /** Who loses his power while it is played. Then the flow may not come to its end, but all has to be right afterwards. */
  readonly crash?: Crash | undefined;
  /** `coarse` is enough to tell who hears whom, and costs little. */
  readonly sound?: 'coarse' | undefined;
  /** Milliseconds between what people do. */
  readonly listenTime?: number | undefined;
  /** Who is not as the others are, for scenes that the ladder does not show. */
  readonly parts?: Readonly<Record<string, PartOptions>> | undefined;
  /** How the exchange is set. */
  readonly setting?: ExchangeSetting | undefined;
  /** What people let each other do with their phones. */
  readonly permissions?: FlowScript['permissions'] | undefined;
  /** How somebody has set his phone. */
  readonly phones?: FlowScript['phones'] | undefined;
  /** Who has a phone, too, although the ladder does not show him. */
  readonly others?: readonly string[] | undefined;
  /** What the certificate of the exchange says; its domains without it. */
  readonly certificate?: PeerIdentity | undefined;
}

/** What is special about somebody's phone. */
export interface PartOptions {
  /** Stands between the phone and its media. */
  readonly media?: (media: PhoneMedia) => PhoneMedia;
  /** Stands between the phone and its transports. */
  readonly transport?: (transport: Transport) => Transport;
  readonly settings?: Partial<PhoneSettings>;
}
