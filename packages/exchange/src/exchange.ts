import { setTimeout as pause } from 'node:timers/promises';
import { CaptureFile, DnsResolver, NodeDnsClient, systemContext } from '@switchhook/node';
import { hostPort } from '@switchhook/sip';
import type { Clock, Log } from '@switchhook/sip';
import { AdminServer } from './admin/server.ts';
import type { ExchangeStatus } from './admin/status.ts';
import { CertificateWatch } from './certificate-watch.ts';
import { loadCertificate } from './certificates.ts';
import type { ServerCertificate } from './certificates.ts';
import type { Configuration } from './config/configuration.ts';
import { Core } from './core.ts';
import type { CoreStats } from './core.ts';
import { ExchangeError, fileErrorText } from './errors.ts';
import { Listeners } from './listeners.ts';
import type { ListenerStatus } from './listeners.ts';
import { createLog } from './log.ts';
import type { ExchangeLog } from './log.ts';
import { needsRestart } from './reload.ts';
import { lockFolder, openDatabase } from './store/database.ts';

/** What an exchange is given beside its configuration. */
export interface ExchangeOptions {
  /** What `switchhook status` shows. */
  readonly version: string;
  /** Remembers recent messages, for ladders. */
  readonly ladder?: boolean;
  /** Instead of JSON lines on standard output. */
  readonly log?: Log;
  /** Instead of the machine's. */
  readonly clock?: Clock;
}

/** Milliseconds a drained exchange waits for the last retransmissions: the lifetime of a message (T4). */
const lastMessages = 5_000;

/** The exchange: a registrar and proxy for its domains, with what a person needs to run it. */
export class Exchange {
  /** What it started with: what needs a restart stays so. */
  readonly #configuration: Configuration;
  readonly #options: ExchangeOptions;
  #startedAt = new Date();
  #log: Log | undefined;
  /** The log, where nobody has brought one. */
  #ownLog: ExchangeLog | undefined;
  #core: Core | undefined;
  #listeners: Listeners | undefined;
  #certificate: ServerCertificate | undefined;
  #certificateWatch: CertificateWatch | undefined;
  #adminUrl = '';
  #draining = false;
  /** What has been started, in order; it is stopped backwards. */
  readonly #started: (() => void | Promise<void>)[] = [];

  constructor(configuration: Configuration, options: ExchangeOptions) {
    this.#configuration = configuration;
    this.#options = options;
  }

