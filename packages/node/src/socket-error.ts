import { transportError } from '@switchhook/sip';
import type { TransportError, TransportErrorCode } from '@switchhook/sip';

const systemCodes: Readonly<Record<string, TransportErrorCode>> = {
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  EINVAL: 'unreachable',
  ENOTFOUND: 'unreachable',
  ETIMEDOUT: 'timeout',
  EMSGSIZE: 'too-large',
  ENOBUFS: 'overflow',
  EMFILE: 'overflow',
  ENFILE: 'overflow',
};

/** OpenSSL's verdicts on a certificate, as Node names them, and alerts of a far end that dislikes ours. */
const certificateCode =
  /CERT|SELF_SIGNED|UNABLE_TO_|CRL_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH|UNKNOWN_CA/;

/** What an error of a socket means for a flow. */
export function socketError(error: Error): TransportError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = systemCodes[code] ?? (certificateCode.test(code) ? 'certificate' : 'closed');
  return transportError(known, error.message);
}
