import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Counter, Gauge, Registry } from 'prom-client';

/** Samples of one metric: label values (in the order of its labels), and the number. */
type Samples = Iterable<readonly [labels: readonly string[], value: number]>;

/** A metric that is read when somebody asks, so that it costs the exchange nothing in between. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly labels?: readonly string[];
  readonly read: () => Samples;
}

/** The metrics of an exchange in the text format of Prometheus. */
export class Metrics {
  readonly #definitions: readonly MetricDefinition[];
  /** Made when somebody asks for the first time. */
  #registry: Registry | undefined = undefined;
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined = undefined;

  constructor(definitions: readonly MetricDefinition[]) {
    this.#definitions = definitions;
  }

  /** From now on it is watched how late the event loop runs. */
  start(): void {
    this.#delay ??= monitorEventLoopDelay({ resolution: 200 });
    this.#delay.enable();
  }

  stop(): void {
    this.#delay?.disable();
  }

  print(): Promise<string> {
    this.#registry ??= this.#makeRegistry();
    return this.#registry.metrics();
  }

  #makeRegistry(): Registry {
    const registry = new Registry();
    for (const definition of [...this.#definitions, ...this.#processMetrics()]) this.#add(definition, registry);
    return registry;
  }

  #add({ name, help, type, labels = [], read }: MetricDefinition, registry: Registry): void {
    const common = { name, help, labelNames: [...labels], registers: [registry] };
    const record = (value: number, of: readonly string[], into: (l: Record<string, string>, v: number) => void): void =>
      into(Object.fromEntries(labels.map((label, index) => [label, of[index] ?? ''])), value);
    if (type === 'gauge') {
      new Gauge({
        ...common,
        collect() {
          this.reset();
          for (const [of, value] of read()) record(value, of, (values, each) => this.set(values, each));
        },
      });
    } else {
      new Counter({
        ...common,
        collect() {
          this.reset();
          for (const [of, value] of read()) record(value, of, (values, each) => this.inc(values, each));
        },
      });
    }
  }

  #processMetrics(): MetricDefinition[] {
    const seconds = (nanoseconds = 0): number => (Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0);
    return [
      {
        name: 'switchhook_event_loop_delay_seconds',
        help: 'How late the event loop ran since the start, by quantile.',
        type: 'gauge',
        labels: ['quantile'],
        read: () => [
          [['0.5'], seconds(this.#delay?.percentile(50))],
          [['0.99'], seconds(this.#delay?.percentile(99))],
          [['1'], seconds(this.#delay?.max)],
        ],
      },
      {
        name: 'process_resident_memory_bytes',
        help: 'Resident memory.',
        type: 'gauge',
        read: () => [[[], process.memoryUsage.rss()]],
      },
      {
        name: 'process_heap_bytes',
        help: 'JavaScript heap in use.',
        type: 'gauge',
        read: () => [[[], process.memoryUsage().heapUsed]],
      },
      {
        name: 'process_cpu_seconds_total',
        help: 'CPU time, user and system.',
        type: 'counter',
        read: () => [[[], (process.cpuUsage().user + process.cpuUsage().system) / 1e6]],
      },
    ];
  }
}
