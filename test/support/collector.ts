import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

const attributes = z
  .array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) }))
  .transform(list => Object.fromEntries(list.map(({ key, value }) => [key, Object.values(value)[0]])))

const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.int(),
  startTimeUnixNano: z.string().transform(BigInt),
  endTimeUnixNano: z.string().transform(BigInt),
  attributes,
  status: z.object({ code: z.int() }),
})

/** The JSON that OTLP has for traces. */
const sent = z.object({
  resourceSpans: z.array(
    z.object({ resource: z.object({ attributes }), scopeSpans: z.array(z.object({ spans: z.array(span) })) }),
  ),
})

const SERVER_KIND = 2
export const CLIENT_KIND = 3
export const ERROR_STATUS = 2

export type CollectedSpan = z.output<typeof span>

/** The span of a request, and those below it in the order of their beginnings. */
export interface CollectedTrace {
  readonly request: CollectedSpan
  readonly parts: CollectedSpan[]
}

/** Stands for a collector of traces: keeps what it is sent. */
export interface Collector {
  readonly url: string
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[]
  spans(): CollectedSpan[]
  /** The one request of a caller's trace; throws where that is not what was sent. */
  traceOf(caller: CallerTrace | undefined): CollectedTrace
  /** What the traces say of the server as a whole. */
  resource(): Record<string, unknown>
  close(): Promise<void>
}

/** @param answer the status that it answers with; `none`: it never answers */
export async function startCollector(answer: number | 'none' = 200): Promise<Collector> {
  const requests: Collector['requests'] = []
  const server = createServer(async (request, response) => {
    const body = await text(request)
    requests.push({ path: request.url ?? '', headers: request.headers, body })
    if (answer !== 'none') response.writeHead(answer, { 'Content-Type': 'application/json' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address: AddressInfo | string | null = server.address()
  const all = () => requests.flatMap(({ body }) => sent.parse(JSON.parse(body)).resourceSpans)
  const spans = () => all().flatMap(({ scopeSpans }) => scopeSpans.flatMap(scope => scope.spans))
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`,
    requests,
    spans,
    traceOf: caller =>
      assembled(
        spans().filter(({ traceId }) => traceId === caller?.traceId),
        caller?.spanId,
      ),
    resource: () => all()[0]?.resource.attributes ?? {},
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function assembled(spans: CollectedSpan[], callerId: string | undefined): CollectedTrace {
  const [request, ...others] = spans.filter(({ kind }) => kind === SERVER_KIND)
  if (!request) throw new Error('there is no such trace')
  const parts = spans.filter(one => one !== request)
  const isWhole = parts.every(({ parentSpanId }) => parentSpanId === request.spanId)
  if (others.length > 0 || request.parentSpanId !== callerId || !isWhole)
    throw new Error(`not one request and what is below it: ${spans.map(({ name }) => name).join(', ')}`)
  return { request, parts: parts.sort((a, b) => Number(a.startTimeUnixNano - b.startTimeUnixNano)) }
}

/** A caller's trace. */
export interface CallerTrace {
  readonly traceId: string
  readonly spanId: string
  readonly headers: { readonly traceparent: string }
}

/** @param sampled whether the caller itself sends it */
export function callerTrace(sampled = true): CallerTrace {
  const [traceId, spanId] = [hex(32), hex(16)]
  return { traceId, spanId, headers: { traceparent: `00-${traceId}-${spanId}-${sampled ? '01' : '00'}` } }
}

function hex(length: number): string {
  return crypto.randomUUID().replaceAll('-', '').slice(0, length)
}
