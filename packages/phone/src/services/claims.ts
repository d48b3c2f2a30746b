import type { DialogClaim } from '@switchhook/sip';
import type { Call } from '../call.ts';
import { partyOf } from '../party.ts';
import type { Party } from '../party.ts';
import type { ServiceHost } from '../service-host.ts';
import type { Permission } from './authorization.ts';

/** Somebody wants a call of this phone, and the person is asked. Who does not decide lets him wait until he gives up. */
export interface CallClaim {
  /** Take the far end's place (RFC 3891), or be mixed with the call (RFC 3911). */
  readonly wish: 'replace' | 'join';
  readonly from: Party;
  readonly call: Call;
  allow(): void;
  refuse(): void;
}

/** Whether somebody gets what he claims: as the permissions have it, or as the person decides. */
export function decideClaim(
  host: Pick<ServiceHost, 'callOf' | 'emit'>,
  { kind, caller, session }: DialogClaim,
  permission: Permission,
): boolean | Promise<boolean> {
  if (permission !== 'ask') return permission === 'yes';
  const call = session === undefined ? undefined : host.callOf(session);
  // There is nothing to ask the person about, and nothing to be learned from the answer.
  if (call === undefined) return false;
  return new Promise((resolve) => {
    host.emit({
      kind: 'claim',
      claim: {
        wish: kind === 'replaces' ? 'replace' : 'join',
        from: partyOf(caller.address),
        call,
        allow: () => {
          resolve(true);
        },
        refuse: () => {
          resolve(false);
        },
      },
    });
  });
}
