import { z } from 'zod'

/** The samplers that OpenTelemetry names: which traces are sent, and whether the caller's own decision counts. */
export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const

/** Where traces go, and which. */
export interface TracingSettings {
  /** The address that takes traces by OTLP over HTTP. */
  readonly url: string
  readonly sampler: (typeof SAMPLERS)[number]
  /** The share of traces that `traceidratio` keeps, from 0 to 1. */
  readonly ratio: number
}

/** The base URL of a collector, as OpenTelemetry has it: traces have their own path below it. No fault repeats the value. */
export const otlpEndpoint = z.string().transform((value, context) => {
  const url = URL.parse(value)
  if (!url || !['http:', 'https:'].includes(url.protocol) || url.search || url.hash) {
    context.addIssue('must be an http or https URL without query or fragment')
    return z.NEVER
  }
  return `${url.href.replace(/\/+$/, '')}/v1/traces`
})
