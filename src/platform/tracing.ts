import { AsyncLocalStorage } from 'node:async_hooks'

/** What the log says of a trace, by the names that OpenTelemetry has for it. */
export interface TraceIds {
  readonly trace_id: string
  readonly span_id: string
}

/** A part of a request's time: a span of its trace. */
export interface Part {
  /** Ends it where the next one begins. */
  next(name: string): void
  end(failed?: boolean): void
}

/** A call of what keeps the data; nothing of what is kept is told. */
export interface StoreCall {
  readonly system: 'postgresql' | 'redis'
  /** Such as SELECT, and of which table. */
  readonly operation?: string | undefined
  readonly table?: string | undefined
  /** Milliseconds that it has taken already; none, when not given. */
  readonly took?: number
}

/** The trace of one request; it has no parts where it is not sent. */
export interface RequestTrace {
  readonly ids: TraceIds
  part(name: string): Part | undefined
  call(call: StoreCall): Part | undefined
}

/** How a request was answered, for its span. */
export interface Answered {
  /** The pattern of the route; undefined where there is none. */
  readonly route: string | undefined
  readonly path: string | undefined
  readonly status: number
  readonly requestId: string
}

/** Makes the spans of requests, and sends them away. */
export interface Tracing {
  /** @param traceparent the caller's trace (W3C Trace Context), or anything else: then a trace is begun */
  startRequest(method: string, traceparent: string): RequestTrace & { end(answered: Answered): void }
  /** Sends what has ended, and waits a while for that at most. Never fails. */
  close(): Promise<void>
}

/**
 * The trace of the request in hand. There is none where tracing is off, and outside of requests: then nothing below
 * does anything but the work itself.
 */
export const requestTrace = new AsyncLocalStorage<RequestTrace>()

/** Begins a part of the request in hand; undefined where it has no trace. */
export function startPart(name: string): Part | undefined {
  return requestTrace.getStore()?.part(name)
}

/** Does work as a part of the request in hand. */
export function traced<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  return endedBy(startPart(name), work())
}

/** Ends a part when the work is done. */
export function endedBy<Result>(part: Part | undefined, work: Promise<Result>): Promise<Result> {
  return part === undefined ? work : ending(part, work)
}

async function ending<Result>(part: Part, work: Promise<Result>): Promise<Result> {
  try {
    const result = await work
    part.end()
    return result
  } catch (error) {
    part.end(true)
    throw error
  }
}
