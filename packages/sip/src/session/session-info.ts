import type { RequestFailure } from '../dialog/contract.ts';
import type { Dialog } from '../dialog/dialog.ts';
import type { HeaderInit } from '../message/header.ts';
import type { SipResponse } from '../message/message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { SessionEnd, SessionEvent } from './session-contract.ts';
import type { SessionState } from './session-machine.ts';

/** A request within a session that has a body or header fields of its own. */
export interface InfoParts {
  readonly headers?: readonly HeaderInit[] | undefined;
  readonly body: string;
  readonly contentType: string;
}

/** What INFO needs of its session. */
interface InformedSession {
  readonly dialog: Dialog;
  readonly state: SessionState;
  fail(end: SessionEnd): void;
}

/** Sends INFO (RFC 6086) in a session that stands. */
export function sendInfo(session: InformedSession, parts: InfoParts): Promise<SipResponse | RequestFailure> {
  const { body, contentType, headers } = parts;
  return new Promise((resolve) => {
    if (session.state !== 'confirmed') {
      resolve({ code: 'stopped', status: 503, message: 'the session is not there' });
      return;
    }
    const response = (each: SipResponse): void => {
      if (each.status < 200) return;
      resolve(each);
      if (each.status === 408 || each.status === 481) session.fail({ kind: 'lost', response: each });
    };
    session.dialog.send('INFO', { response, failed: resolve }, { body, contentType, headers });
  });
}

/** Answers the far end's INFO, as those have it who listen. */
export function answerInfo(dialog: Dialog, transaction: ServerTransaction, tell: (event: SessionEvent) => void): void {
  const { request } = transaction;
  let isAccepted = false as boolean;
  const types = new Set<string>();
  const accept = (): void => {
    isAccepted = true;
  };
  const refuse = (understood: readonly string[]): void => {
    for (const type of understood) types.add(type);
  };
  tell({ kind: 'info', request, accept, refuse });
  if (isAccepted || (request.body === '' && !request.has('Info-Package'))) {
    dialog.respond(transaction, 200);
    return;
  }
  // RFC 6086 4.2.2: of a package that nobody has asked for, or of none, with a body that nobody understands.
  const isOfPackage = request.has('Info-Package');
  const known: HeaderInit = isOfPackage ? ['Recv-Info', ''] : ['Accept', [...types].join(', ')];
  dialog.respond(transaction, isOfPackage ? 469 : 415, { headers: [known] });
}
