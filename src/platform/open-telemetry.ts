/** All that knows OpenTelemetry's SDK: loaded where traces are wanted, and nowhere else. */
import {
  type Context,
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { AnchoredClock, parseTraceParent, setGlobalErrorHandler } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
  serviceNameEnvDetector,
} from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import packageJson from '../../package.json' with { type: 'json' }
import type { Logger } from './logger.ts'
import { within } from './redis.ts'
import {
  type Answered,
  type Part,
  type RequestTrace,
  requestTrace,
  type StoreCall,
  type TraceIds,
  type Tracing,
} from './tracing.ts'
import type { TracingSettings } from './tracing-settings.ts'

/** Longest wait at the end for a collector to take what is left. */
const FLUSH_MS = 3_000
const TOLD_AGAIN_AFTER_MS = 60_000
/** The methods that a span may be named after; whatever else was asked is one kind. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'CONNECT'])

/** Starts OpenTelemetry. Its packages read headers, timeouts, certificates and the resource from the standard variables. */
export function openTracing(
  { url, sampler, ratio }: TracingSettings,
  scheme: string,
  logger: Logger,
): Tracing {
  // What is sent is nobody's in particular, although some request may have set it off.
  const tell = atMostOnceIn(TOLD_AGAIN_AFTER_MS, (reason: object) =>
    requestTrace.exit(() => logger.warn(reason, 'traces are not sent as they should be')),
  )
  const fail = (error: unknown) => tell({ err: error })
  const warn = (message: string) => tell({ reason: message })
  const ignore = () => {}
  setGlobalErrorHandler(fail)
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
  const provider = new TracerProvider({
    resource: defaultResource()
      .merge(
        resourceFromAttributes({ 'service.name': packageJson.name, 'service.version': packageJson.version }),
      )
      .merge(
        detectResources({
          detectors: [serviceInstanceIdDetector, resourceAttributesEnvDetector, serviceNameEnvDetector],
        }),
      ),
    sampler: samplerOf(sampler, ratio),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url }) })],
  })
  const tracer = provider.getTracer(packageJson.name, packageJson.version)
  return {
    startRequest: (method, traceparent) => new ServerTrace(tracer, scheme, method, traceparent),
    close: () => within(FLUSH_MS, provider.shutdown()).catch(fail),
  }
}

/** A request as a span, by the semantic conventions for HTTP; its parts are spans below it. */
class ServerTrace implements RequestTrace {
  readonly ids: TraceIds
  readonly #tracer: Tracer
  readonly #method: string
  readonly #span: Span
  readonly #context: Context
  /** Spans by themselves begin at whole milliseconds, and what is looked for takes less. */
  readonly #clock = new AnchoredClock(Date, performance)

  constructor(tracer: Tracer, scheme: string, method: string, traceparent: string) {
    const known = METHODS.has(method)
    const caller = parseTraceParent(traceparent)
    const context = caller ? trace.setSpanContext(ROOT_CONTEXT, { ...caller, isRemote: true }) : ROOT_CONTEXT
    this.#method = known ? method : 'HTTP'
    this.#tracer = tracer
    this.#span = tracer.startSpan(
      this.#method,
      {
        kind: SpanKind.SERVER,
        startTime: this.#clock.now(),
        attributes: { 'http.request.method': known ? method : '_OTHER', 'url.scheme': scheme },
      },
      context,
    )
    this.#context = trace.setSpan(context, this.#span)
    const { traceId, spanId } = this.#span.spanContext()
    this.ids = { trace_id: traceId, span_id: spanId }
  }

  part(name: string): Part | undefined {
    return this.#begin(name, {})
  }

  call({ system, operation, table, took = 0 }: StoreCall): Part | undefined {
    const attributes = {
      'db.system.name': system,
      ...(operation === undefined ? {} : { 'db.operation.name': operation }),
      ...(table === undefined ? {} : { 'db.collection.name': table }),
    }
    const name = [operation, table].filter(Boolean).join(' ') || system
    return this.#begin(name, { kind: SpanKind.CLIENT, attributes }, took)
  }

  /** Of a trace that is not sent, no part is begun. */
  #begin(first: string, options: SpanOptions, took = 0): Part | undefined {
    if (!this.#span.isRecording()) return undefined
    const start = (name: string, startTime: number) =>
      this.#tracer.startSpan(name, { ...options, startTime }, this.#context)
    let span = start(first, this.#clock.now() - took)
    return {
      next: name => {
        const now = this.#clock.now()
        span.end(now)
        span = start(name, now)
      },
      end: (failed = false) => {
        if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
        span.end(this.#clock.now())
      },
    }
  }

  end({ route, path, status, requestId }: Answered): void {
    const span = this.#span
    if (route !== undefined) {
      span.updateName(`${this.#method} ${route}`)
      span.setAttribute('http.route', route)
      // Any other path has something of the caller's in it: an id, or what should not have been sent there.
      if (path === route) span.setAttribute('url.path', path)
    }
    span.setAttributes({
      'http.response.status_code': status,
      'http.response.header.x-request-id': [requestId],
    })
    if (status >= 500) {
      span.setStatus({ code: SpanStatusCode.ERROR })
      span.setAttribute('error.type', String(status))
    }
    span.end(this.#clock.now())
  }
}

function samplerOf(name: TracingSettings['sampler'], ratio: number): Sampler {
  const [, parentBased, root] = /^(parentbased_)?(.+)$/.exec(name) ?? []
  const own =
    root === 'always_off'
      ? new AlwaysOffSampler()
      : root === 'traceidratio'
        ? new TraceIdRatioBasedSampler(ratio)
        : new AlwaysOnSampler()
  return parentBased ? new ParentBasedSampler({ root: own }) : own
}

/** A collector that is down fails again and again, and would fill the log. */
function atMostOnceIn<Told>(milliseconds: number, tell: (told: Told) => void): (told: Told) => void {
  let quietUntil = 0
  return told => {
    const now = performance.now()
    if (now < quietUntil) return
    quietUntil = now + milliseconds
    tell(told)
  }
}
