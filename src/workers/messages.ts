import { z } from 'zod'

/** Metrics of one process, as prom-client's registries tell and add them. */
export const snapshot = z.array(z.looseObject({ name: z.string(), type: z.unknown(), values: z.unknown() }))
export type Snapshot = z.output<typeof snapshot>

/** What a worker tells the first process. */
export const fromWorker = z.discriminatedUnion('kind', [
  /** It listens. */
  z.object({ kind: z.literal('ready') }),
  /** Its metrics, because it was asked for them or ends. */
  z.object({ kind: z.literal('snapshot'), metrics: snapshot }),
  /** Somebody asks it for the metrics of all. */
  z.object({ kind: z.literal('ask'), question: z.int() }),
])
export type FromWorker = z.output<typeof fromWorker>

/** What the first process tells a worker. */
export const toWorker = z.discriminatedUnion('kind', [
  /** Its metrics are wanted. */
  z.object({ kind: z.literal('tell') }),
  /** The metrics of all, in Prometheus' text format. */
  z.object({ kind: z.literal('answer'), question: z.int(), text: z.string() }),
  /** It is to drain and to end. */
  z.object({ kind: z.literal('stop'), reason: z.string() }),
])
export type ToWorker = z.output<typeof toWorker>
