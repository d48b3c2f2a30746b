import type { TransportError, TransportErrorCode } from './contract.ts';

const explanations: Readonly<Record<TransportErrorCode, string>> = {
  refused: 'the far end refused the connection',
  unreachable: 'the far end cannot be reached',
  timeout: 'the far end did not answer in time',
  closed: 'the connection was closed',
  certificate: 'the certificate of the far end was not accepted',
  'too-large': 'the message is too large for the transport',
  overflow: 'more is waiting to be sent than the limits allow',
  stopped: 'the transport was stopped',
};

/** An error of a transport, in the words of its code where none are given. */
export function transportError(code: TransportErrorCode, message: string = explanations[code]): TransportError {
  return { code, message };
}
