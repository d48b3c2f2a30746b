import type { DigestVerifier, Proxy, Transport, TransactionLayer, TransportLayer } from '@switchhook/sip';
import type { MetricDefinition } from './admin/metrics.ts';
import type { CallLog } from './calls/call-log.ts';
import type { ExchangeRegistrar } from './exchange-registrar.ts';
import type { MessageMeter } from './traffic.ts';
import type { Servers } from './servers/servers.ts';
import type { SqliteLocationService } from './store/location.ts';

/** Where the numbers come from. */
export interface MetricSources {
  readonly transports: readonly Transport[];
  readonly transportLayer: Pick<TransportLayer, 'stats'>;
  readonly transactions: Pick<TransactionLayer, 'stats'>;
  readonly proxy: Pick<Proxy, 'stats'>;
  readonly registrar: Pick<ExchangeRegistrar, 'stats'>;
  readonly verifier: Pick<DigestVerifier, 'stats'>;
  readonly location: Pick<SqliteLocationService, 'stats'>;
  readonly calls: CallLog;
  readonly messages: MessageMeter;
  /** What services did, by event. */
  readonly services: ReadonlyMap<string, number>;
  readonly servers: Pick<Servers, 'status' | 'stats' | 'parkEvents' | 'registrationSubscriptions'>;
}

/** Everything that /metrics tells of the exchange itself. */
export function exchangeMetrics(sources: MetricSources): MetricDefinition[] {
  return [
    ...subscriberMetrics(sources),
    ...messageMetrics(sources),
    ...serverMetrics(sources),
    ...limitMetrics(sources),
  ];
}

function subscriberMetrics({ location, registrar, verifier, calls, services }: MetricSources): MetricDefinition[] {
  return [
    {
      name: 'switchhook_registrations',
      help: 'Bindings of contacts to addresses of record.',
      type: 'gauge',
      read: () => [[[], location.stats().bindings]],
    },
    {
      name: 'switchhook_registers_total',
      help: 'REGISTER requests of authenticated subscribers, by result.',
      type: 'counter',
      labels: ['result'],
      read: () => [
        [['accepted'], registrar.stats().accepted],
        [['refused'], registrar.stats().refused],
      ],
    },
    {
      name: 'switchhook_authentications_total',
      help: 'Requests whose sender had to prove who it is, by result.',
      type: 'counter',
      labels: ['result'],
      read: () => Object.entries(verifier.stats().results).map(([result, count]) => [[result], count]),
    },
    {
      name: 'switchhook_calls',
      help: 'Calls that are being set up or in progress.',
      type: 'gauge',
      read: () => [[[], calls.active]],
    },
    {
      name: 'switchhook_calls_total',
      help: 'Calls that have ended, by outcome.',
      type: 'counter',
      labels: ['outcome'],
      read: () => Array.from(calls.counts(), ([outcome, count]) => [[outcome], count]),
    },
    {
      name: 'switchhook_services_total',
      help: 'What services did with requests, by event.',
      type: 'counter',
      labels: ['event'],
      read: () => Array.from(services, ([event, count]) => [[event], count]),
    },
  ];
}

function messageMetrics({ transports, transactions, proxy, messages }: MetricSources): MetricDefinition[] {
  return [
    {
      name: 'switchhook_messages_total',
      help: 'Messages by direction and method or status.',
      type: 'counter',
      labels: ['direction', 'kind'],
      read: () =>
        (['in', 'out'] as const).flatMap((direction) =>
          Array.from(messages.counts(direction), ([kind, count]) => [[direction, kind], count] as const),
        ),
    },
    {
      name: 'switchhook_flows',
      help: 'Open connections, and for UDP remembered pairs of addresses, by protocol.',
      type: 'gauge',
      labels: ['protocol'],
      read: () => sumByProtocol(transports),
    },
    {
      name: 'switchhook_transactions',
      help: 'Transactions in memory, by kind.',
      type: 'gauge',
      labels: ['kind'],
      read: () => [
        [['client'], transactions.stats().clientTransactions],
        [['server'], transactions.stats().serverTransactions],
      ],
    },
    {
      name: 'switchhook_transaction_events_total',
      help: 'What the transaction layer has done, by event.',
      type: 'counter',
      labels: ['event'],
      read: () => Object.entries(transactions.stats().counters).map(([event, count]) => [[event], count]),
    },
    {
      name: 'switchhook_proxied_requests',
      help: 'Requests that wait for their final response.',
      type: 'gauge',
      read: () => [[[], proxy.stats().requests]],
    },
    {
      name: 'switchhook_request_sources',
      help: 'Subscribers, and addresses of strangers, whose requests are in memory.',
      type: 'gauge',
      read: () => [[[], proxy.stats().sources]],
    },
    {
      name: 'switchhook_proxy_events_total',
      help: 'What the proxy has done, by event.',
      type: 'counter',
      labels: ['event'],
      read: () => Object.entries(proxy.stats().counters).map(([event, count]) => [[event], count]),
    },
  ];
}

function serverMetrics({ servers }: MetricSources): MetricDefinition[] {
  return [
    {
      name: 'switchhook_server_calls',
      help: 'Calls of the servers in the exchange, by server.',
      type: 'gauge',
      labels: ['server', 'address'],
      read: () => servers.status().map(({ kind, address, calls }) => [[kind, address], calls]),
    },
    {
      name: 'switchhook_registration_subscriptions',
      help: 'Subscriptions to the registrations of subscribers (RFC 3680).',
      type: 'gauge',
      read: () => [[[], servers.registrationSubscriptions]],
    },
    {
      name: 'switchhook_parked_calls_total',
      help: 'Calls that were parked, and how they left their slots, by event.',
      type: 'counter',
      labels: ['event'],
      read: () => Array.from(servers.parkEvents, ([event, count]) => [[event], count]),
    },
    {
      name: 'switchhook_server_streams',
      help: 'Streams of sound that the servers have open.',
      type: 'gauge',
      read: () => [[[], servers.stats().streams]],
    },
  ];
}

function limitMetrics({ transportLayer }: MetricSources): MetricDefinition[] {
  return [
    {
      name: 'switchhook_refused_total',
      help: 'Messages and connections refused for a limit, by limit.',
      type: 'counter',
      labels: ['limit'],
      read: () => Object.entries(transportLayer.stats().refused).map(([limit, count]) => [[limit], count]),
    },
    {
      name: 'switchhook_bad_messages_total',
      help: 'What came and was not in order, by kind.',
      type: 'counter',
      labels: ['kind'],
      read: () => {
        const { malformedRequests, malformedResponses, garbage, foreignResponses, undeliverable } =
          transportLayer.stats();
        return [
          [['malformed request'], malformedRequests],
          [['malformed response'], malformedResponses],
          [['garbage'], garbage],
          [['foreign response'], foreignResponses],
          [['undeliverable response'], undeliverable],
        ];
      },
    },
  ];
}

function sumByProtocol(transports: readonly Transport[]): [string[], number][] {
  const sums = new Map<string, number>();
  for (const transport of transports) {
    sums.set(transport.protocol, (sums.get(transport.protocol) ?? 0) + transport.stats().flows);
  }
  return Array.from(sums, ([protocol, flows]) => [[protocol], flows]);
}
