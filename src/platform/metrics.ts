import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** The operator's metrics (Prometheus). Label sets are bounded: no id, path or address of a caller is a label. */
export class ServerMetrics {
  readonly registry = new Registry()
  #ofAll: (() => Promise<string>) | undefined

  readonly requestSeconds = new Histogram({
    name: 'sentinel_pass_http_request_duration_seconds',
    help: 'Time from a request to its answer, by route pattern.',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  })

  readonly grants = new Counter({
    name: 'sentinel_pass_grants_total',
    help: 'Token requests by outcome (granted, or the OAuth error) and access level.',
    labelNames: ['outcome', 'access_level'] as const,
    registers: [this.registry],
  })

  readonly introspections = new Counter({
    name: 'sentinel_pass_introspections_total',
    help: 'Introspections by result: active, inactive, or refused because the caller was not let in or asked wrongly.',
    labelNames: ['result'] as const,
    registers: [this.registry],
  })

  readonly revocations = new Counter({
    name: 'sentinel_pass_revocations_total',
    help: 'Requests to the revocation endpoint by result: accepted or refused.',
    labelNames: ['result'] as const,
    registers: [this.registry],
  })

  readonly slowHashSeconds = new Histogram({
    name: 'sentinel_pass_slow_hash_duration_seconds',
    help: 'Time of one argon2id hash, its wait for a thread included.',
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  })

  readonly partitionFaults = new Counter({
    name: 'sentinel_pass_activity_partition_faults_total',
    help: 'Partitions of the activity table that could not be made; their rows are in the default partition.',
    registers: [this.registry],
  })

  readonly retentionFaults = new Counter({
    name: 'sentinel_pass_retention_faults_total',
    help: 'Kinds of things past their time that could not be deleted in a turn.',
    registers: [this.registry],
  })

  readonly batchActs = new Histogram({
    name: 'sentinel_pass_commit_batch_acts',
    help: 'Acts that were written in one group commit.',
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    registers: [this.registry],
  })

  readonly batchSeconds = new Histogram({
    name: 'sentinel_pass_commit_batch_duration_seconds',
    help: 'Time of one group commit.',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    registers: [this.registry],
  })

  constructor() {
    collectDefaultMetrics({ register: this.registry })
  }

  /** This process is one of several: `text` is what `ofAll` says. */
  isPartOf(ofAll: () => Promise<string>): void {
    this.#ofAll = ofAll
  }

  /** In Prometheus' text format; where this process is one of several, of all of them. */
  text(): Promise<string> {
    return this.#ofAll?.() ?? this.registry.metrics()
  }

  /**
   * A gauge that is read when it is asked for.
   * @param read the values by the label's value; a failure leaves the last ones
   * @param ofSeveral what it is of several processes: the sum, or the largest where all of them read the same
   */
  addGauge(
    name: string,
    help: string,
    label: string,
    read: () => Promise<Readonly<Record<string, number>>>,
    ofSeveral: 'sum' | 'max' = 'sum',
  ): void {
    const gauge = new Gauge({
      name: `sentinel_pass_${name}`,
      help,
      labelNames: [label],
      aggregator: ofSeveral,
      registers: [this.registry],
      async collect() {
        try {
          for (const [value, number] of Object.entries(await read())) gauge.set({ [label]: value }, number)
        } catch {
          // What cannot be read is seen by the other metrics; one fault must not hide all of them.
        }
      },
    })
  }
}
