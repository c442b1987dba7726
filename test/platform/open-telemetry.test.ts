import { openTracing } from '../../src/platform/open-telemetry.ts'
import type { Tracing } from '../../src/platform/tracing.ts'
import type { TracingSettings } from '../../src/platform/tracing-settings.ts'
import { type Collector, callerTrace, startCollector } from '../support/collector.ts'
import { createMemoryLogger } from '../support/log.ts'

/** As many as make the exporter send without waiting for more. */
const ONE_EXPORT = 512
/** As many as wait at most. */
const QUEUE = 2048

let collector: Collector
afterEach(() => collector.close())

async function open(
  answer: number | 'none',
  settings: Partial<TracingSettings> = {},
): Promise<{ tracing: Tracing; lines: string[] }> {
  collector = await startCollector(answer)
  const { logger, lines } = createMemoryLogger()
  const url = `${collector.url}/v1/traces`
  const all = { url, sampler: 'parentbased_always_on', ratio: 1, ...settings } as const
  return { tracing: openTracing(all, 'http', logger), lines }
}

function request(tracing: Tracing, traceparent = ''): void {
  tracing.startRequest('GET', traceparent).end({ route: '/', path: '/', status: 200, requestId: 'one' })
}

it.each<[TracingSettings['sampler'], number, string[]]>([
  ['always_on', 0, ['none', 'sampled', 'not sampled']],
  ['always_off', 1, []],
  ['traceidratio', 1, ['none', 'sampled', 'not sampled']],
  ['traceidratio', 0, []],
  ['parentbased_always_on', 0, ['none', 'sampled']],
  ['parentbased_always_off', 1, ['sampled']],
  ['parentbased_traceidratio', 1, ['none', 'sampled']],
  ['parentbased_traceidratio', 0, ['sampled']],
])('with the sampler %s and %d sends the traces whose caller says: %j', async (sampler, ratio, expected) => {
  const { tracing } = await open(200, { sampler, ratio })
  const callers = { sampled: callerTrace(true), 'not sampled': callerTrace(false) }
  request(tracing)
  for (const { headers } of Object.values(callers)) request(tracing, headers.traceparent)
  await tracing.close()
  const said = new Map(Object.entries(callers).map(([name, { traceId }]) => [traceId, name]))
  expect(collector.spans().map(({ traceId }) => said.get(traceId) ?? 'none')).toEqual(expected)
})

it.each([
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  '00-00000000000000000000000000000000-b7ad6b7169203331-01',
  '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x',
  '00-0AF7651916CD43DD8448EB211C80319C-B7AD6B7169203331-01',
  'x'.repeat(100),
])('begins a trace where the caller names none: %s', async traceparent => {
  const { tracing } = await open(200)
  request(tracing, traceparent)
  await tracing.close()
  const [{ traceId, parentSpanId } = { traceId: '' }] = collector.spans()
  expect(traceId).toMatch(/^[0-9a-f]{32}$/)
  expect(traceparent).not.toContain(traceId)
  expect(parentSpanId).toBeUndefined()
})

it('names a span after no method that is not one of HTTP', async () => {
  const { tracing } = await open(200)
  tracing.startRequest('PROPFIND', '').end({ route: undefined, path: '/', status: 404, requestId: 'one' })
  await tracing.close()
  expect(collector.spans()).toMatchObject([{ name: 'HTTP', attributes: { 'http.request.method': '_OTHER' } }])
})

describe('a collector', () => {
  it('that refuses what it is sent is told of once', async () => {
    const { tracing, lines } = await open(400)
    for (let count = 0; count < 2 * ONE_EXPORT; count += 1) request(tracing)
    await tracing.close()
    expect(collector.requests.length).toBeGreaterThan(1)
    expect(lines.map(line => JSON.parse(line))).toMatchObject([
      { level: 40, msg: 'traces are not sent as they should be', err: { code: 400 } },
    ])
  })

  it('that answers nothing is waited for 3 s at most, with no more kept than can wait', async () => {
    const { tracing, lines } = await open('none')
    for (let count = 0; count < 2 * QUEUE; count += 1) request(tracing)
    const started = performance.now()
    await tracing.close()
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('no answer within 3000 ms')
    expect(collector.spans().length).toBeLessThanOrEqual(QUEUE + ONE_EXPORT)
  })
})
