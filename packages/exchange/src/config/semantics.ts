import { isIpv6Address, isUnspecified, SipUri, SyntaxFault } from '@switchhook/sip';
import { Domains } from '../plan/domains.ts';
import { Gateways } from '../plan/gateways.ts';
import type { Gateway } from '../plan/gateways.ts';
import { deniedOutgoing } from '../plan/outgoing.ts';
import type { Numbers } from '../plan/parties.ts';
import { codesIn } from '../servers/feature-codes.ts';
import { settingsFaults } from '../settings/check.ts';
import type { Neighbourhood } from '../settings/check.ts';
import { subscriberKey } from '../subscribers/subscriber.ts';
import type { ConfigurationFile } from './schema.ts';

/** A fault that only shows when parts of the file are held against each other. */
export interface SemanticFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** The port a listener of a protocol has when none is written (RFC 3261 19.1.2, RFC 7118 names none). */
export const defaultPorts = { udp: 5060, tcp: 5060, tls: 5061, ws: 8080, wss: 8443 } as const;

/** What a schema cannot say: references that lead nowhere, doubles, contradictions. */
export function semanticFaults(file: ConfigurationFile): SemanticFault[] {
  return [
    ...domainFaults(file),
    ...listenerFaults(file),
    ...tlsFaults(file),
    ...addressFaults(file),
    ...administratorFaults(file),
    ...settingsFaultsOf(file),
    ...gatewayFaults(file),
    ...registrationFaults(file),
    ...mediaFaults(file),
    ...parkFaults(file),
    ...featureFaults(file),
  ];
}

function domainFaults(file: ConfigurationFile): SemanticFault[] {
  const faults: SemanticFault[] = [];
  const seen = new Set<string>();
  file.domains.forEach((domain, index) => {
    [domain.name, ...domain.aliases].forEach((name, at) => {
      const path = at === 0 ? ['domains', index, 'name'] : ['domains', index, 'aliases', at - 1];
      if (seen.has(name)) faults.push({ path, message: `"${name}" names a domain above already` });
      seen.add(name);
    });
  });
  return faults;
}

interface Place {
  readonly kind: 'udp' | 'tcp';
  readonly address: string;
  readonly port: number;
}

function listenerFaults({ listeners, admin }: ConfigurationFile): SemanticFault[] {
  const places = listeners.map(({ protocol, address, port }): Place => {
    return { kind: protocol === 'udp' ? 'udp' : 'tcp', address, port: port ?? defaultPorts[protocol] };
  });
  const conflict = (place: Place, before: readonly Place[], path: readonly PropertyKey[]): SemanticFault[] => {
    const other = before.findIndex((each) => collide(each, place));
    if (other < 0) return [];
    const message = `wants ${place.address} port ${String(place.port)}, which listeners[${String(other)}] has already`;
    return [{ path, message }];
  };
  return [
    ...places.flatMap((place, index) => conflict(place, places.slice(0, index), ['listeners', index])),
    ...(admin.port === 0 ? [] : conflict({ kind: 'tcp', ...admin }, places, ['admin', 'port'])),
  ];
}

/** Whether the operating system gives only one of the two: who listens on all addresses of a family has each of them. */
function collide(one: Place, other: Place): boolean {
  if (one.kind !== other.kind || one.port !== other.port) return false;
  if (isIpv6Address(one.address) !== isIpv6Address(other.address)) return false;
  return one.address === other.address || isUnspecified(one.address) || isUnspecified(other.address);
}

function tlsFaults({ tls }: ConfigurationFile): SemanticFault[] {
  if (tls.certificate !== undefined && tls.key === undefined) {
    return [{ path: ['tls', 'certificate'], message: 'needs its private key: add tls.key' }];
  }
  if (tls.key !== undefined && tls.certificate === undefined) {
    return [{ path: ['tls', 'key'], message: 'needs its certificate: add tls.certificate' }];
  }
  if (tls.clientCertificates !== 'none' && tls.certificate !== undefined && tls.ca === undefined) {
    const message = "needs to know whose certificates count: add tls.ca, the authority that issues the clients' ones";
    return [{ path: ['tls', 'clientCertificates'], message }];
  }
  return [];
}

function administratorFaults({ administrators, domains }: ConfigurationFile): SemanticFault[] {
  const names = domains.map(({ name }) => name);
  return administrators.flatMap((address, index) => {
    const [, domain] = /@(.*)$/.exec(address.toLowerCase()) ?? [];
    if (domain === undefined || names.includes(domain)) return [];
    return [{ path: ['administrators', index], message: `"${domain}" is not among domains: ${names.join(', ')}` }];
  });
}

