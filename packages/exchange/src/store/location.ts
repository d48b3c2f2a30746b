import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { MemoryLocationService } from '@switchhook/sip';
import type {
  Binding,
  Clock,
  LocationChange,
  LocationChangeCause,
  LocationService,
  Log,
  SipContext,
} from '@switchhook/sip';
import { printBindings, readBindings } from './binding-text.ts';
import { statement } from './statement.ts';

interface Staged {
  readonly after: readonly Binding[];
  readonly cause: LocationChangeCause;
}

/** The updates that will be committed together, and the promise all of them wait for. */
interface Batch {
  readonly staged: Map<string, Staged>;
  readonly committed: PromiseWithResolvers<void>;
}

/**
 * Bindings in SQLite, with all of them in memory in front: a read never touches the database. Updates of one turn
 * of the event loop share one transaction, and none resolves before it is committed, so what was answered 200
 * survives the death of the process.
 */
export class SqliteLocationService implements LocationService {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #memory: MemoryLocationService;
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  /** Addresses of record whose rows are out of date because bindings ran out. */
  readonly #expired = new Set<string>();
  #batch: Batch | undefined;
  /** Takes back that it is to be committed. */
  #flush: (() => void) | undefined;
  readonly #atEndOfTurn: (action: () => void) => () => void;

  /** `atEndOfTurn` does something once this turn of the event loop is over, unless what it answers with is called before. */
  constructor(
    { clock, log }: Pick<SipContext, 'clock' | 'log'>,
    database: DatabaseSync,
    atEndOfTurn: (action: () => void) => () => void = immediately,
  ) {
    this.#clock = clock;
    this.#log = log;
    this.#atEndOfTurn = atEndOfTurn;
    this.#database = database;
    this.#memory = new MemoryLocationService(clock);
    this.#put = statement(
      database,
      'INSERT OR REPLACE INTO registration (address_of_record, expires_at, state) VALUES (?, ?, ?)',
    );
    this.#delete = statement(database, 'DELETE FROM registration WHERE address_of_record = ?');
    this.#begin = statement(database, 'BEGIN IMMEDIATE');
    this.#end = statement(database, 'COMMIT');
  }

  /** Takes up what an earlier process left, without the flows, which ended with it. */
  start(): void {
    const now = this.#clock.date();
    statement(this.#database, 'DELETE FROM registration WHERE expires_at <= ?').run(now);
    for (const row of statement(this.#database, 'SELECT address_of_record, state FROM registration').all()) {
      const addressOfRecord = String(row['address_of_record']);
      const alive = this.#read(addressOfRecord, String(row['state'])).filter(({ expiresAt }) => expiresAt > now);
      this.#memory.update(addressOfRecord, () => alive, 'registered');
    }
    this.#memory.onChange(({ addressOfRecord, cause }) => {
      if (cause !== 'expired') return;
      this.#expired.add(addressOfRecord);
      this.#schedule();
    });
  }

  /** Writes what is waiting, and forgets everything. */
  stop(): void {
    if (this.#flush !== undefined) this.#commit();
    this.#memory.stop();
  }

  bindings(addressOfRecord: string): readonly Binding[] {
    return this.#memory.bindings(addressOfRecord);
  }

  update(
    addressOfRecord: string,
    change: (current: readonly Binding[]) => readonly Binding[],
    cause: LocationChangeCause,
  ): readonly Binding[] | Promise<readonly Binding[]> {
    const waiting = this.#batch?.staged.get(addressOfRecord);
    const before = waiting?.after ?? this.#memory.bindings(addressOfRecord);
    const after = change(before);
    if (after === before && waiting === undefined) return after;
    this.#batch ??= { staged: new Map(), committed: Promise.withResolvers() };
    if (after !== before) this.#batch.staged.set(addressOfRecord, { after, cause });
    this.#schedule();
    return this.#batch.committed.promise.then(() => after);
  }

  findGruu(gruuId: string): string | undefined {
    return this.#memory.findGruu(gruuId);
  }

  onChange(listener: (change: LocationChange) => void): () => void {
    return this.#memory.onChange(listener);
  }

  addressesOfRecord(): Iterable<string> {
    return this.#memory.addressesOfRecord();
  }

  stats(): { readonly addressesOfRecord: number; readonly bindings: number; readonly timers: number } {
    return this.#memory.stats();
  }

  /** A row that cannot be read costs one phone its registration, which it will renew, and nobody else anything. */
  #read(addressOfRecord: string, state: string): Binding[] {
    try {
      return readBindings(state);
    } catch (error) {
      this.#log.warn('a damaged registration is dropped', { addressOfRecord, error: String(error) });
      this.#delete.run(addressOfRecord);
      return [];
    }
  }

  #schedule(): void {
    this.#flush ??= this.#atEndOfTurn(() => this.#commit());
  }

  #commit(): void {
    this.#flush?.();
    this.#flush = undefined;
    const batch = this.#batch;
    this.#batch = undefined;
    const expired = [...this.#expired];
    this.#expired.clear();
    try {
      this.#begin.run();
      for (const addressOfRecord of expired) this.#write(addressOfRecord, this.#memory.bindings(addressOfRecord));
      for (const [addressOfRecord, { after }] of batch?.staged ?? []) this.#write(addressOfRecord, after);
      this.#end.run();
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      if (batch === undefined) this.#log.error('what ran out stays in the store', { error: String(error) });
      else batch.committed.reject(error);
      return;
    }
    for (const [addressOfRecord, { after, cause }] of batch?.staged ?? []) {
      this.#memory.update(addressOfRecord, () => after, cause);
    }
    batch?.committed.resolve();
  }

  #write(addressOfRecord: string, bindings: readonly Binding[]): void {
    if (bindings.length === 0) {
      this.#delete.run(addressOfRecord);
      return;
    }
    const expiresAt = bindings.reduce((latest, binding) => Math.max(latest, binding.expiresAt), 0);
    this.#put.run(addressOfRecord, expiresAt, printBindings(bindings));
  }
}

/** The end of a turn by a clock that may be no machine's: for {@link SqliteLocationService}. */
export function endOfTurnBy(clock: Clock): (action: () => void) => () => void {
  return (action) => {
    const timer = clock.after(0, action);
    return () => timer.cancel();
  };
}

function immediately(action: () => void): () => void {
  const immediate = setImmediate(action);
  return () => clearImmediate(immediate);
}
