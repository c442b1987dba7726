import type { ParameterizedContext } from 'koa'

/** What the server knows of every request. */
export interface RequestState {
  requestId: string
  /** Milliseconds since the epoch, by the injected clock. */
  startedAt: number
  /** A monotonic reading of the same instant, in milliseconds. */
  startedAtMonotonic: number
  clientIp: string
  /** The SHA-256 thumbprint of the client's certificate; undefined: a trusted proxy has told of none. */
  certificate?: string | undefined
}

export type Context = ParameterizedContext<RequestState>
