import packageJson from '../../package.json' with { type: 'json' }
import type { TestPlace } from '../support/backend.ts'
import { type Collector, startCollector } from '../support/collector.ts'
import { eachInPlace, placeEnv, startProcess } from '../support/process.ts'
import { firstProject, remote } from '../support/remote.ts'

const GRANT = 'POST /v1/api/oauth/token'
/** Far less than the exporter itself goes on trying. */
const PROMPT_MS = 6_000
/** Says on standard error that OpenTelemetry's SDK is loaded. */
const WATCH_LOADING = `import { registerHooks } from 'node:module'
registerHooks({
  load(url, context, next) {
    if (url.includes('@opentelemetry/sdk-trace/')) process.stderr.write('the SDK is loaded\\n')
    return next(url, context)
  },
})`

let place: TestPlace
let collector: Collector

eachInPlace(made => {
  place = made
})

/** Starts a server, makes a grant, and ends the server. @returns how it ended, and how long that took */
async function grantAndEnd(env: Record<string, string>) {
  const node = await startProcess({
    ...placeEnv(place),
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(WATCH_LOADING)}`,
    ...env,
  })
  const api = remote(node.url, firstProject(node.stdout()))
  const { credentials } = await api.createPass()
  const token = await api.fetchToken(credentials)
  const started = performance.now()
  const ended = await node.end('SIGTERM')
  return { ...ended, token, endedAfterMs: performance.now() - started }
}

it('loads nothing of OpenTelemetry’s SDK where no collector is named', async () => {
  const { code, stderr } = await grantAndEnd({})
  expect([code, stderr]).toEqual([0, ''])
})

describe('SIGTERM', () => {
  afterEach(() => collector.close())

  it('has the spans that have ended sent, with the headers and the resource of the standard variables', async () => {
    collector = await startCollector()
    const { code, stdout, stderr, token } = await grantAndEnd({
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/of/mine/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-collector-key=a%20key',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=overruled',
      OTEL_SERVICE_NAME: 'tokens-of-the-test',
    })
    expect(code).toBe(0)
    expect(stderr).toContain('the SDK is loaded')
    expect(collector.requests.at(-1)).toMatchObject({
      path: '/of/mine/v1/traces',
      headers: { 'content-type': 'application/json', 'x-collector-key': 'a key' },
    })
    expect(collector.resource()).toMatchObject({
      'service.name': 'tokens-of-the-test',
      'service.version': packageJson.version,
      'service.instance.id': expect.any(String),
      'deployment.environment.name': 'test',
    })
    const span = collector.spans().find(({ name }) => name === GRANT)
    expect(stdout).toContain(`"trace_id":"${span?.traceId}","span_id":"${span?.spanId}"`)
    expect(collector.requests.map(({ body }) => body).join('')).not.toContain(token)
  })

  it('does not wait long for a collector that answers nothing, which no request has noticed', async () => {
    collector = await startCollector('none')
    const { code, stdout, endedAfterMs } = await grantAndEnd({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
    expect(code).toBe(0)
    expect(endedAfterMs).toBeLessThan(PROMPT_MS)
    expect(collector.spans().map(({ name }) => name)).toContain(GRANT)
    expect(collector.resource()).toMatchObject({ 'service.name': 'sentinel-pass' })
    expect(stdout.match(/"level":[45]0/g)).toHaveLength(1)
  })
})
