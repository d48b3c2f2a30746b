import {
  DigestVerifier,
  hashCredentials,
  MemoryLocationService,
  Registrar,
  SipUri,
  TransactionLayer,
  TransportLayer,
} from '@switchhook/sip';
import type { LocationService, ServerTransaction, SipContext, Transport } from '@switchhook/sip';

const domain = 'example.com';
const ignore = (): void => undefined;

export interface TinyRegistrar {
  readonly location: LocationService;
  stop(): Promise<void>;
}

/** A registrar for the users of one domain, by name and password. */
export async function startRegistrar(
  context: SipContext,
  transport: Transport,
  passwords: ReadonlyMap<string, string>,
): Promise<TinyRegistrar> {
  const transports = new TransportLayer(context, { transports: [transport] });
  const transactions = new TransactionLayer(context, transports);
  const location = new MemoryLocationService(context.clock);
  const registrar = new Registrar(context, location, {
    findAddressOfRecord: (uri) =>
      uri.host === domain && passwords.has(uri.user ?? '') ? uri.addressOfRecord : undefined,
    mayRegister: (identity, to) => identity?.username === to.user,
    isOurs: (host, port) => transports.isOurs(host, port),
  });
  const verifier = new DigestVerifier(context, {
    find(realm, username) {
      const password = passwords.get(username);
      if (password === undefined) return undefined;
      return { username, ha1: hashCredentials(context.hashes, username, realm, password) };
    },
  });

  async function register(transaction: ServerTransaction): Promise<void> {
    const { request, flow } = transaction;
    const source = flow.remote.address;
    const result = await verifier.verify(request, { realm: domain, role: 'user-agent-server', source });
    if (result.kind === 'authenticated') registrar.handle(transaction, result);
    else {
      const headers = result.kind === 'challenge' ? result.headers : [];
      transaction.respond(request.createResponse(result.status, { toTag: context.random.token(), headers }));
    }
  }

  await transactions.start({
    request(transaction) {
      const { method, requestUri } = transaction.request;
      if (method !== 'REGISTER') transaction.refuse(405, { headers: [['Allow', 'REGISTER']] });
      else if (!(requestUri instanceof SipUri) || requestUri.host !== domain) transaction.refuse(404, {});
      else void register(transaction);
    },
    cancel: ignore,
    ack: ignore,
    strayResponse: ignore,
  });

  return {
    location,
    async stop() {
      await transactions.stop();
      registrar.stop();
      location.stop();
    },
  };
}
