import type { SipContext } from '../context.ts';
import { headerField } from '../message/header.ts';
import { Contact } from '../message/headers/contact.ts';
import type { SipRequest } from '../message/message.ts';
import type { SettledPlan } from './call-plan.ts';
import type { ProxyServerTransaction } from './layers.ts';

/** Ends a request as a plan says, as the user agent server that the proxy then is (RFC 3261 16.3). */
export function answer(
  context: SipContext,
  plan: SettledPlan,
  transaction: ProxyServerTransaction,
  request: SipRequest = transaction.request,
): void {
  const toTag = context.random.token();
  const received = transaction.request;
  switch (plan.kind) {
    case 'reject': {
      const { status, reason, headers } = plan;
      if (plan.stateless === true) transaction.refuse(status, { reason, headers });
      else transaction.respond(received.createResponse(status, { reason, toTag, headers }));
      return;
    }
    case 'redirect': {
      const { status = 302, contacts, headers = [] } = plan;
      const fields = [...contacts.map((contact) => headerField(Contact, contact)), ...headers];
      transaction.respond(received.createResponse(status, { toTag, headers: fields }));
      return;
    }
    case 'respond': {
      const { status, reason, headers, body } = plan;
      const recordRoute = status < 300;
      transaction.respond(received.createResponse(status, { reason, toTag, headers, body, recordRoute }));
      return;
    }
    case 'serve':
      plan.server.serve(transaction, request);
  }
}
