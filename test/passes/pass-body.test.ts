import { managementOf, pointersOf } from '../support/management.ts'
import { startServer, type TestProject, type TestServer } from '../support/server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.close())

function post(project: TestProject, body: string, contentType = 'application/json') {
  return server.http
    .post(`${project.path}/sentinel_passes`)
    .set('Api-Key', project.apiKey)
    .type(contentType)
    .send(body)
}

describe('the body of a new pass', () => {
  it.each([
    ['{}', ['/sentinelPass']],
    ['{"sentinelPass":{}}', ['/sentinelPass/title']],
    ['{"sentinelPass":[]}', ['/sentinelPass']],
    ['{"sentinelPass":null}', ['/sentinelPass']],
    ['{"sentinelPass":"a"}', ['/sentinelPass']],
    ['{"sentinelPass":{"title":"A"},"more":1}', ['/more']],
    ['{"title":"A"}', ['/sentinelPass', '/title']],
    ['[]', ['']],
    ['null', ['']],
    ['""', ['']],
  ])('is refused where it is not a pass: %s', async (text, pointers) => {
    const { body, status } = await post(await server.createProject(), text)
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual(pointers)
  })

  it('is refused when there is none', async () => {
    const project = await server.createProject()
    const answer = await server.http.post(`${project.path}/sentinel_passes`).set('Api-Key', project.apiKey)
    expect({ status: answer.status, code: answer.body.code }).toEqual({
      status: 400,
      code: 'validation_failed',
    })
  })

  it.each(['{', '{"sentinelPass":{"title":"A"}', 'title=A'])(
    'is refused when it is not JSON: %s',
    async text => {
      const { body, status } = await post(await server.createProject(), text)
      expect({ status, code: body.code }).toEqual({ status: 400, code: 'malformed_body' })
    },
  )

  it('is refused in another media type', async () => {
    const { body, status } = await post(await server.createProject(), '{}', 'text/plain')
    expect({ status, code: body.code }).toEqual({ status: 415, code: 'unsupported_media_type' })
  })

  it('is refused when it is too large', async () => {
    const { body, status } = await post(
      await server.createProject(),
      JSON.stringify({ sentinelPass: { title: 'A', description: 'x'.repeat(300_000) } }),
    )
    expect({ status, code: body.code }).toEqual({ status: 413, code: 'body_too_large' })
  })
})

describe('the bodies of rotate_key and revoke', () => {
  it.each([
    ['rotate_key', { gracePeriodSeconds: -1 }, '/gracePeriodSeconds'],
    ['rotate_key', { gracePeriodSeconds: 1.5 }, '/gracePeriodSeconds'],
    ['rotate_key', { gracePeriodSeconds: '60' }, '/gracePeriodSeconds'],
    ['rotate_key', { gracePeriodSeconds: 2_592_001 }, '/gracePeriodSeconds'],
    ['rotate_key', { grace: 60 }, '/grace'],
    ['revoke', { revokeTokens: 'true' }, '/revokeTokens'],
    ['revoke', { tokens: true }, '/tokens'],
  ] as const)('refuse what they do not know: %s %j', async (act, sent, pointer) => {
    const project = await server.createProject()
    const passes = managementOf(server, project)
    const pass = await server.createPass(project)
    const { body, status } = await passes.act(pass.id, act, sent)
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'validation_failed' })
    expect(pointersOf(body)).toEqual([pointer])
    const read = await passes.read(pass.id)
    expect(read.body.data.attributes).toEqual(pass.attributes)
  })
})
