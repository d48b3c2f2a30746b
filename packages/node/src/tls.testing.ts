import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { DevelopmentCertificateAuthority } from './certificate-authority.ts';
import type { CertificateNames } from './certificate-authority-certificates.ts';
import type { TlsCredentials } from './tls-settings.ts';
import { context } from './transport.testing.ts';

/** An authority for the tests of one file. */
export class TestAuthority {
  private authority: DevelopmentCertificateAuthority | undefined = undefined;
  private directory = '';

  constructor() {
    beforeAll(async () => {
      this.directory = await mkdtemp(join(tmpdir(), 'switchhook-tls-'));
      this.authority = await DevelopmentCertificateAuthority.open(this.directory, context);
    });
    afterAll(() => rm(this.directory, { recursive: true, force: true }));
  }

  /** What trusts it. */
  get pem(): string {
    return this.opened.caCertificatePem;
  }

  async issue(names: CertificateNames): Promise<TlsCredentials> {
    const { privateKeyPem, certificatePem } = await this.opened.issue(names);
    return { key: privateKeyPem, certificate: certificatePem };
  }

  private get opened(): DevelopmentCertificateAuthority {
    if (this.authority === undefined) throw new Error('not opened yet');
    return this.authority;
  }
}