function addressFaults(file: ConfigurationFile): SemanticFault[] {
  const faults: SemanticFault[] = [];
  const domains = new Set(file.domains.map((domain) => domain.name));
  const first = file.domains[0]?.name ?? '';
  const seen = new Set<string>();
  const { announcement, music, park, features } = file.servers;
  const isHere = announcement !== undefined && announcement.at === undefined;
  const servers = {
    ...(isHere && { announcement }),
    ...(music && { music }),
    ...(park && { park }),
    ...(features && { features }),
  };
  const enter = (list: 'subscribers' | 'groups', index: number, user: string, domain = first): void => {
    if (!domains.has(domain)) {
      const message = `"${domain}" is not among domains: ${[...domains].join(', ')}`;
      faults.push({ path: [list, index, 'domain'], message });
    }
    const address = `${user}@${domain}`;
    if (features !== undefined && user.startsWith('*')) {
      faults.push({
        path: [list, index, 'user'],
        message: `"${user}" would be dialled like a code of servers.features`,
      });
    }
    if (seen.has(address) || (park !== undefined && isSlot(user, park.slots))) {
      faults.push({ path: [list, index, 'user'], message: `${address} is there twice` });
    }
    seen.add(address);
  };
  file.subscribers.forEach((subscriber, index) => {
    enter('subscribers', index, subscriber.user, subscriber.domain);
    const { password, credentials } = subscriber;
    if ((password === undefined) === (credentials === undefined)) {
      const message = 'needs a password or credentials, one of the two';
      faults.push({ path: ['subscribers', index], message });
    }
    if (credentials === undefined) return;
    // A phone answers the challenge that it likes best: whoever lacks that hash could not be told from an intruder.
    const missing = file.authentication.algorithms.filter((algorithm) => credentials[algorithm] === undefined);
    if (missing.length > 0) {
      const message = `needs a hash for each of authentication.algorithms: ${missing.join(', ')}`;
      faults.push({ path: ['subscribers', index, 'credentials'], message });
    }
  });
  for (const { name } of file.domains) {
    for (const [kind, server] of Object.entries(servers)) {
      const address = `${server.user}@${name}`;
      if (seen.has(address)) faults.push({ path: ['servers', kind, 'user'], message: `${address} is there twice` });
      seen.add(address);
    }
  }
  file.groups.forEach((group, index) => {
    enter('groups', index, group.user, group.domain);
    group.members.forEach((member, at) => {
      const path = ['groups', index, 'members', at];
      if (member === group.user) faults.push({ path, message: `"${member}" is the group itself` });
      if (group.members.slice(0, at).includes(member)) faults.push({ path, message: `"${member}" is there twice` });
    });
  });
  return faults;
}

function settingsFaultsOf(file: ConfigurationFile): SemanticFault[] {
  const [first] = file.domains;
  const addressOfSubscriber = (user: string, domain = first?.name ?? ''): string => subscriberKey(user, domain);
  const all = new Map(
    file.subscribers.map(({ user, domain, settings }) => [addressOfSubscriber(user, domain), settings]),
  );
  const domains = domainsOf(file);
  const groups = new Set(file.groups.map(({ user, domain }) => addressOfSubscriber(user, domain)));
  const gateways = new Gateways(gatewaysOf(file));
  const numbers: Numbers = {
    isEmergency: (number) => file.emergencyNumbers.includes(number),
    emergencyNumber: () => file.emergencyNumbers[0],
    isAtGateway: (uri) => gateways.isAt(uri),
    spellings: (number) => gateways.spellings(number),
  };
  const neighbourhood: Neighbourhood = {
    addressOf: (uri) => {
      const { user = '', domain } = domains.ours(uri) ?? {};
      return domain === undefined ? undefined : subscriberKey(user, domain);
    },
    // Who is in the store alone is not known here; a code is nobody.
    isAnybodyAt: (uri) => file.servers.features === undefined || domains.ours(uri)?.user?.startsWith('*') !== true,
    isPlace: (uri) => {
      const { user, domain = '' } = domains.ours(uri) ?? {};
      return user === undefined || !(groups.has(subscriberKey(user, domain)) || isServer(user, file.servers));
    },
    denied: (outgoing, uri) => deniedOutgoing(outgoing, uri, domains.reached(uri), numbers),
    settings: (address) => all.get(address) ?? {},
  };
  return file.subscribers.flatMap(({ user, domain, settings }, index) => {
    if (settings === undefined) return [];
    return settingsFaults(settings, addressOfSubscriber(user, domain), neighbourhood).map(({ path, message }) => ({
      path: ['subscribers', index, 'settings', ...path],
      message,
    }));
  });
}

