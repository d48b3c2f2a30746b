import { NameAddr, SipUri } from '@switchhook/sip';
import type { HeaderInit, RejectPlan, Uri } from '@switchhook/sip';
import type { AnnouncementName } from '../servers/announcement-names.ts';
import type { Call } from './call.ts';

/** Where an announcement is heard, if the exchange has one for that domain. */
export type FindAnnouncement = (domain: string, name: AnnouncementName) => Uri | undefined;

/** A refusal, with the address of an announcement that says why (RFC 3261 20.18) where there is one. */
export function refusal(
  call: Call,
  status: number,
  reason: string | undefined,
  announcement: Uri | undefined,
): RejectPlan {
  const plan: RejectPlan = { kind: 'reject', status, ...(reason !== undefined && { reason }) };
  if (announcement === undefined) return plan;
  const uri = call.secure && announcement instanceof SipUri ? announcement.with({ scheme: 'sips' }) : announcement;
  const errorInfo: HeaderInit = ['Error-Info', NameAddr.of({ uri }).toString()];
  return { ...plan, headers: [errorInfo] };
}