  /** Listens. When something cannot start, the rest is stopped again and the error says what to do. */
  async start(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const configuration = this.#configuration;
    const { dataFolder, admin } = configuration;
    this.#startedAt = new Date();
    this.#draining = false;
    const lock = lockFolder(dataFolder);
    this.#started.push(() => lock.release());
    const log = this.#openLog();
    const context = { ...systemContext(log), ...(this.#options.clock && { clock: this.#options.clock }) };
    const certificate = await loadCertificate(configuration, context);
    const database = openDatabase(dataFolder);
    this.#started.push(() => database.close());
    const capture = await this.#openCapture(log);
    const listeners = new Listeners(context, configuration, certificate);
    this.#listeners = listeners;
    const network = { transports: listeners.transports, resolver: new DnsResolver(context, new NodeDnsClient()) };
    const core = new Core(context, configuration, network, database, {
      ladder: this.#options.ladder ?? false,
      capture,
    });
    this.#core = core;
    this.#started.push(() => core.stop());
    await core.start();
    this.#watchCertificate(core, certificate);
    const server = new AdminServer(
      {
        healthy: () => !this.#draining,
        metrics: () => core.metrics(),
        status: () => this.status(),
        ladder: (callId) => core.ladder(callId),
        settings: core.settingsApi(),
        failed: (message) => log.error('the admin interface failed', { error: message }),
      },
      dataFolder,
    );
    this.#started.push(() => server.stop());
    this.#adminUrl = await server.start(admin.address, admin.port);
  }

  /** Stops at once; what was not finished is cut off. */
  async stop(): Promise<void> {
    const { requests } = this.stats();
    if (requests > 0) this.#log?.warn('ends before calls are set up', { requests });
    for (let stop = this.#started.pop(); stop !== undefined; stop = this.#started.pop()) await stop();
    this.#core = undefined;
    this.#listeners = undefined;
  }

  /**
   * Refuses new calls from now on, and resolves when what was begun has finished: when every call that is being set up is
   * answered or given up, and, for as long as `servers.drainTime` says, the calls of its servers have ended.
   */
  async drain(): Promise<void> {
    const core = this.#core;
    if (core === undefined) return;
    this.#draining = true;
    this.#log?.info('draining', { requests: core.stats().requests, servers: core.serverCalls });
    core.drain();
    const { drainTime } = this.#configuration.servers;
    const waitsForServers = (waited: number): boolean => waited < drainTime * 1_000 && core.serverCalls > 0;
    for (let waited = 0; core.stats().requests > 0 || waitsForServers(waited); waited += 50) await pause(50);
    for (let waited = 0; waited < lastMessages && core.stats().transactions > 0; waited += 50) await pause(50);
  }

  /**
   * Takes up what of a new configuration can change while calls go on: subscribers and what they have set, administrators, groups,
   * gateways, emergency numbers, registration limits, certificates and the log level. Answers with the parts that were changed and
   * need a restart.
   */
  async reload(configuration: Configuration): Promise<readonly string[]> {
    const core = this.#core;
    if (core === undefined) return [];
    const restart = needsRestart(this.#configuration, configuration);
    const certificate = await loadCertificate(this.#certified(configuration), core.context);
    if (this.#core !== core) return [];
    core.reload(configuration);
    this.#listeners?.renewCertificate(certificate, this.#configuration);
    this.#watchCertificate(core, certificate, configuration);
    this.#ownLog?.setLevel(configuration.logLevel);
    core.context.log.info('configuration read again');
    if (restart.length > 0) core.context.log.warn('changed, but needs a restart', { parts: restart.join(', ') });
    return restart;
  }

  /** Where it listens, once started. */
  get listeners(): readonly ListenerStatus[] {
    return this.#core?.listeners ?? [];
  }

  /** The URL of the admin interface, once started. */
  get adminUrl(): string {
    return this.#adminUrl;
  }

  /** What phones must trust, when the development CA made the certificate. */
  get developmentCaFile(): string | undefined {
    return this.#certificate?.developmentCaFile;
  }

  /** All gauges are zero when the exchange is stopped. */
  stats(): CoreStats {
    return this.#core?.stats() ?? { requests: 0, transactions: 0, flows: 0, bindings: 0, calls: 0, servers: 0 };
  }

  status(): ExchangeStatus {
    return {
      version: this.#options.version,
      startedAt: this.#startedAt.toISOString(),
      draining: this.#draining,
      domains: this.#configuration.domains.map(({ name }) => name),
      listeners: this.listeners.map(({ protocol, address, port }) => `${protocol} ${hostPort(address, port)}`),
      subscribers: this.#core?.subscriberCount ?? 0,
      registrations: this.#core?.registrations() ?? [],
      calls: this.#core?.calls() ?? [],
      servers: this.#core?.servers() ?? [],
    };
  }

  /** A configuration with the names that certificates are made for: those of the listeners as they are. */
  #certified(configuration: Configuration): Configuration {
    const { domains, listeners, dataFolder } = this.#configuration;
    return { ...configuration, domains, listeners, dataFolder };
  }

  /** From now on `certificate` is in use, and the files of `configuration` are where the next one comes from. */
  #watchCertificate(core: Core, certificate: ServerCertificate, configuration = this.#configuration): void {
    this.#certificate = certificate;
    this.#certificateWatch?.stop();
    const load = (): Promise<ServerCertificate> => loadCertificate(this.#certified(configuration), core.context);
    const watch = new CertificateWatch(core.context, load, (renewed) => {
      this.#listeners?.renewCertificate(renewed, this.#configuration);
      this.#certificate = renewed;
    });
    if (this.#certificateWatch === undefined) this.#started.push(() => this.#stopCertificateWatch());
    this.#certificateWatch = watch;
    watch.start(certificate);
  }

  #stopCertificateWatch(): void {
    this.#certificateWatch?.stop();
    this.#certificateWatch = undefined;
  }

  async #openCapture(log: Log): Promise<CaptureFile | undefined> {
    const { captureFile } = this.#configuration;
    if (captureFile === undefined) return undefined;
    const onError = (error: Error): void => log.error('the capture has ended', { error: error.message });
    try {
      const capture = await CaptureFile.open(captureFile, { onError });
      this.#started.push(() => capture.close());
      return capture;
    } catch (error) {
      const reason = fileErrorText(error) ?? String(error);
      throw new ExchangeError('capture', `the capture cannot be written: ${reason}; name another file, or none`, {
        cause: error,
      });
    }
  }

  #openLog(): Log {
    const log = this.#options.log ?? this.#makeLog();
    this.#log = log;
    return log;
  }

  #makeLog(): Log {
    const log = createLog(this.#configuration.logLevel);
    this.#ownLog = log;
    this.#started.push(() => log.close());
    return log;
  }
}
