import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { bodyEndedEarly, keepBody } from '../http/body.ts'
import type { ClientCertificate } from '../http/client-certificate.ts'
import type { RequestState } from '../http/context.ts'
import { rateLimitHeaders } from '../http/rate-limit-headers.ts'
import type { Requests } from '../http/request-context.ts'
import { beginTrace, keepTrace } from '../http/trace-requests.ts'
import type { RateDecision } from '../platform/rate-limiter.ts'
import { requestTrace, type Tracing } from '../platform/tracing.ts'
import type { OAuthRequest } from './exchange.ts'
import { keepOAuthRequest, oauthRequestOf } from './oauth-request.ts'
import { isPlainHead } from './plain-head.ts'

/** An answer of the short way, in JSON. */
export interface PlainAnswer {
  /** 200 when not given. */
  readonly status?: number
  /** Names and values in turn. */
  readonly headers?: readonly string[]
  /** The limit that it was counted against, where that is not the pass's own. */
  readonly rate?: RateDecision | undefined
  readonly body: object
  /** Told when it has been answered, for the operator's metrics. */
  observe(): void
}

/** Answers the plain case of an endpoint. */
export interface PlainEndpoint {
  readonly path: string
  /** Whether it grants tokens. */
  readonly grants: boolean
  /** @returns undefined when the request is for the reference to answer; then nothing was written */
  answer(
    request: OAuthRequest,
    headers: IncomingMessage['headers'],
    form: Buffer,
  ): Promise<PlainAnswer | undefined>
}

/** What went wrong on the short way after something may have been written: the reference answers it, and does not try again. */
const faults = new WeakMap<IncomingMessage, { readonly fault: unknown }>()

/** @throws what the short way has failed with */
export function assertNotFailed(request: IncomingMessage): void {
  const failed = faults.get(request)
  if (failed) throw failed.fault
}

/**
 * The short way: answers the plain cases of the endpoints that are asked thousands of times a second before any framework
 * has seen the request. Everything else, refusals included, is handed on with the body that was read, to the way that all
 * other requests go: it is the reference, and answers the same request the same way.
 */
export class ShortWay {
  /** By their paths. */
  readonly endpoints: ReadonlyMap<string, PlainEndpoint>
  readonly #requests: Requests
  readonly #certificate: ClientCertificate | undefined
  readonly #tracing: Tracing | undefined

  constructor(
    endpoints: readonly PlainEndpoint[],
    {
      requests,
      certificate,
      tracing,
    }: {
      readonly requests: Requests
      /** Undefined: no proxy tells of certificates. */
      readonly certificate: ClientCertificate | undefined
      /** Undefined: requests have no traces. */
      readonly tracing: Tracing | undefined
    },
  ) {
    this.endpoints = new Map(endpoints.map(endpoint => [endpoint.path, endpoint]))
    this.#requests = requests
    this.#certificate = certificate
    this.#tracing = tracing
  }

  /** @param reference answers whatever is not plain */
  before(reference: RequestListener): RequestListener {
    return (request, response) => {
      const endpoint = request.method === 'POST' ? this.endpoints.get(request.url ?? '') : undefined
      if (!endpoint || !isPlainHead(request)) {
        reference(request, response)
        return
      }
      const state = this.#requests.begin(request)
      const trace = this.#tracing && beginTrace(this.#tracing, request)
      const handOn = () => {
        this.#requests.keep(request, state)
        if (trace) keepTrace(request, trace)
        reference(request, response)
      }
      const answer = (form: Buffer) => {
        const work = () => this.#answer(endpoint, request, response, state, form)
        void (trace ? requestTrace.run(trace, work) : work()).then(status => {
          if (status === undefined) return handOn()
          trace?.end({ route: endpoint.path, path: endpoint.path, status, requestId: state.requestId })
        })
      }
      const brokeOff = () => {
        faults.set(request, { fault: bodyEndedEarly() })
        handOn()
      }
      const chunks: Buffer[] = []
      request.once('error', brokeOff)
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.once('end', () => {
        request.off('error', brokeOff)
        answer(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks))
      })
    }
  }

  /** @returns the status that it has answered with, if it has; never fails */
  async #answer(
    endpoint: PlainEndpoint,
    request: IncomingMessage,
    response: ServerResponse,
    state: RequestState,
    form: Buffer,
  ): Promise<number | undefined> {
    let asked: OAuthRequest | undefined
    try {
      state.certificate = this.#certificate?.(request)
      asked = oauthRequestOf(request, state, endpoint.path, endpoint.grants)
      const plain = await endpoint.answer(asked, request.headers, form)
      if (plain) {
        const { status = 200 } = plain
        send(response, state.requestId, { rate: asked.rate, ...plain })
        plain.observe()
        this.#requests.answered(state, { method: 'POST', route: endpoint.path, path: endpoint.path, status })
        return status
      }
    } catch (fault) {
      faults.set(request, { fault })
    }
    keepBody(request, form)
    if (asked) keepOAuthRequest(request, asked)
    return undefined
  }
}

/** What every answer has; names and values in turn. */
const ALWAYS = [
  ...['Content-Type', 'application/json; charset=utf-8', 'Cache-Control', 'no-store'],
  ...['X-Content-Type-Options', 'nosniff'],
]

function send(
  response: ServerResponse,
  requestId: string,
  { status = 200, headers = [], rate, body }: PlainAnswer,
): void {
  const json = JSON.stringify(body)
  const length = String(Buffer.byteLength(json))
  const head = ['X-Request-Id', requestId, 'Content-Length', length, ...ALWAYS, ...headers]
  if (rate) head.push(...Object.entries(rateLimitHeaders(rate)).flat())
  response.writeHead(status, head).end(json)
}
