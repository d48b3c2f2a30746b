import type { UserAgentCore } from '../dialog/contract.ts';
import { headerField } from '../message/header.ts';
import type { HeaderInit } from '../message/header.ts';
import { Warning } from '../message/headers/warning.ts';
import { SipUri } from '../message/uri.ts';
import type { MediaRefusal } from './media.ts';

/** Says in a refusal what is wrong with the media (RFC 3261 20.43). */
export function warningOf({ address }: Pick<UserAgentCore, 'address'>, refusal: MediaRefusal): HeaderInit[] {
  const { warning: code = 399, reason: text } = refusal;
  const agent = address.uri instanceof SipUri ? address.uri.host : 'anonymous.invalid';
  return [headerField(Warning, { code, agent, text })];
}