/** Which addresses will be those of the exchange. */
function domainsOf({ domains, listeners }: ConfigurationFile): Domains {
  const hosts = listeners.flatMap(({ address, publicName }) =>
    publicName === undefined ? [address] : [address, publicName],
  );
  const ports = new Set(listeners.map(({ protocol, port = defaultPorts[protocol] }) => port));
  return new Domains(domains, hosts, (_host, port) => ports.has(port));
}

function isServer(user: string, { announcement, music, park, features }: ConfigurationFile['servers']): boolean {
  const users = [
    announcement?.at === undefined ? announcement?.user : undefined,
    music?.user,
    park?.user,
    features?.user,
  ];
  return users.includes(user) || (park !== undefined && isSlot(user, park.slots));
}

/** Those whose address can be read. */
export function gatewaysOf({ gateways }: ConfigurationFile): readonly Gateway[] {
  return gateways.flatMap((gateway) => {
    const uri = SipUri.parse(gateway.uri);
    return uri instanceof SipUri ? [{ ...gateway, uri }] : [];
  });
}

function gatewayFaults(file: ConfigurationFile): SemanticFault[] {
  const { gateways } = file;
  const faults: SemanticFault[] = [];
  const domains = domainsOf(file);
  const seen = new Map<string, number>();
  gateways.forEach(({ uri: text, prefixes }, index) => {
    const uri = SipUri.parse(text);
    if (uri instanceof SyntaxFault) faults.push({ path: ['gateways', index, 'uri'], message: uri.reason });
    else if (uri.user !== undefined) {
      faults.push({ path: ['gateways', index, 'uri'], message: 'names a user; the number takes that place' });
    } else if (domains.reached(uri) !== undefined) {
      faults.push({ path: ['gateways', index, 'uri'], message: `"${text}" is this exchange itself` });
    }
    prefixes.forEach((prefix, at) => {
      const other = seen.get(prefix);
      const message = `"${prefix}" is a prefix of gateways[${String(other)}] already`;
      if (other !== undefined) faults.push({ path: ['gateways', index, 'prefixes', at], message });
      seen.set(prefix, index);
    });
  });
  return faults;
}

function registrationFaults({ limits }: ConfigurationFile): SemanticFault[] {
  const { minimum, maximum, default: usual } = limits.registration;
  if (minimum > maximum) {
    const message = `${String(minimum)} is above the maximum, ${String(maximum)}`;
    return [{ path: ['limits', 'registration', 'minimum'], message }];
  }
  if (usual >= minimum && usual <= maximum) return [];
  const message = `${String(usual)} is not between the minimum, ${String(minimum)}, and the maximum, ${String(maximum)}`;
  return [{ path: ['limits', 'registration', 'default'], message }];
}

function mediaFaults({ media: { firstPort, lastPort } }: ConfigurationFile): SemanticFault[] {
  if (lastPort > firstPort) return [];
  return [
    { path: ['media', 'lastPort'], message: `${String(lastPort)} is not above the first port, ${String(firstPort)}` },
  ];
}

/** Slots of a lot at most. */
const maximumSlots = 10_000;

function parkFaults({ servers: { park } }: ConfigurationFile): SemanticFault[] {
  if (park === undefined) return [];
  const { first, last } = park.slots;
  const path = ['servers', 'park', 'slots', 'last'];
  if (last < first) return [{ path, message: `${String(last)} is below the first slot, ${String(first)}` }];
  if (last - first < maximumSlots) return [];
  return [{ path, message: `makes more than ${String(maximumSlots)} slots` }];
}

function featureFaults({ servers: { features }, gateways }: ConfigurationFile): SemanticFault[] {
  if (features === undefined) return [];
  const codes = codesIn(features.codes);
  const ambiguous = codes.flatMap(({ feature, turn, code }, index): SemanticFault[] => {
    const other = codes.find(
      (each, at) => at !== index && code.startsWith(each.code) && (code !== each.code || at < index),
    );
    if (other === undefined) return [];
    const like = code === other.code ? 'is' : `begins like "${other.code}", which is`;
    const message = `"${code}" ${like} ${other.feature}.${other.turn} already`;
    return [{ path: ['servers', 'features', 'codes', feature, turn], message }];
  });
  const taken = gateways.flatMap(({ prefixes }, index) =>
    prefixes.flatMap((prefix, at): SemanticFault[] => {
      if (!prefix.startsWith('*')) return [];
      const message = `"${prefix}" begins with a star, which is for the codes of servers.features`;
      return [{ path: ['gateways', index, 'prefixes', at], message }];
    }),
  );
  return [...ambiguous, ...taken];
}

function isSlot(user: string, { first, last }: { readonly first: number; readonly last: number }): boolean {
  return /^\d+$/.test(user) && String(Number(user)) === user && Number(user) >= first && Number(user) <= last;
}
