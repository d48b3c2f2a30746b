export { systemContext } from './system-context.ts';
export type { PublicName } from './local-addresses.ts';
export { UdpTransport } from './udp.ts';
export type { UdpOptions } from './udp.ts';
export type { StreamOptions } from './stream-transport.ts';
export { TcpTransport } from './tcp.ts';
export { TlsTransport } from './tls.ts';
export type { TlsTransportOptions } from './tls.ts';
export type { TlsCredentials, TlsSettings } from './tls-settings.ts';
export { certificateIdentity } from './tls-identity.ts';
export { NodeDnsClient } from './dns-client.ts';
export type { NodeDnsClientOptions } from './dns-client.ts';
export type { DnsAnswer, DnsClient, NaptrRecord, SrvRecord } from './dns.ts';
export type { DnsCacheLimits } from './dns-cache.ts';
export { DnsResolver } from './resolver.ts';
export type { DnsResolverOptions, DnsResolverStats } from './resolver.ts';
export { DevelopmentCertificateAuthority } from './certificate-authority.ts';
export type { IssuedCertificate, KeptCertificate } from './certificate-authority.ts';
export type { CertificateNames } from './certificate-authority-certificates.ts';
export { makeFolder } from './folder.ts';
export { CaptureFile } from './capture-file.ts';
export type { CaptureFileOptions, CaptureFileStats } from './capture-file.ts';
export type { CapturedMedia, CapturedMessage } from './capture-format.ts';
export { capturing } from './capture-transport.ts';
export type { MessageRecorder } from './capture-transport.ts';
export {
  drawLadder,
  ladderFits,
  ladderHead,
  ladderLabelWidth,
  ladderLine,
  ladderRoom,
  ladderSpacing,
} from './ladder.ts';
export type { LadderColumn, LadderRow } from './ladder.ts';
