export { NodeDnsClient } from './dns-client.ts';
export type { NodeDnsClientOptions } from './dns-client.ts';
export type { DnsAnswer, DnsClient, NaptrRecord, SrvRecord } from './dns.ts';
export type { DnsCacheLimits } from './dns-cache.ts';
export { DnsResolver } from './resolver.ts';
export type { DnsResolverOptions, DnsResolverStats } from './resolver.ts';
export { DevelopmentCertificateAuthority } from './certificate-authority.ts';
export type { IssuedCertificate, KeptCertificate } from './certificate-authority.ts';
export type { CertificateNames } from './certificate-authority-certificates.ts';
