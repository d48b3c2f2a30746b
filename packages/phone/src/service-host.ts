import type {
  InstantMessages,
  InviteParts,
  InviteSession,
  InviteSessions,
  Referrals,
  SipContext,
  SipUri,
  Subscriber,
  Uri,
  UserAgent,
} from '@switchhook/sip';
import type { Call } from './call.ts';
import type { PhoneMedia } from './media.ts';
import type { PhoneEvent } from './phone-event.ts';
import type { WhoMay } from './services/authorization.ts';
import type { DialogWatch } from './services/dialog-watch.ts';

/** How a call is made, beside whom it is for. */
export interface DialOptions extends Pick<
  InviteParts,
  'to' | 'from' | 'headers' | 'ringTime' | 'contactParameters' | 'contactUriParameters'
> {
  /** The call that it will take the place of: it loses the sound, and is not put on hold for it. */
  readonly inPlaceOf?: Call | undefined;
  /** It leaves the sound to whoever has it: it is for a room. */
  readonly beside?: boolean | undefined;
}

/** What a service is given of the phone that it belongs to. */
export interface ServiceHost {
  readonly context: SipContext;
  readonly agent: UserAgent;
  readonly sessions: InviteSessions;
  readonly messages: InstantMessages;
  readonly subscriber: Subscriber;
  /** Who may do what with this phone. */
  readonly whoMay: WhoMay;
  readonly referrals: Referrals;
  /** The dialogs of others. */
  readonly dialogWatch: DialogWatch;
  /** The address of record: what a name alone is of. */
  readonly home: SipUri;
  /** The calls that have not ended, the oldest first. */
  readonly calls: readonly Call[];
  /** The call that this session carries. */
  callOf(session: InviteSession): Call | undefined;
  /** The URI that a person means by a text. Throws a `PhoneError` where it is none. */
  read(target: string): Uri;
  /** Calls somebody, with header fields of the service's own perhaps (Replaces, Referred-By). */
  dial(target: Uri, options?: DialOptions): Call;
  readonly media: PhoneMedia;
  /** Puts the call in progress on hold, so that something else can have the sound. */
  makeRoom(): Promise<void>;
  /** Gives the sound to a call, or takes it from it. */
  setSound(call: Call, on: boolean): void;
  /** Gives a call the sound, and takes it from hold. */
  switchTo(call: Call): Promise<void>;
  /** Hears of everything that happens; returns what takes it back. */
  onEvent(listener: (event: PhoneEvent) => void): () => void;
  /** Tells the person. */
  emit(event: PhoneEvent): void;
}
