/**
 * What an exchange leaves in its data folder for other programs of its owner, and how it reads files that they read as well.
 * A door of its own, so that those programs need not carry the whole exchange.
 */
import { join } from 'node:path';

export { fileErrorText } from './errors.ts';
export { readAdminAccess } from './admin/token.ts';
export type { AdminAccess } from './admin/token.ts';
export { readCertificatePair } from './certificate-files.ts';
export type { CertificatePair } from './certificate-files.ts';
export { readDemonstrationPasswords } from './config/demonstration-passwords.ts';

/** The certificate of the development CA, which phones are to trust. There is none where the operator brings his own. */
export function developmentCaFile(folder: string): string {
  return join(folder, 'ca', 'ca.pem');
}
